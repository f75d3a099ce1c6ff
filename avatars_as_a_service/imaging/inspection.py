"""Inspection: decodes bytes from outside within bounds before the service accepts them as a picture."""

import struct
import warnings
from io import BytesIO
from typing import Final

from PIL import Image, UnidentifiedImageError

from avatars_as_a_service.domain.picture import MAX_PICTURE_BYTES, Picture, PictureFormat

MAX_PIXELS: Final = 16_800_000
_TOO_LARGE: Final = f"it has more than {MAX_PIXELS} pixels"
_FORMATS: Final = {
    "PNG": PictureFormat.PNG,
    "JPEG": PictureFormat.JPEG,
    "WEBP": PictureFormat.WEBP,
    "AVIF": PictureFormat.AVIF,
}
_DAMAGED: Final = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, LookupError, TypeError, struct.error)
"""All that Pillow's decoders raise for broken bytes."""
_GIF: Final = "GIF"
"""No picture has a URL as a GIF, so one is kept as a PNG of the same pixels."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class NotAPicture(Exception):
    """The bytes are not one still picture of an accepted format within the bounds; the message gives the reason."""


def inspect(data: bytes) -> Picture:
    """Decode the bytes once to the end and return them as a picture: PNG, JPEG, WebP, AVIF, or a GIF as a PNG.

    Raises ``NotAPicture`` for more than 8 MiB, more than 16.8 megapixels, more than one frame, another format, or bytes
    that cannot be decoded.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise NotAPicture(f"it has more than {MAX_PICTURE_BYTES} bytes")
    try:
        with Image.open(BytesIO(data), formats=(*_FORMATS, _GIF)) as image:
            return _decoded(image, data)
    except UnidentifiedImageError as wrong:
        raise NotAPicture("it is no PNG, JPEG, WebP, AVIF or GIF") from wrong
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
        raise NotAPicture(_TOO_LARGE) from wrong
    except _DAMAGED as wrong:
        raise NotAPicture("it is damaged") from wrong


def _decoded(image: Image.Image, data: bytes) -> Picture:
    if image.width * image.height > MAX_PIXELS:  # checked again: any library may have changed the warning's filter
        raise NotAPicture(_TOO_LARGE)
    if getattr(image, "n_frames", 1) != 1:
        raise NotAPicture("it has more than one frame")
    image.load()
    if image.format == _GIF:
        return _as_png(image)
    return Picture.of(data, format=_FORMATS[str(image.format)], width=image.width, height=image.height)


def _as_png(image: Image.Image) -> Picture:
    file = BytesIO()
    image.save(file, "PNG")
    data = file.getvalue()
    if len(data) > MAX_PICTURE_BYTES:
        raise NotAPicture(f"it has more than {MAX_PICTURE_BYTES} bytes as a PNG")
    return Picture.of(data, format=PictureFormat.PNG, width=image.width, height=image.height)
