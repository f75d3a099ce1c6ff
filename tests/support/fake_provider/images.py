"""The pictures that the provider draws, and the files that must not pass for a picture.

Each picture is a flat colour, distinct for each of the first 2^23 numbers, and a rectangle in one of eight places.
"""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.support.fake_provider.modes import Format, Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is drawn anew, to the same bytes, whenever they are asked for."""

    number: int
    width: int
    height: int
    format: Format

    @property
    def media_type(self) -> str:
        """The picture's media type."""
        return f"image/{self.format}"

    def data(self) -> bytes:
        """Return the picture's file."""
        return _ENCODERS[self.format](self)


def _colours(number: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return the ground's colour and the rectangle's, which differ in green alone."""
    mixed = number * 0x9E3779B1 % 2**23
    red, green, blue = mixed & 0xFF, mixed >> 16, mixed >> 8 & 0xFF
    return (red, green, blue), (red, green | 0x80, blue)


def _rows(width: int, height: int, place: int) -> Iterator[str]:
    """Yield each row as a text of 0 (ground) and 1 (rectangle)."""
    left, top = width * (1 + place % 4) // 8, height * (1 + 2 * (place // 4)) // 8
    right, bottom = left + max(1, width // 4), top + max(1, height // 4)
    marked = "0" * left + "1" * (right - left) + "0" * (width - right)
    for y in range(height):
        yield marked if top <= y < bottom else "0" * width


def _png(picture: Picture) -> bytes:
    """Write a PNG with a palette of two colours; the pixels are the same for every colour."""
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 1, 3, 0, 0, 0)
    palette = bytes(itertools.chain(*_colours(picture.number)))
    pixels = _png_pixels(picture.width, picture.height, picture.number % 8)
    return _png_file((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels))


def _png_file(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in (*chunks, (b"IEND", b"")):
        parts += [struct.pack(">I", len(data)), name, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))]
    return b"".join(parts)


@lru_cache(maxsize=64)
def _png_pixels(width: int, height: int, place: int) -> bytes:
    length = (width + 7) // 8
    rows = (int(row.ljust(8 * length, "0"), 2).to_bytes(length, "big") for row in _rows(width, height, place))
    return zlib.compress(b"".join(b"\0" + row for row in rows))


def _jpeg(picture: Picture) -> bytes:
    """Encode one of 64 pictures, made distinct by a comment."""
    plain = _jpeg_plain(picture.width, picture.height, picture.number % 64)
    comment = f"picture {picture.number}".encode()
    return plain[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + plain[2:]


@lru_cache(maxsize=512)
def _jpeg_plain(width: int, height: int, number: int) -> bytes:
    ground, mark = _colours(number)
    image = Image.new("RGB", (width, height), ground)
    image.paste(mark, (width // 8, height // 8, width // 2, height // 2))
    return _encoded(image, "JPEG")


def _encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own options
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


# The lossless WebP written here, https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification:
# red, blue and alpha have one symbol each and take no bits; green has two and takes one bit a pixel.
WEBP_HEADER_BITS = 99


def _webp(picture: Picture) -> bytes:
    """Write a WebP of two colours, without an encoder: Pillow takes 130 ms for one."""
    pixels = _webp_pixels(picture.width, picture.height, picture.number % 8)
    size = WEBP_HEADER_BITS // 8 + 1
    start = int.from_bytes(pixels[:size], "little") | _webp_header(picture)
    data = start.to_bytes(size, "little") + pixels[size:]
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _webp_header(picture: Picture) -> int:
    """Return what stands before the pixels, first bit lowest."""
    (red, green, blue), (_, green_mark, _) = _colours(picture.number)
    whole, used = 0, 0
    for value, bits in (
        *((0x2F, 8), (picture.width - 1, 14), (picture.height - 1, 14), (0, 4)),  # signature, size, alpha and version
        (0, 3),  # no transform, no colour cache, no meta codes
        *((0b111, 3), (green, 8), (green_mark, 8)),  # a simple code: two symbols of eight bits
        *((0b101, 3), (red, 8), (0b101, 3), (blue, 8), (0b101, 3), (0xFF, 8)),  # simple codes of one symbol
        (0b0001, 4),  # distances: one symbol, never used
    ):
        whole |= value << used
        used += bits
    return whole


@lru_cache(maxsize=64)
def _webp_pixels(width: int, height: int, place: int) -> bytes:
    bits = "".join(_rows(width, height, place))[::-1]
    length = (WEBP_HEADER_BITS + len(bits) + 7) // 8
    return (int(bits, 2) << WEBP_HEADER_BITS).to_bytes(length + length % 2, "little")


_ENCODERS: dict[Format, Callable[[Picture], bytes]] = {"png": _png, "jpeg": _jpeg, "webp": _webp}


# Files that must not pass for an avatar, and one that is only large.


def _truncated(picture: Picture) -> bytes:
    whole = _png(picture)
    return whole[: len(whole) // 2]


def _animated(picture: Picture) -> bytes:
    """Encode two frames: as WebP where that was asked for, else as GIF."""
    frames = [Image.new("RGB", (picture.width, picture.height), colour) for colour in _colours(picture.number)]
    file_format = "WEBP" if picture.format == "webp" else "GIF"
    return _encoded(frames[0], file_format, save_all=True, append_images=frames[1:], duration=100)


def _svg(picture: Picture) -> bytes:
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><script>alert(1)</script></svg>'.encode()


def _not_a_picture(_: Picture) -> bytes:
    return b"This is not a picture."


@lru_cache(maxsize=1)
def _bomb_file() -> bytes:
    """Write a PNG of 30000x30000 pixels, whole and valid: 110 kB that grow to 2.7 GB as RGB."""
    side = 30_000
    row, packer = bytes(1 + side // 8), zlib.compressobj()
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return _png_file((b"IHDR", header), (b"IDAT", pixels))


def _bomb(_: Picture) -> bytes:
    return _bomb_file()


def _oversize(picture: Picture) -> bytes:
    """Write a valid PNG of a little over 9 MiB."""
    return _padded(picture, bytes(9 * 2**20))


def _large(picture: Picture) -> bytes:
    """Write a valid PNG of a little over 2 MiB, which is an avatar."""
    return _padded(picture, b"x" * 2**21)


def _padded(picture: Picture, padding: bytes) -> bytes:
    """Write a PNG with a private chunk that decoders skip."""
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 1, 3, 0, 0, 0)
    palette = bytes(itertools.chain(*_colours(picture.number)))
    pixels = _png_pixels(picture.width, picture.height, picture.number % 8)
    return _png_file((b"IHDR", header), (b"PLTE", palette), (b"paDd", padding), (b"IDAT", pixels))


FILES: dict[Mode, Callable[[Picture], bytes]] = {
    Mode.TRUNCATED: _truncated,
    Mode.ANIMATED: _animated,
    Mode.SVG: _svg,
    Mode.NOT_A_PICTURE: _not_a_picture,
    Mode.BOMB: _bomb,
    Mode.OVERSIZE: _oversize,
    Mode.LARGE: _large,
}


@dataclass(slots=True)
class HostedPicture:
    """A picture that can be downloaded."""

    picture: Picture
    mode: Mode
    downloads: int = 0
