"""Embeds: faces straight into a page, the kept one or a stand-in, and never for money unless a signature says so."""

from collections.abc import Callable
from dataclasses import dataclass

from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable, PictureGone, PictureNotFound
from avatars_as_a_service.features import Features
from avatars_as_a_service.picture import Picture, PictureFormat, PictureRef, picture_path
from avatars_as_a_service.service.admission import Caller
from avatars_as_a_service.service.faces import Faces
from avatars_as_a_service.service.renditions import Renditions

Choose = Callable[[bool], PictureFormat]
"""Chooses a format; it is told whether the picture is a drawing, which can be an SVG, or made of pixels."""


@dataclass(frozen=True, slots=True)
class Embed:
    """A picture, and, where it is that of the kept face, the path of its address that never changes."""

    picture: Picture
    path: str | None

    @property
    def provisional(self) -> bool:
        """Whether it is a stand-in."""
        return self.path is None


class Embeds:
    """Finds or draws what an ``<img>`` shows."""

    def __init__(self, *, faces: Faces, renditions: Renditions, default_size: int) -> None:
        self._faces = faces
        self._renditions = renditions
        self._default_size = default_size

    async def embed(self, features: Features, *, choose: Choose, size: int | None, payer: Caller | None) -> Embed:
        """The kept face with these features; else a stand-in, while, for a caller who may have it drawn, that happens.

        Without a size, an SVG is as it was drawn, and pixels have the usual one. Raises ``Busy``.
        """
        kept = await self._kept(features)
        if kept is not None:
            shown = await self._shown(kept, choose(kept.format is PictureFormat.SVG), size)
            if shown is not None:
                return shown
        elif payer is not None:
            await self._faces.begin(features, payer)
        kind = choose(True)  # noqa: FBT003 - the local artist's are drawings
        return Embed(await self._renditions.stand_in(features, kind, self._side(kind, size)), None)

    async def _kept(self, features: Features) -> PictureRef | None:
        try:
            return await self._faces.kept(features)
        except DatabaseUnavailable:
            return None

    async def _shown(self, kept: PictureRef, kind: PictureFormat, size: int | None) -> Embed | None:
        side = self._side(kind, size)
        try:
            picture = await self._renditions.picture(kept.digest, kind, side)
        except (DatabaseUnavailable, ImageStoreUnavailable, PictureGone, PictureNotFound):
            return None
        return Embed(picture, picture_path(kept.digest, kind, side))

    def _side(self, kind: PictureFormat, size: int | None) -> int | None:
        return size if size is not None or kind is PictureFormat.SVG else self._default_size
