"""Content codings as servers and proxies use and misuse them: a name for the header, and the bytes that go with it."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Coding(StrEnum):
    """How the body of an answer is packed."""

    NONE = auto()
    GZIP = auto()
    X_GZIP = auto()
    GZIP_IN_CAPITALS = auto()
    GZIP_TWICE = auto()
    GZIP_IN_PARTS = auto()
    GZIP_IN_NAME_ONLY = auto()
    GZIP_CUT_SHORT = auto()
    DEFLATE = auto()
    DEFLATE_RAW = auto()
    DEFLATE_IN_GZIP = auto()
    IDENTITY = auto()
    IDENTITY_IN_CAPITALS = auto()
    BLANK = auto()
    NO_NAME = auto()
    CHARSET = auto()
    CHUNKED = auto()
    CHUNKED_GZIP = auto()
    BROTLI = auto()
    ZSTANDARD = auto()

    @property
    def header(self) -> dict[str, str]:
        """The header that names it; none for a body that is plain."""
        packing = _PACKINGS.get(self)
        return {} if packing is None else {"Content-Encoding": packing.name}

    def pack(self, body: bytes) -> bytes:
        """Return the body as it is sent."""
        packing = _PACKINGS.get(self)
        return body if packing is None else packing.pack(body)


@dataclass(frozen=True, slots=True)
class _Packing:
    name: str
    pack: Callable[[bytes], bytes]


def _plain(body: bytes) -> bytes:
    return body


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1)


def _gzip_twice(body: bytes) -> bytes:
    return _gzip(_gzip(body))


def _gzip_in_parts(body: bytes) -> bytes:
    """Two members, one after the other, which together are one body."""
    half = len(body) // 2
    return _gzip(body[:half]) + _gzip(body[half:])


def _gzip_cut_short(body: bytes) -> bytes:
    whole = _gzip(body)
    return whole[: len(whole) // 2]


def _deflate_raw(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def _deflate_in_gzip(body: bytes) -> bytes:
    return _gzip(zlib.compress(body))


def _no_coding_of_ours(body: bytes) -> bytes:
    """Bytes that stand for a body that cannot be decoded without a library that nobody has."""
    return bytes(byte ^ 0xA5 for byte in body)


_PACKINGS: dict[Coding, _Packing] = {
    Coding.GZIP: _Packing("gzip", _gzip),
    Coding.X_GZIP: _Packing("x-gzip", _gzip),
    Coding.GZIP_IN_CAPITALS: _Packing(" GZip ", _gzip),
    Coding.GZIP_TWICE: _Packing("gzip, gzip", _gzip_twice),
    Coding.GZIP_IN_PARTS: _Packing("gzip", _gzip_in_parts),
    Coding.GZIP_IN_NAME_ONLY: _Packing("gzip", _plain),
    Coding.GZIP_CUT_SHORT: _Packing("gzip", _gzip_cut_short),
    Coding.DEFLATE: _Packing("deflate", zlib.compress),
    Coding.DEFLATE_RAW: _Packing("deflate", _deflate_raw),
    Coding.DEFLATE_IN_GZIP: _Packing("deflate, gzip", _deflate_in_gzip),
    Coding.IDENTITY: _Packing("identity", _plain),
    Coding.IDENTITY_IN_CAPITALS: _Packing("Identity", _plain),
    Coding.BLANK: _Packing("", _plain),
    Coding.NO_NAME: _Packing("none", _plain),
    Coding.CHARSET: _Packing("utf-8", _plain),
    Coding.CHUNKED: _Packing("aws-chunked", _plain),
    Coding.CHUNKED_GZIP: _Packing("aws-chunked, gzip", _gzip),
    Coding.BROTLI: _Packing("br", _no_coding_of_ours),
    Coding.ZSTANDARD: _Packing("zstd", _no_coding_of_ours),
}

LOST: frozenset[Coding] = frozenset({Coding.BROTLI, Coding.ZSTANDARD, Coding.GZIP_CUT_SHORT})
"""Those out of which a client that did not ask for them gets nothing."""
