"""The responses to requests for pictures: encoded here for every way that a request takes."""

from functools import lru_cache
from typing import Final, NamedTuple

from cachetools import LRUCache

from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.web.responses import compression
from avatars_as_a_service.web.responses.encoded_headers import EncodedHeaders, Header
from avatars_as_a_service.web.responses.hits import EncodedResponse
from avatars_as_a_service.web.responses.security_policy import SECURITY_HEADERS

FOR_EVER: Final = "public, max-age=31536000, immutable"
KEPT: Final = "public, max-age=300, stale-while-revalidate=86400"
PROVISIONAL: Final = "public, max-age=10"
SVG_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_EXPOSED: Final = (
    b"Content-Location",
    b"ETag",
    b"Link",
    b"RateLimit",
    b"RateLimit-Policy",
    b"Retry-After",
    b"X-Avatar-Hash",
    b"X-Avatar-Signature",
    b"X-Avatar-Status",
    b"X-Request-ID",
)
SHARED: Final[tuple[Header, ...]] = (
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b", ".join(_EXPOSED)),
)
"""The headers of a picture that any site's page may show, in a canvas too."""
_MAX_PICTURE_HEADERS: Final = 16_384
"""Responses whose headers are remembered."""
_compressed: LRUCache[str, bytes] = LRUCache(4 * 2**20, getsizeof=len)


class _Form(NamedTuple):
    """What decides the headers that many pictures share."""

    kind: PictureFormat
    lifetime: str
    is_shared: bool
    is_negotiated: bool
    is_text: bool
    is_compressed: bool


def picture_reply(
    picture: Picture,
    *,
    lifetime: str,
    if_none_match: str | None,
    accepts_gzip: bool,
    is_shared: bool,
    is_negotiated: bool = False,
    more: tuple[Header, ...] = (),
) -> EncodedResponse:
    """The picture, or 304 if the client has it, with ``more`` headers; ``is_negotiated`` if ``Accept`` chose it."""
    etag = f'"{picture.digest}"'
    is_text = picture.format is PictureFormat.SVG and len(picture.data) >= compression.MIN_BYTES
    known = None if if_none_match is None else compression.matching_tag(if_none_match, etag)
    is_compressed = is_text and accepts_gzip and known is None
    form = _Form(picture.format, lifetime, is_shared, is_negotiated, is_text, is_compressed)
    make = _headers if more else _remembered_headers
    if known is None:
        body = _gzipped(picture) if is_compressed else picture.data
        tag = compression.gzip_tag(etag) if is_compressed else etag
        reply = EncodedResponse(200, make(form, tag, len(body), more), body)
    else:
        reply = EncodedResponse(304, make(form, known, None, more))
    reply.is_shared = is_shared
    return reply


def _gzipped(picture: Picture) -> bytes:
    compressed = _compressed.get(picture.digest)
    if compressed is None:
        compressed = compression.gzipped(picture.data)
        if len(compressed) <= _compressed.maxsize:
            _compressed[picture.digest] = compressed
    return compressed


def _headers(form: _Form, tag: str, length: int | None, more: tuple[Header, ...]) -> EncodedHeaders:
    """The headers of one picture; ``length`` is its body's, ``None`` if it has none."""
    length_header = () if length is None else ((b"content-length", b"%d" % length),)
    return _common_headers(form, has_body=length is not None).plus_all(((b"etag", tag.encode()), *more, *length_header))


_remembered_headers: Final = lru_cache(_MAX_PICTURE_HEADERS)(_headers)


@lru_cache(256)
def _common_headers(form: _Form, *, has_body: bool) -> EncodedHeaders:
    """The headers that all pictures of this form share."""
    headers = {b"cache-control": form.lifetime.encode(), **dict(SECURITY_HEADERS)}
    if has_body:
        headers[b"content-type"] = form.kind.media_type.encode()
    if form.is_compressed:
        headers[b"content-encoding"] = b"gzip"
    if form.kind is PictureFormat.SVG:
        headers[b"content-security-policy"] = SVG_POLICY.encode()
    if form.is_negotiated or form.is_text:
        headers[b"vary"] = b", ".join([b"Accept"] * form.is_negotiated + [b"Accept-Encoding"] * form.is_text)
    return EncodedHeaders.of([*headers.items(), *(SHARED if form.is_shared else ())])
