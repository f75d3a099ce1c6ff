"""The headers ``Accept`` and ``Accept-Encoding``: which picture format suits a client best, and whether gzip does."""

from functools import lru_cache
from typing import Final

from avatars_as_a_service.domain.picture import PictureFormat

MAX_ACCEPT: Final = 1_000
"""Browsers send a hundred. A longer header is ignored."""
_MAX_ACCEPT_ENCODING: Final = 256
_ANYTHING: Final = "*/*"
_SVG: Final = PictureFormat.SVG
_OTHERWISE: Final = PictureFormat.PNG


def _ranges(accept: str) -> dict[str, float]:
    """The media ranges with their weights from 0 to 1; unreadable ones are left out."""
    ranges = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [value.strip() for key, _, value in (p.partition("=") for p in parameters) if key.strip() == "q"]
        try:
            ranges[name] = float(weights[0]) if weights else 1.0
        except ValueError:
            continue
    return ranges


def best_format(accept: str | None, offered: tuple[PictureFormat, ...]) -> PictureFormat:
    """The offered format with the highest weight; of several that the client names, the first.

    PNG if the client names no format (``*/*``) or accepts none of the offered ones: a picture is worth more than a
    406. An SVG goes only to a client that names it: mail programs send ``image/*`` and show none.
    """
    ranges = _ranges(_ANYTHING if accept is None or len(accept) > MAX_ACCEPT else accept)
    weights = {kind: _weight(kind, ranges) for kind in offered if kind is not _SVG or _SVG.media_type in ranges}
    preferred = [kind for kind in weights if weights[kind] == max(weights.values()) > 0]
    named = [kind for kind in preferred if kind.media_type in ranges]
    if named or not preferred:
        return (named or [_OTHERWISE])[0]
    return _OTHERWISE if _OTHERWISE in preferred else preferred[0]


def _weight(kind: PictureFormat, ranges: dict[str, float]) -> float:
    """The weight of the most specific range that matches: RFC 9110, 12.5.1."""
    return next((ranges[name] for name in (kind.media_type, "image/*", _ANYTHING) if name in ranges), 0)


def accepts_gzip(accept_encoding: bytes | None) -> bool:
    """Whether the client takes gzip; a header that is longer than any client's is ignored."""
    return accept_encoding is not None and len(accept_encoding) <= _MAX_ACCEPT_ENCODING and _names_gzip(accept_encoding)


@lru_cache(256)
def _names_gzip(accept_encoding: bytes) -> bool:
    weights = {}
    for part in accept_encoding.lower().split(b","):
        name, _, parameter = (piece.strip() for piece in part.partition(b";"))
        weights[name] = parameter.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return weights.get(b"gzip", weights.get(b"*", False))
