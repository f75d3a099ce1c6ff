"""Orders: what is wanted of a picture, and how a workbench is told and answers."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from avatars_as_a_service.picture import PictureFormat


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture's own format, width and height; the format that it is wanted in, and its longer side, if it matters."""

    source: PictureFormat
    width: int
    height: int
    format: PictureFormat
    size: int | None

    @property
    def box(self) -> tuple[int, int]:
        """Width and height of the rendition: the shape stays, and only what is drawn anew is made larger."""
        longer = max(self.width, self.height)
        if self.size is None or (longer <= self.size and self.source is not PictureFormat.SVG):
            return self.width, self.height
        return max(1, round(self.width * self.size / longer)), max(1, round(self.height * self.size / longer))

    @property
    def is_the_original(self) -> bool:
        """Whether there is nothing to be made."""
        return self.format is self.source and self.box == (self.width, self.height)


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of an original of so many bytes."""

    wanted: Wanted
    length: int


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: so many bytes of a picture of this size; or why it cannot be made."""

    width: int = 0
    height: int = 0
    length: int = 0
    problem: str | None = None


ORDERS: Final = TypeAdapter(Order)
MADE: Final = TypeAdapter(Made)
