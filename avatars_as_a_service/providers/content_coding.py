"""Content codings (RFC 9110, 8.4.1): decodes a compressed body within bounds."""

import zlib
from collections.abc import Callable
from gzip import BadGzipFile, GzipFile
from io import BytesIO
from typing import Final

_MOST_CODINGS: Final = 4
"""The most codings on one body; a server uses one, and a proxy may add another."""
_DAMAGED: Final = (zlib.error, BadGzipFile, EOFError)


class AnswerTooLarge(Exception):
    """A body has more bytes than the largest accepted answer."""


def decoded(body: bytes, content_encoding: str, *, most: int) -> bytes:
    """Return the body without the codings that its ``Content-Encoding`` names.

    Unknown codings (``none``, ``utf-8``, ``aws-chunked``) are skipped, and so are codings that the body does not have:
    a proxy may decode a body and leave the header. Raises ``AnswerTooLarge`` as soon as there are more than ``most``
    bytes.
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    known = [_DECODERS[coding] for coding in codings if coding in _DECODERS]
    if len(known) > _MOST_CODINGS:
        return body
    for decode in reversed(known):
        try:
            body = decode(body, most)
        except _DAMAGED:
            continue
    return body


def _gunzipped(body: bytes, most: int) -> bytes:
    return _within(GzipFile(fileobj=BytesIO(body)).read(most + 1), most)


def _inflated(body: bytes, most: int) -> bytes:
    """Decode a zlib stream; some servers send it without zlib's header and checksum."""
    try:
        return _inflated_as(zlib.MAX_WBITS, body, most)
    except zlib.error:
        return _inflated_as(-zlib.MAX_WBITS, body, most)


def _inflated_as(window_bits: int, body: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(window_bits)
    inflated = _within(inflater.decompress(body, most + 1), most)
    if not inflater.eof:
        raise EOFError
    return inflated


def _within(body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise AnswerTooLarge
    return body


_DECODERS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
}
"""Neither ``br`` nor ``zstd``: no request asks for them, and Python 3.11 cannot decode them."""
