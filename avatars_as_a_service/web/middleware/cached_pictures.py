"""Cached pictures: replies to ``GET /images/…`` from memory."""

from typing import Final

from avatars_as_a_service.domain.picture import SIZES
from avatars_as_a_service.pictures.rendition_service import RenditionService
from avatars_as_a_service.web.middleware.memo import remember
from avatars_as_a_service.web.requests.accept import accepts_gzip
from avatars_as_a_service.web.requests.parsing import parse_picture_name
from avatars_as_a_service.web.responses.hits import EncodedResponse
from avatars_as_a_service.web.responses.pictures import FOR_EVER, picture_reply

_IMAGES: Final = "/images/"
_MAX_MEMO_TAG_BYTES: Final = 256
_SIZES: Final[dict[bytes, int | None]] = {b"": None} | {b"size=%d" % size: size for size in SIZES}
"""The query strings that are answered here."""


class CachedPictures:
    """Replies with the pictures that this process remembers, and remembers each 304 until something is evicted."""

    def __init__(self, renditions: RenditionService, *, is_shared: bool) -> None:
        self._renditions = renditions
        self._is_shared = is_shared
        self._unchanged: dict[tuple[str, bytes, bool], tuple[bytes | None, EncodedResponse]] = {}
        self._cache_version = renditions.cache_version

    def reply(self, path: str, query: bytes, headers: dict[bytes, bytes]) -> EncodedResponse | None:
        """The reply to the request for this path and query string, if it is cached."""
        tags = headers.get(b"if-none-match")
        if self._cache_version != self._renditions.cache_version:
            self._cache_version = self._renditions.cache_version
            self._unchanged.clear()
        accepts = accepts_gzip(headers.get(b"accept-encoding"))
        unchanged = self._unchanged.get((path, query, accepts))
        if unchanged is not None and unchanged[0] == tags:
            return unchanged[1]
        if query not in _SIZES or not path.startswith(_IMAGES):
            return None
        name = parse_picture_name(path[len(_IMAGES) :])
        picture = name and self._renditions.get_cached(*name, _SIZES[query])
        if not picture:
            return None
        reply = picture_reply(
            picture,
            lifetime=FOR_EVER,
            if_none_match=None if tags is None else tags.decode("latin-1"),
            accepts_gzip=accepts,
            is_shared=self._is_shared,
        )
        # A reply without a body does not keep alive a picture that the cache has dropped.
        if not reply.body and len(tags or b"") <= _MAX_MEMO_TAG_BYTES:
            remember(self._unchanged, (path, query, accepts), (tags, reply))
        return reply
