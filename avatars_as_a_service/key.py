"""The key of a face: equal for equal features on every machine, for ever."""

import json
from dataclasses import fields
from enum import StrEnum
from hashlib import sha256
from typing import Final

from avatars_as_a_service.features import Features

KEY_LENGTH: Final = 32


class Artist(StrEnum):
    """Who draws: a paid image model or the local artist. Their faces never share a key."""

    MODEL = "model"
    LOCAL = "local"


def canonical_text(features: Features, *, edition: str, artist: Artist) -> str:
    """The JSON text that is hashed: keys sorted, no spaces, only the features that have a value.

    ``glasses`` and ``variant`` count only when they are not ``False`` and not 0, and a feature that is ``None`` not at
    all, so that a feature which is added later leaves every old key as it is.
    """
    said: dict[str, str | bool | int] = {"artist": artist, "edition": edition}
    for field in fields(features):
        value = getattr(features, field.name)
        if value:
            said[field.name] = value
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def image_hash(features: Features, *, edition: str, artist: Artist) -> str:
    """The first 32 hex characters of the SHA-256 of the canonical text."""
    return sha256(canonical_text(features, edition=edition, artist=artist).encode()).hexdigest()[:KEY_LENGTH]
