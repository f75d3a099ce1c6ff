"""Pictures, their formats and their sizes."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

MAX_PICTURE_BYTES: Final = 8 * 2**20
SIZES: Final = (32, 48, 64, 96, 128, 192, 256, 384, 512, 1024)
"""The sizes of renditions: pixels on the longer side."""
_OTHER_NAMES: Final = {"jpg": "jpeg"}


class PictureFormat(StrEnum):
    """A picture format; its value is the extension in a URL."""

    WEBP = "webp"
    PNG = "png"
    JPEG = "jpeg"
    AVIF = "avif"
    SVG = "svg"

    @property
    def media_type(self) -> str:
        """The format's Content-Type."""
        return "image/svg+xml" if self is PictureFormat.SVG else f"image/{self.value}"

    @classmethod
    def named(cls, name: str) -> "PictureFormat | None":
        """The format of this name in any case, ``jpg`` too; ``None`` if there is no such format."""
        lower = name.lower()
        return _BY_NAME.get(_OTHER_NAMES.get(lower, lower))


_BY_NAME: Final = {kind.value: kind for kind in PictureFormat}
RASTERS: Final = (PictureFormat.WEBP, PictureFormat.AVIF, PictureFormat.PNG, PictureFormat.JPEG)
"""The formats of renditions; the ones with the smaller files come first."""


def made_size(pixels: int) -> int:
    """The smallest size of renditions that has so many pixels, or the largest of all."""
    return next((size for size in SIZES if size >= pixels), SIZES[-1])


@dataclass(frozen=True, slots=True)
class PictureRef:
    """A reference to a stored picture: enough for its URL."""

    digest: str
    format: PictureFormat

    @property
    def path(self) -> str:
        """The path of its URL, which never changes."""
        return picture_path(self.digest, self.format)


def picture_path(digest: str, format: PictureFormat, size: int | None = None) -> str:  # noqa: A002 - the field's own name
    """Return the path of a picture in this format and size; ``None`` is the original's size."""
    return f"/images/{digest}.{format}" + ("" if size is None else f"?size={size}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its bytes, format, size in pixels, and digest."""

    data: bytes
    format: PictureFormat
    width: int
    height: int
    digest: str

    @classmethod
    def of(cls, data: bytes, *, format: PictureFormat, width: int, height: int) -> "Picture":  # noqa: A002 - the field's own name
        """Build a picture; its digest is the SHA-256 of its bytes, 64 hex characters."""
        return cls(data, format, width, height, sha256(data).hexdigest())

    @property
    def ref(self) -> PictureRef:
        """The reference to this picture."""
        return PictureRef(self.digest, self.format)
