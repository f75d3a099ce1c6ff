"""``Accept``: which format of a picture a client is best served with."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from avatars_as_a_service.picture import PictureFormat

_LONGEST: Final = 1_000
"""Characters; browsers send a hundred. A longer one says nothing."""
_ANYTHING: Final = "*/*"


@lru_cache(512)
def _ranges(accept: str) -> dict[str, float]:
    """What may be sent, each with its weight from 0 to 1; what cannot be read is left out."""
    ranges = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [value.strip() for key, _, value in (p.partition("=") for p in parameters) if key.strip() == "q"]
        try:
            ranges[name] = float(weights[0]) if weights else 1.0
        except ValueError:
            continue
    return ranges


def best_format(accept: str | None, offered: Sequence[PictureFormat], *, otherwise: PictureFormat) -> PictureFormat:
    """The offered format that the client likes best; of those that it names and likes equally the first.

    ``otherwise`` for who takes anything, and for who takes nothing of it: a picture is worth more than a 406.
    """
    ranges = _ranges(accept if accept is not None and len(accept) <= _LONGEST else _ANYTHING)
    weights = {kind: _weight(kind, ranges) for kind in offered}
    liked = [kind for kind in offered if weights[kind] == max(weights.values()) > 0]
    named = [kind for kind in liked if kind.media_type in ranges]
    if named or not liked:
        return (named or [otherwise])[0]
    return otherwise if otherwise in liked else liked[0]


def _weight(kind: PictureFormat, ranges: dict[str, float]) -> float:
    """By the most specific range that fits: RFC 9110, 12.5.1."""
    return next((ranges[name] for name in (kind.media_type, "image/*", _ANYTHING) if name in ranges), 0)
