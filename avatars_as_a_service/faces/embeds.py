"""Embeds: the picture of a face for an ``<img>`` element, kept or drawn by the local artist.

Only a signed URL, or a Gravatar URL where the operator pays for these, has a face drawn by the model.
"""

from dataclasses import dataclass
from enum import Enum, auto

from avatars_as_a_service.access.admission import Caller
from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.picture import Picture, PictureFormat, PictureRef, picture_path
from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.errors import (
    DatabaseUnavailable,
    FaceNotFound,
    ImageStoreUnavailable,
    PictureGone,
    PictureNotFound,
)
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.pictures.rendition_service import RenditionService
from avatars_as_a_service.storage.ledger import Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedFormats:
    """The formats to answer in: ``drawing`` for an SVG original or a stand-in, ``raster`` for any other original."""

    drawing: PictureFormat
    raster: PictureFormat

    def for_original(self, original: PictureFormat) -> PictureFormat:
        """The format for an original in this format."""
        return self.drawing if original is PictureFormat.SVG else self.raster


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedQuery:
    """The face to show. Without a size, an SVG comes as it was drawn, and other formats in the default size.

    ``only_kept``: no stand-in. ``only_drawn``: the local artist's drawing, even of a kept face.
    """

    features: Features
    formats: EmbedFormats
    size: int | None
    only_kept: bool = False
    only_drawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GravatarPolicy:
    """Whether Gravatar URLs are answered, and the budget from which their faces are drawn, if they are."""

    is_on: bool = True
    payer: Payer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPermission:
    """The client for which a missing face is drawn in the background, and the budget beside the service's own."""

    caller: Caller
    payer: Payer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """A picture, the key of its face, and whether this is the face: kept, or drawn by the provider itself.

    ``path`` always shows this picture of a kept face; ``None`` for a drawing. ``answer`` is the kept face as the memory
    cache has it.
    """

    picture: Picture
    image_hash: str
    is_kept: bool
    path: str | None = None
    answer: Answer | None = None


class _Found(Enum):
    """What is known of a face without a picture."""

    ABSENT = auto()
    UNKNOWN = auto()


class Embeds:
    """Finds or draws the pictures of ``<img>`` elements."""

    def __init__(self, *, faces: FaceService, renditions: RenditionService, default_size: int) -> None:
        self._faces = faces
        self._renditions = renditions
        self._default_size = default_size

    @property
    def cache_version(self) -> int:
        """Grows whenever faces and pictures are evicted from memory: an embed from before may show one of them."""
        return self._renditions.cache_version

    def holds(self, image_hash: str, answer: Answer | None) -> bool:
        """Whether an embed of that face with that answer would be the same now."""
        return self._faces.is_absent(image_hash) if answer is None else self._faces.peek(image_hash) is answer

    def get_now(self, query: EmbedQuery) -> Embed | None:
        """The embed, if it needs neither the database nor a render worker: from memory, or an SVG that is drawn now."""
        key = self._faces.key(query.features)
        if query.only_drawn:
            return None if query.only_kept else self._drawing_now(query, key, is_kept=False)
        answer = self._faces.peek(key)
        if answer is not None:
            return self._kept_now(query, answer)
        if not self._faces.is_absent(key) or (query.only_kept and not self._faces.draws_locally):
            return None
        return self._drawing_now(query, key, is_kept=self._faces.draws_locally)

    async def get(self, query: EmbedQuery, *, client: str, permission: DrawPermission | None = None) -> Embed:
        """The embed; with a ``permission`` a missing face is drawn in the background.

        ``client`` is the name by which render workers are shared fairly. Raises ``Busy``; ``FaceNotFound`` for
        ``only_kept``, or ``DatabaseUnavailable`` where it cannot be told.
        """
        key = self._faces.key(query.features)
        if query.only_drawn:
            if query.only_kept:
                raise FaceNotFound
            return await self._drawing(query, key, client, is_kept=False)
        kept = await self._find(query, key, is_surely=permission is not None)
        if isinstance(kept, PictureRef):
            embed = await self._kept(query, key, kept, client)
            return embed or await self._drawing(query, key, client, is_kept=False)
        if not self._faces.draws_locally:
            if permission is not None:
                await self._faces.draw_in_background(query.features, permission.caller, payer=permission.payer)
            if query.only_kept:
                raise FaceNotFound
        return await self._drawing(query, key, client, is_kept=self._faces.draws_locally and kept is _Found.ABSENT)

    async def _find(self, query: EmbedQuery, key: str, *, is_surely: bool) -> "PictureRef | _Found":
        """The kept picture, if there is one; ``is_surely`` asks the database even if memory can tell."""
        if not is_surely and self._faces.is_absent(key):
            return _Found.ABSENT
        try:
            return await self._faces.find_picture(query.features) or _Found.ABSENT
        except DatabaseUnavailable:
            if query.only_kept:
                raise
            return _Found.UNKNOWN

    async def _kept(self, query: EmbedQuery, key: str, kept: PictureRef, client: str) -> Embed | None:
        kind = query.formats.for_original(kept.format)
        size = self._size(kind, query.size)
        try:
            picture = await self._renditions.get(kept.digest, kind, size, client=client)
        except (DatabaseUnavailable, ImageStoreUnavailable, PictureGone, PictureNotFound):
            return None
        return Embed(picture=picture, image_hash=key, is_kept=True, path=picture_path(kept.digest, kind, size))

    def _kept_now(self, query: EmbedQuery, answer: Answer) -> Embed | None:
        kept = answer.picture
        if kept is None:
            return None
        kind = query.formats.for_original(kept.format)
        size = self._size(kind, query.size)
        picture = self._renditions.get_cached(kept.digest, kind, size)
        if picture is None:
            return None
        path = picture_path(kept.digest, kind, size)
        return Embed(picture=picture, image_hash=answer.image_hash, is_kept=True, path=path, answer=answer)

    async def _drawing(self, query: EmbedQuery, key: str, client: str, *, is_kept: bool) -> Embed:
        kind = query.formats.drawing
        picture = await self._renditions.drawing(query.features, kind, self._size(kind, query.size), client=client)
        return Embed(picture=picture, image_hash=key, is_kept=is_kept)

    def _drawing_now(self, query: EmbedQuery, key: str, *, is_kept: bool) -> Embed | None:
        kind = query.formats.drawing
        picture = self._renditions.drawing_now(query.features, kind, self._size(kind, query.size))
        return None if picture is None else Embed(picture=picture, image_hash=key, is_kept=is_kept)

    def _size(self, kind: PictureFormat, size: int | None) -> int | None:
        return size if size is not None or kind is PictureFormat.SVG else self._default_size
