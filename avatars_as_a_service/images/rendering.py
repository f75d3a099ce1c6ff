"""Renditions: a picture that we believe in, made smaller or into another format."""

from io import BytesIO
from typing import Any, Final

import resvg_py
from PIL import Image, ImageCms, ImageOps

from avatars_as_a_service.images.inspection import MAX_PIXELS
from avatars_as_a_service.images.orders import Wanted
from avatars_as_a_service.picture import RASTERS, Picture, PictureFormat

_SAVED: Final[dict[PictureFormat, dict[str, Any]]] = {
    PictureFormat.WEBP: {"quality": 86, "method": 4},
    PictureFormat.AVIF: {"quality": 72, "speed": 8, "max_threads": 1},
    PictureFormat.JPEG: {"quality": 88, "progressive": True},
    PictureFormat.PNG: {},
}
"""How each format is written: what cannot be told from the original at twice its size, in tens of milliseconds."""
_SAVED_DRAWN: Final = _SAVED | {PictureFormat.WEBP: _SAVED[PictureFormat.WEBP] | {"method": 2}}
"""The same for flat colours, that half the effort makes hardly larger: a page waits for a stand-in."""
_PAPER: Final = (255, 255, 255)
_DEEP: Final = ("I", "I;16", "I;16B", "I;16L", "F")
_SRGB: Final = ImageCms.createProfile("sRGB")
_SRGB_MODES: Final = {"L": "RGB", "CMYK": "RGB", "RGB": "RGB", "RGBA": "RGBA"}


def render(data: bytes, wanted: Wanted) -> Picture:
    """The rendition: in sRGB, upright, without any metadata; what is transparent is white in a JPEG.

    Equal bytes for equal ones, as long as the libraries are the same. Raises ``ValueError`` for a format that no
    picture is made into, and ``OSError`` or ``ValueError`` for bytes that are no such picture.
    """
    if wanted.format not in RASTERS:
        raise ValueError(f"no picture is made into {wanted.format}")
    is_drawn = wanted.source is PictureFormat.SVG
    image = _drawn(data, wanted.box) if is_drawn else _opened(data, wanted)
    if wanted.format is PictureFormat.JPEG and image.mode == "RGBA":
        image = _on_paper(image)
    file = BytesIO()
    image.save(file, wanted.format.upper(), **(_SAVED_DRAWN if is_drawn else _SAVED)[wanted.format])
    return Picture.of(file.getvalue(), format=wanted.format, width=image.width, height=image.height)


def _drawn(svg: bytes, box: tuple[int, int]) -> Image.Image:
    """Only the local artist's: an SVG from outside is no picture to this service."""
    png = resvg_py.svg_to_bytes(svg_string=svg.decode(), width=box[0], height=box[1], skip_system_fonts=True)
    with Image.open(BytesIO(png), formats=("PNG",)) as image:
        return _without_needless_alpha(image.convert("RGBA"))


def _opened(data: bytes, wanted: Wanted) -> Image.Image:
    with Image.open(BytesIO(data), formats=(wanted.source.upper(),)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError(f"it has more than {MAX_PIXELS} pixels")
        upright = ImageOps.exif_transpose(image)
        shown = _without_needless_alpha(_in_srgb(upright, image.info.get("icc_profile")))
    box = _turned(wanted.box) if (wanted.width > wanted.height) != (shown.width > shown.height) else wanted.box
    if shown.size != box:
        shown = shown.resize(box, Image.Resampling.LANCZOS)
    return Image.frombytes(shown.mode, shown.size, shown.tobytes())  # whatever it knew beside its pixels is gone


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """As RGB or RGBA, by the colour profile where it carries one that can be read."""
    image = _of_eight_bits(image)
    if profile and image.mode in _SRGB_MODES:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=_SRGB_MODES[image.mode])
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile for another kind of colours, or a broken one, says nothing
        else:
            image = converted or image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """Without a palette, a mask or one transparent colour; of deep greys the upper eight bits."""
    if image.mode in _DEEP:
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in _SRGB_MODES else image.convert("RGB")


def _without_needless_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


def _on_paper(image: Image.Image) -> Image.Image:
    paper = Image.new("RGB", image.size, _PAPER)
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _turned(box: tuple[int, int]) -> tuple[int, int]:
    return box[1], box[0]
