"""Render jobs: the messages between the service and a render worker."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from avatars_as_a_service.domain.picture import PictureFormat


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """The original's format, width and height, and the rendition's format and longer side.

    ``size`` is in pixels; ``None`` keeps the original's size.
    """

    source: PictureFormat
    width: int
    height: int
    format: PictureFormat
    size: int | None

    @property
    def box(self) -> tuple[int, int]:
        """The rendition's width and height. The shape stays, and only an SVG is enlarged."""
        longer = max(self.width, self.height)
        if self.size is None or (longer <= self.size and self.source is not PictureFormat.SVG):
            return self.width, self.height
        return max(1, round(self.width * self.size / longer)), max(1, round(self.height * self.size / longer))

    @property
    def is_original(self) -> bool:
        """Whether the original already has the format and the size."""
        return self.format is self.source and self.box == (self.width, self.height)


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A request, and the number of bytes of the original that follow it."""

    request: RenderRequest
    length: int


@dataclass(frozen=True, slots=True)
class RenderResult:
    """The rendition's width, height and number of bytes; or the problem that prevents it."""

    width: int = 0
    height: int = 0
    length: int = 0
    problem: str | None = None


MAX_RENDER_S: Final = 20
"""The longest time for one job. The largest original in the slowest format takes two seconds, under load a few more."""
JOB_JSON: Final = TypeAdapter(RenderJob)
RESULT_JSON: Final = TypeAdapter(RenderResult)
