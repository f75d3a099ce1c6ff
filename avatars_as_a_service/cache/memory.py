"""The memory cache of a process: faces by key and pictures by digest, each within bounds."""

from collections.abc import Collection
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

from cachetools import LRUCache

from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.domain.query import Answer

_OVERHEAD_BYTES: Final = 1024
"""Memory of a picture beside its data; the smallest pictures have less data than that."""
_STAND_IN_SHARE: Final = 16
"""Stand-ins get one byte in this many: they cost nothing to make, and must not evict kept pictures."""

RenditionName = tuple[str, str, int | None]
"""An original's digest, a format, a size. The format may be a plain string: it equals its ``PictureFormat``."""
StandInName = tuple[Features, PictureFormat, int | None]
_Name = TypeVar("_Name")


@dataclass(frozen=True, slots=True)
class Size:
    """How much the cache holds."""

    faces: int
    pictures: int
    picture_bytes: int


class MemoryCache:
    """Answers hits without the database. It holds digests, never URLs."""

    def __init__(self, *, faces: int, picture_bytes: int) -> None:
        self._max_faces = faces
        self._hits: dict[str, Answer] = {}
        self._pictures: LRUCache[str | RenditionName, Picture] = LRUCache(picture_bytes, _bytes_of)
        self._stand_ins: LRUCache[StandInName, Picture] = LRUCache(
            picture_bytes // _STAND_IN_SHARE, getsizeof=_bytes_of
        )
        self._pinned: dict[str, Picture] = {}
        self._all_faces_until = 0.0
        self.evictions_of_stored = 0
        """Grows whenever faces are evicted that may still be stored."""
        self.version = 0
        """Grows with each eviction, so that copies of what was read here can be recognised as outdated.

        An entry that makes room for another is no eviction: the database still has it, unchanged.
        """

    @property
    def size(self) -> Size:
        """How much the cache holds now."""
        return Size(len(self._hits), len(self._pictures), int(self._pictures.currsize))

    @property
    def has_all_faces(self) -> bool:
        """Whether every face that was stored a few seconds ago is in memory, so that no other one is stored."""
        return monotonic() < self._all_faces_until

    def has_all_faces_until(self, end: float) -> None:
        """Have ``has_all_faces`` hold until then (the monotonic clock's time), unless a face is evicted before."""
        self._all_faces_until = end

    def get_face(self, image_hash: str) -> Answer | None:
        """Return the cached answer with the face under that key, each time the same object."""
        return self._hits.get(image_hash)

    def get_picture(self, digest: str) -> Picture | None:
        """Return the picture with that digest if it is cached or pinned."""
        try:
            return self._pictures[digest]
        except KeyError:
            return self._pinned.get(digest)

    def get_rendition(self, digest: str, format: str, size: int | None) -> Picture | None:  # noqa: A002 - the field's own name
        """Return the cached rendition of that original in this format and size."""
        try:
            return self._pictures[digest, format, size]
        except KeyError:
            return None

    def get_stand_in(self, name: StandInName) -> Picture | None:
        """Return the cached stand-in of that name."""
        return self._stand_ins.get(name)

    def put_face(self, avatar: Avatar) -> Answer:
        """Cache the face and return its hit; if the cache is full, evict the face that was cached first."""
        if avatar.image_hash not in self._hits and len(self._hits) >= self._max_faces:
            del self._hits[next(iter(self._hits))]
            self._evicted_stored()
        hit = self._hits[avatar.image_hash] = Answer.of(avatar, cache_hit=True)
        return hit

    def evict_face(self, image_hash: str) -> None:
        """Evict the face under that key."""
        self._hits.pop(image_hash, None)
        self._evicted_stored()
        self.version += 1

    def put_face_if_room(self, avatar: Avatar) -> bool:
        """Cache the face unless the cache is full or has the key; return whether there is still room."""
        if len(self._hits) < self._max_faces:
            self._hits.setdefault(avatar.image_hash, Answer.of(avatar, cache_hit=True))
        return len(self._hits) < self._max_faces

    def put_picture(self, picture: Picture) -> None:
        """Cache the picture unless it alone is larger than the bound."""
        _put(self._pictures, picture.digest, picture)

    def put_rendition(self, name: RenditionName, picture: Picture) -> None:
        """Cache the rendition unless it alone is larger than the bound."""
        _put(self._pictures, name, picture)

    def put_stand_in(self, name: StandInName, picture: Picture) -> None:
        """Cache the stand-in unless it alone is larger than the bound."""
        _put(self._stand_ins, name, picture)

    def evict_all(self) -> None:
        """Evict everything but pinned pictures and stand-ins."""
        self._hits.clear()
        self._pictures.clear()
        self._evicted_stored()
        self.version += 1

    def evict(self, digests: Collection[str], image_hashes: Collection[str] = ()) -> None:
        """Evict these pictures with their renditions, the faces that show them, and the faces under these keys.

        These are purged, so memory still has all faces that are stored.
        """
        for name in [name for name in self._pictures if _original_of(name) in digests]:
            del self._pictures[name]
        showing = [key for key, hit in self._hits.items() if hit.picture is not None and hit.picture.digest in digests]
        for key in (*showing, *image_hashes):
            self._hits.pop(key, None)
        self.version += 1

    def _evicted_stored(self) -> None:
        self.evictions_of_stored += 1
        self._all_faces_until = 0.0

    def pin(self, picture: Picture) -> None:
        """Hold a picture that is not stored yet until it is unpinned."""
        self._pinned[picture.digest] = picture

    def unpin(self, digest: str) -> None:
        """Release a pinned picture that is stored now."""
        self._pinned.pop(digest, None)


def _original_of(name: str | RenditionName) -> str:
    return name if isinstance(name, str) else name[0]


def _bytes_of(picture: Picture) -> int:
    return len(picture.data) + _OVERHEAD_BYTES


def _put(pictures: "LRUCache[_Name, Picture]", name: "_Name", picture: Picture) -> None:
    if _bytes_of(picture) <= pictures.maxsize:
        pictures[name] = picture
