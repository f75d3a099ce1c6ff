"""Compression of text: gzip for the clients that take it, with an ETag of its own (RFC 9110, 8.8.3.3)."""

import re
import zlib
from typing import Final

MIN_BYTES: Final = 1_000
"""A shorter text is not compressed: its packet would be no smaller."""
_LEVEL: Final = 5
_GZIP_FORM: Final = 31
"""zlib's word for gzip's form with a window of 32 KiB."""
_MARK: Final = '-gzip"'
_PROXY_MARK: Final = re.compile(r'-(-gzip|br|zstd|deflate)"$')
"""What proxies add to an ETag whose text they compress in another way."""


def packer() -> "zlib._Compress":
    """A compressor for a text that comes in parts; equal text gives equal bytes."""
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_FORM)


def gzipped(data: bytes) -> bytes:
    """Compress; equal data gives equal bytes."""
    whole = packer()
    return whole.compress(data) + whole.flush()


def gzip_tag(etag: str) -> str:
    """The ETag of the compressed form."""
    return etag[:-1] + _MARK


def matching_tag(if_none_match: str, etag: str) -> str | None:
    """The ETag, or that of its gzip form, if the client has it (or ``*``) in the weak comparison; ``None`` for neither.

    RFC 9110, 13.1.2. The client is told the tag that it knows the text by.
    """
    tags = [_PROXY_MARK.sub('"', tag.strip().removeprefix("W/")) for tag in if_none_match.split(",")]
    if etag in tags or tags == ["*"]:
        return etag
    return gzip_tag(etag) if gzip_tag(etag) in tags else None
