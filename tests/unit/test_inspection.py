"""What is believed to be a picture: one still PNG, JPEG, WebP, AVIF or GIF within the bounds, and nothing else."""

import random
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image, ImageDraw

from avatars_as_a_service.domain.picture import MAX_PICTURE_BYTES, PictureFormat
from avatars_as_a_service.imaging.inspection import MAX_PIXELS, NotAPicture, inspect

PNG: Final = b"\x89PNG\r\n\x1a\n"


def encoded(file_format: str, *, mode: str = "RGB", size: tuple[int, int] = (48, 32), **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own options
    image = Image.new(mode, size)
    ImageDraw.Draw(image).ellipse((4, 4, 28, 28), fill=1)
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def animated(file_format: str) -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    file = BytesIO()
    frames[0].save(file, file_format, save_all=True, append_images=frames[1:])
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def header(width: int, height: int, *, depth: int = 1, colour: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png(width: int, height: int, *extra: bytes, rows: int | None = None) -> bytes:
    """A PNG of that size in black, one bit a pixel; with other chunks before the pixels."""
    packer = zlib.compressobj(1)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    return PNG + header(width, height) + b"".join(extra) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG that says that it is of that size."""
    data = encoded("JPEG")
    return patched(data, data.index(b"\xff\xc0") + 5, struct.pack(">HH", height, width))


def webp_of_size(width: int, height: int) -> bytes:
    """A small lossless WebP that says that it is of that size."""
    data = encoded("WEBP", lossless=True)
    at = data.index(b"VP8L") + 9
    rest = struct.unpack("<I", data[at : at + 4])[0] >> 28
    return patched(data, at, struct.pack("<I", (width - 1) | (height - 1) << 14 | rest << 28))


def webp_canvas(width: int, height: int) -> bytes:
    """An extended WebP with a canvas of that size around a small picture."""
    inner = encoded("WEBP", lossless=True)[12:]
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", len(canvas)) + canvas + inner
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_of_size(width: int, height: int, *, frame_alone: bool = False) -> bytes:
    """A small GIF that says that it, or its frame, is of that size."""
    data, size = encoded("GIF", mode="L"), struct.pack("<HH", width, height)
    data = patched(data, data.index(b"\x2c\0\0\0\0") + 5, size)
    return data if frame_alone else patched(data, 6, size)


def avif_of_size(width: int, height: int) -> bytes:
    """A small AVIF that says that it is of that size."""
    data = encoded("AVIF")
    return patched(data, data.index(b"ispe") + 8, struct.pack(">II", width, height))


SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
BOMBS: Final = {
    "a PNG of 900 megapixels": png(30_000, 30_000, rows=500),
    "a PNG of 4 gigapixels on each side, by its head": png(2**31 - 1, 2**31 - 1, rows=0),
    "a PNG a little too large": png(4_200, 4_001),
    "a PNG twice as large": png(8_000, 4_000),
    "a long PNG": png(1, MAX_PIXELS + 1, rows=8),
    "a JPEG of 4 gigapixels": jpeg_of_size(65_535, 65_535),
    "a WebP of 268 megapixels": webp_of_size(16_384, 16_384),
    "a WebP with a canvas of 268 megapixels": webp_canvas(16_384, 16_384),
    "a GIF of 4 gigapixels": gif_of_size(65_535, 65_535),
    "a GIF with a frame of 4 gigapixels": gif_of_size(65_535, 65_535, frame_alone=True),
    "an AVIF of 4 gigapixels": avif_of_size(65_535, 65_535),
    "a text of 80 MiB in a PNG": png(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80 * 2**20), 1))),
    "a profile of 80 MiB in a PNG": png(8, 8, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(80 * 2**20), 1))),
}
BAD: Final = BOMBS | {
    "nothing": b"",
    "a byte": b"\x89",
    "words": b"This is not a picture.",
    "a page": b"<!doctype html><title>no</title>",
    "an SVG": SVG,
    "an SVG with a head": b'<?xml version="1.0"?>' + SVG,
    "an animated GIF": animated("GIF"),
    "an animated AVIF": animated("AVIF"),
    "half a GIF": encoded("GIF", mode="L", size=(256, 256))[:90],
    "half an AVIF": encoded("AVIF", size=(256, 256))[:-90],
    "a TIFF": encoded("TIFF"),
    "a BMP": encoded("BMP"),
    "an ICO": encoded("ICO"),
    "a PPM": encoded("PPM"),
    "a PDF": encoded("PDF"),
    "a TGA, which has no signature": encoded("TGA"),
    "an animated PNG": animated("PNG"),
    "an animated WebP": animated("WEBP"),
    "two JPEGs in one": animated("MPO"),
    "a PNG's signature": PNG,
    "a PNG's signature and a JPEG": PNG + encoded("JPEG"),
    "a PNG's head": PNG + header(8, 8),
    "a PNG without pixels": PNG + header(8, 8) + chunk(b"IEND", b""),
    "a PNG of width 0": png(0, 8),
    "a PNG of height 0": png(8, 0),
    "a PNG of no known colours": PNG + header(8, 8, depth=3, colour=7) + chunk(b"IEND", b""),
    "a PNG with a wrong checksum": patched(png(8, 8), 29, b"\0\0\0\0"),
    "a PNG with pixels that do not unpack": PNG + header(8, 8) + chunk(b"IDAT", b"no") + chunk(b"IEND", b""),
    "half a PNG": png(512, 512)[:60],
    "half a JPEG": encoded("JPEG", size=(512, 512))[:700],
    "a JPEG's first bytes": b"\xff\xd8\xff\xe0",
    "a JPEG of width 0": jpeg_of_size(0, 8),
    "half a WebP": encoded("WEBP", size=(256, 256))[:80],
    "a RIFF that is a sound": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0",
    "a WebP without a picture": b"RIFF\x04\0\0\0WEBP",
    "a PNG after a page": b"<html>" + png(8, 8),
    "a PNG after a ZIP's head": b"PK\x03\x04" + png(8, 8),
    "a JPEG after a GIF's head": b"GIF89a" + encoded("JPEG"),
    "a PNG of more than 8 MiB": png(8, 8, chunk(b"paDd", bytes(MAX_PICTURE_BYTES))),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_picture_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(NotAPicture, match=r"^it "):
        inspect(data)


@pytest.mark.parametrize(
    ("data", "file_format"),
    [
        (encoded("PNG"), PictureFormat.PNG),
        (encoded("PNG", mode="RGBA"), PictureFormat.PNG),
        (encoded("PNG", mode="L"), PictureFormat.PNG),
        (encoded("PNG", mode="P"), PictureFormat.PNG),
        (encoded("PNG", mode="I;16"), PictureFormat.PNG),
        (encoded("JPEG"), PictureFormat.JPEG),
        (encoded("JPEG", progressive=True), PictureFormat.JPEG),
        (encoded("JPEG", mode="CMYK"), PictureFormat.JPEG),
        (encoded("JPEG", mode="L"), PictureFormat.JPEG),
        (encoded("WEBP"), PictureFormat.WEBP),
        (encoded("WEBP", lossless=True), PictureFormat.WEBP),
        (encoded("WEBP", mode="RGBA"), PictureFormat.WEBP),
        (encoded("AVIF"), PictureFormat.AVIF),
        (encoded("AVIF", mode="RGBA"), PictureFormat.AVIF),
    ],
)
def test_a_picture_is_taken_byte_for_byte_with_its_true_format_and_size(
    data: bytes, file_format: PictureFormat
) -> None:
    picture = inspect(data)

    assert (picture.format, picture.width, picture.height) == (file_format, 48, 32)
    assert picture.data == data


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
def test_a_gif_is_taken_as_a_png_with_the_same_pixels(mode: str) -> None:
    gif = encoded("GIF", mode=mode)

    picture = inspect(gif)

    assert (picture.format, picture.width, picture.height) == (PictureFormat.PNG, 48, 32)
    with Image.open(BytesIO(gif)) as before, Image.open(BytesIO(picture.data)) as after:
        assert after.format == "PNG"
        assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (4_096, 4_096), (4_200, 4_000), (65_500, 8)])
def test_a_picture_may_have_any_size_within_the_bound(width: int, height: int) -> None:
    picture = inspect(png(width, height))

    assert (picture.width, picture.height) == (width, height)


def test_a_picture_may_have_as_many_bytes_as_the_bound() -> None:
    empty = len(png(8, 8, chunk(b"paDd", b"")))

    assert inspect(png(8, 8, chunk(b"paDd", bytes(MAX_PICTURE_BYTES - empty)))).width == 8


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_bytes_changed_at_random_are_a_picture_or_refused_and_nothing_else(file_format: str) -> None:
    chance, whole = random.Random(file_format), encoded(file_format)

    for _ in range(1_000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        try:
            inspect(bytes(data[: chance.randint(1, len(data))] if chance.random() < 0.3 else data))
        except NotAPicture:
            continue


def test_bombs_take_little_memory_and_warnings_need_not_be_errors() -> None:
    """In a process of its own, with the warnings of a normal start; the most memory that it ever had, in MiB."""
    script = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from avatars_as_a_service.imaging.inspection import NotAPicture, inspect
from tests.unit.test_inspection import BOMBS
import warnings
warnings.resetwarnings()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for bomb in BOMBS.values():
    try:
        inspect(bomb)
    except NotAPicture:
        continue
    raise SystemExit("a bomb was taken for a picture")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    root = str(Path(__file__).parents[2])

    done = subprocess.run([sys.executable, "-c", script, root], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 64
