"""A picture and the kinds of picture there are."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

MAX_PICTURE_BYTES: Final = 8 * 2**20
SIZES: Final = (32, 48, 64, 96, 128, 192, 256, 384, 512, 1024)
"""The sizes that a picture can be had in: pixels on its longer side."""


class PictureFormat(StrEnum):
    """A kind of picture; its value is the extension in an address."""

    WEBP = "webp"
    PNG = "png"
    JPEG = "jpeg"
    AVIF = "avif"
    SVG = "svg"

    @property
    def media_type(self) -> str:
        """The Content-Type that goes with it."""
        return "image/svg+xml" if self is PictureFormat.SVG else f"image/{self.value}"


RASTERS: Final = (PictureFormat.WEBP, PictureFormat.AVIF, PictureFormat.PNG, PictureFormat.JPEG)
"""The formats that any picture can be made into; those that are smaller for the same look come first."""


@dataclass(frozen=True, slots=True)
class PictureRef:
    """Where a kept picture is found: enough for its address."""

    digest: str
    format: PictureFormat

    @property
    def path(self) -> str:
        """The path of its address, which never changes."""
        return picture_path(self.digest, self.format)


def picture_path(digest: str, format: PictureFormat, size: int | None = None) -> str:  # noqa: A002 - the field's own name
    """The path of that picture in that format, and, unless it is the original's own, in that size."""
    return f"/images/{digest}.{format}" + ("" if size is None else f"?size={size}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture byte for byte as it was drawn, its format and its size in pixels."""

    data: bytes
    format: PictureFormat
    width: int
    height: int
    digest: str

    @classmethod
    def of(cls, data: bytes, *, format: PictureFormat, width: int, height: int) -> "Picture":  # noqa: A002 - the field's own name
        """A picture under the SHA-256 of its bytes, 64 hex characters."""
        return cls(data, format, width, height, sha256(data).hexdigest())

    @property
    def ref(self) -> PictureRef:
        """Where it is found."""
        return PictureRef(self.digest, self.format)
