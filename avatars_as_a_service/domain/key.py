"""The key of a face: equal for equal features on every machine, for ever."""

import json
import re
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final

from avatars_as_a_service.domain.features import Features

KEY_LENGTH: Final = 32
_KEY: Final = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}")


class Artist(StrEnum):
    """Draws a face: a paid image model or the local artist. Their faces never share a key."""

    MODEL = "model"
    LOCAL = "local"


def canonical_text(features: Features, *, edition: str, artist: Artist) -> str:
    """Return the JSON text that is hashed: sorted keys, no spaces, and only the features that have a value.

    A feature that is ``None`` or ``False`` and a variant of 0 are left out. So a feature that is added later leaves
    every old key as it is.
    """
    pieces = [f'"artist":"{artist}"', f'"edition":{_quoted(edition)}']
    for name in features.__dataclass_fields__:
        value = getattr(features, name)
        if value:
            # Written here: the library's encoder takes three times as long, on each request that is new.
            pieces.append(f'"{name}":"{value}"' if isinstance(value, str) else f'"{name}":{_plain(value)}')
    pieces.sort()
    return "{" + ",".join(pieces) + "}"


@lru_cache(16)
def _quoted(edition: str) -> str:
    return json.dumps(edition)


def _plain(value: bool | int) -> str:  # noqa: FBT001 - the value of a feature
    return "true" if value is True else str(value)


def image_hash(features: Features, *, edition: str, artist: Artist) -> str:
    """Return the face's key: the first 32 hex digits of the SHA-256 of the canonical text."""
    return sha256(canonical_text(features, edition=edition, artist=artist).encode()).hexdigest()[:KEY_LENGTH]


def is_key(text: str) -> bool:
    """Whether the text has a key's form."""
    return _KEY.fullmatch(text) is not None
