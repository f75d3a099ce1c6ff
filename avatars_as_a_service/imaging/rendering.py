"""Rendering: makes an inspected picture or a drawing smaller, or converts it to another format."""

from io import BytesIO
from typing import Any, Final

import resvg_py
from PIL import Image, ImageCms, ImageOps

from avatars_as_a_service.domain.picture import RASTERS, Picture, PictureFormat
from avatars_as_a_service.imaging.inspection import MAX_PIXELS
from avatars_as_a_service.imaging.render_job import RenderRequest

_SAVED: Final[dict[PictureFormat, dict[str, Any]]] = {
    PictureFormat.WEBP: {"quality": 86, "method": 4},
    PictureFormat.AVIF: {"quality": 72, "speed": 8, "max_threads": 1},
    PictureFormat.JPEG: {"quality": 88, "progressive": True},
    PictureFormat.PNG: {},
}
"""Each format's options: indistinguishable from the original at twice its size, encoded in tens of milliseconds."""
_SAVED_SVG: Final = _SAVED | {PictureFormat.WEBP: _SAVED[PictureFormat.WEBP] | {"method": 2}}
"""The options for an SVG. With flat colours, half the effort costs few bytes, and a page waits for a stand-in."""
_WHITE: Final = (255, 255, 255)
_DEEP_MODES: Final = ("I", "I;16", "I;16B", "I;16L", "F")
_SRGB: Final = ImageCms.createProfile("sRGB")
_SRGB_MODES: Final = {"L": "RGB", "CMYK": "RGB", "RGB": "RGB", "RGBA": "RGBA"}


def render(data: bytes, request: RenderRequest) -> Picture:
    """Return the rendition: in sRGB, upright, without metadata; transparency becomes white in a JPEG.

    Equal input gives equal bytes with the same library versions. Raises ``ValueError`` for a format that is no raster,
    and ``OSError`` or ``ValueError`` for bytes that do not hold the requested source.
    """
    if request.format not in RASTERS:
        raise ValueError(f"no picture is converted to {request.format}")
    is_svg = request.source is PictureFormat.SVG
    image = _draw_svg(data, request.box) if is_svg else _resized(data, request)
    if request.format is PictureFormat.JPEG and image.mode == "RGBA":
        image = _on_white(image)
    file = BytesIO()
    image.save(file, request.format.upper(), **(_SAVED_SVG if is_svg else _SAVED)[request.format])
    return Picture.of(file.getvalue(), format=request.format, width=image.width, height=image.height)


def _draw_svg(svg: bytes, box: tuple[int, int]) -> Image.Image:
    """Draw an SVG of the local artist; the service accepts no other SVG."""
    png = resvg_py.svg_to_bytes(svg_string=svg.decode(), width=box[0], height=box[1], skip_system_fonts=True)
    with Image.open(BytesIO(png), formats=("PNG",)) as image:
        return _without_needless_alpha(image.convert("RGBA"))


def _resized(data: bytes, request: RenderRequest) -> Image.Image:
    with Image.open(BytesIO(data), formats=(request.source.upper(),)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError(f"it has more than {MAX_PIXELS} pixels")
        upright = ImageOps.exif_transpose(image)
        pixels = _without_needless_alpha(_in_srgb(upright, image.info.get("icc_profile")))
    is_turned = (request.width > request.height) != (pixels.width > pixels.height)
    box = request.box[::-1] if is_turned else request.box
    if pixels.size != box:
        pixels = pixels.resize(box, Image.Resampling.LANCZOS)
    return Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())  # drops all metadata


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to RGB or RGBA, by the image's colour profile if it has a readable one."""
    image = _of_eight_bits(image)
    if profile and image.mode in _SRGB_MODES:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=_SRGB_MODES[image.mode])
        except (ImageCms.PyCMSError, OSError):
            pass  # the profile is damaged or belongs to another colour mode
        else:
            image = converted or image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """Convert palettes, masks and transparent colours to RGB or RGBA, and deep greys to their upper eight bits."""
    if image.mode in _DEEP_MODES:
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in _SRGB_MODES else image.convert("RGB")


def _without_needless_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, _WHITE)
    white.paste(image, mask=image.getchannel("A"))
    return white
