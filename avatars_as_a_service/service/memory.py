"""What this process remembers: faces by key and pictures by digest, each within bounds."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, TypeVar

from cachetools import LRUCache

from avatars_as_a_service.avatar import Avatar
from avatars_as_a_service.features import Features
from avatars_as_a_service.picture import Picture, PictureFormat
from avatars_as_a_service.service.conversation import Answer

_PLACE: Final = 1024
"""What a picture takes beside its bytes; the smallest ones have fewer than that."""
_STAND_INS: Final = 8
"""One in so many bytes is for stand-ins. They are made from nothing, and must not drive out what is kept."""

RenditionName = tuple[str, str, int | None]
"""An original's digest, a format, a size; the format may be a plain string, which is equal to it."""
StandInName = tuple[Features, PictureFormat, int | None]
_Name = TypeVar("_Name")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is remembered."""

    faces: int
    pictures: int
    picture_bytes: int


class Memory:
    """Asked before the database, and all that is asked for a hit. It holds digests, never addresses."""

    def __init__(self, *, faces: int, picture_bytes: int) -> None:
        self._most_faces = faces
        self._hits: dict[str, Answer] = {}
        self._pictures: LRUCache[str | RenditionName, Picture] = LRUCache(picture_bytes, getsizeof=_room)
        self._stand_ins: LRUCache[StandInName, Picture] = LRUCache(picture_bytes // _STAND_INS, getsizeof=_room)
        self._pinned: dict[str, Picture] = {}
        self._listeners: list[Callable[[], None]] = []

    @property
    def size(self) -> Size:
        """How much is remembered now."""
        return Size(len(self._hits), len(self._pictures), int(self._pictures.currsize))

    def hit(self, image_hash: str) -> Answer | None:
        """The answer with the face under that key, if remembered; each time the same object."""
        return self._hits.get(image_hash)

    def picture(self, digest: str) -> Picture | None:
        """The picture with that digest, if remembered."""
        try:
            return self._pictures[digest]
        except KeyError:
            return self._pinned.get(digest)

    def rendition(self, digest: str, format: str, size: int | None) -> Picture | None:  # noqa: A002 - the field's own name
        """That original in this format and size, if remembered."""
        try:
            return self._pictures[digest, format, size]
        except KeyError:
            return None

    def stand_in(self, name: StandInName) -> Picture | None:
        """The stand-in of that name, if remembered."""
        return self._stand_ins.get(name)

    def remember_face(self, avatar: Avatar) -> Answer:
        """Know that face from now on; where there is no room left, the one that came first is forgotten for it.

        Returns the hit for it.
        """
        if avatar.image_hash not in self._hits and len(self._hits) >= self._most_faces:
            del self._hits[next(iter(self._hits))]
        hit = self._hits[avatar.image_hash] = Answer.of(avatar, cache_hit=True)
        return hit

    def forget_face(self, image_hash: str) -> None:
        """Ask the database for that face the next time."""
        self._hits.pop(image_hash, None)

    def learn_face(self, avatar: Avatar) -> bool:
        """Know that face too, unless there is no room left or a newer one is known. Whether there is still room."""
        if len(self._hits) < self._most_faces:
            self._hits.setdefault(avatar.image_hash, Answer.of(avatar, cache_hit=True))
        return len(self._hits) < self._most_faces

    def remember_picture(self, picture: Picture) -> None:
        """Know that picture from now on, unless it alone is larger than the bound."""
        _put(self._pictures, picture.digest, picture)

    def remember_rendition(self, name: RenditionName, picture: Picture) -> None:
        """Know that rendition from now on, likewise."""
        _put(self._pictures, name, picture)

    def remember_stand_in(self, name: StandInName, picture: Picture) -> None:
        """Know that stand-in from now on, likewise."""
        _put(self._stand_ins, name, picture)

    def forget_all(self) -> None:
        """Ask the database again for everything but what it does not have yet."""
        self._hits.clear()
        self._pictures.clear()
        self._tell()

    def forget(self, digests: Collection[str], image_hashes: Collection[str] = ()) -> None:
        """Ask the database again for these pictures, for the faces that show them, and for those under these keys."""
        for name in [name for name in self._pictures if _original(name) in digests]:
            del self._pictures[name]
        showing = [key for key, hit in self._hits.items() if hit.picture is not None and hit.picture.digest in digests]
        for key in (*showing, *image_hashes):
            self._hits.pop(key, None)
        self._tell()

    def when_forgetting(self, forget: Callable[[], None]) -> None:
        """Call that whenever something is forgotten: for who has noted something that came from here."""
        self._listeners.append(forget)

    def pin(self, picture: Picture) -> None:
        """Hold that picture until it is unpinned: no database has it yet."""
        self._pinned[picture.digest] = picture

    def unpin(self, digest: str) -> None:
        """Let go of a picture that is kept elsewhere now."""
        self._pinned.pop(digest, None)

    def _tell(self) -> None:
        for forget in self._listeners:
            forget()


def _original(name: str | RenditionName) -> str:
    return name if isinstance(name, str) else name[0]


def _room(picture: Picture) -> int:
    return len(picture.data) + _PLACE


def _put(pictures: "LRUCache[_Name, Picture]", name: "_Name", picture: Picture) -> None:
    if _room(picture) <= pictures.maxsize:
        pictures[name] = picture
