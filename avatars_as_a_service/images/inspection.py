"""Opens bytes from outside, with bounds, before anybody believes that they are a picture."""

import warnings
from io import BytesIO
from typing import Final

from PIL import Image, UnidentifiedImageError

from avatars_as_a_service.picture import MAX_PICTURE_BYTES, Picture, PictureFormat

MAX_PIXELS: Final = 16_800_000
_TOO_LARGE: Final = f"it has more than {MAX_PIXELS} pixels"
_FORMATS: Final = {"PNG": PictureFormat.PNG, "JPEG": PictureFormat.JPEG, "WEBP": PictureFormat.WEBP}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class NotAPicture(Exception):
    """The bytes are not one still PNG, JPEG or WebP picture within the bounds; the message says why."""


def inspect(data: bytes) -> Picture:
    """The picture in those bytes, decoded once to the end.

    Raises ``NotAPicture`` for more than 8 MiB, more than 16.8 megapixels, more than one frame, another format, or bytes
    that cannot be decoded.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise NotAPicture(f"it has more than {MAX_PICTURE_BYTES} bytes")
    try:
        with Image.open(BytesIO(data), formats=tuple(_FORMATS)) as image:
            return _decoded(image, data)
    except UnidentifiedImageError as wrong:
        raise NotAPicture("it is no PNG, JPEG or WebP") from wrong
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
        raise NotAPicture(_TOO_LARGE) from wrong
    except (OSError, SyntaxError, ValueError, EOFError) as wrong:  # all that Pillow's decoders raise for broken bytes
        raise NotAPicture("it is damaged") from wrong


def _decoded(image: Image.Image, data: bytes) -> Picture:
    if image.width * image.height > MAX_PIXELS:  # whatever has become of the warning: filters are anybody's to change
        raise NotAPicture(_TOO_LARGE)
    if getattr(image, "n_frames", 1) != 1:
        raise NotAPicture("it has more than one frame")
    image.load()
    return Picture.of(data, format=_FORMATS[str(image.format)], width=image.width, height=image.height)
