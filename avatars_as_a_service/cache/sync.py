"""Cache synchronisation: loads faces at the start, and evicts faces and pictures that other processes change."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from time import monotonic
from typing import Final

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage import avatars, purged_pictures
from avatars_as_a_service.storage import generation as generations
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.database import Database

_PAGE: Final = 500
_MAX_NEW: Final = 10_000
"""The most new faces that are loaded at once; after more of them, memory no longer has all faces."""
_LONGEST_TRANSACTION: Final = timedelta(seconds=60)
"""How long before it can be read a row may have been written."""
_KNOWN_FOR_S: Final = 10.0
"""How long memory is believed to have all faces without another poll; the next one is due after three seconds."""

log = structlog.get_logger(__name__)


class CacheSync:
    """Keeps a process's memory cache true to the database."""

    def __init__(self, database: Database, memory: MemoryCache) -> None:
        self._database = database
        self._memory = memory
        self._generation: int | None = None
        self._change: _Change | None = None
        self._complete: _Complete | None = None
        self._needs_warm_up = asyncio.Event()

    async def poll_changes(self) -> None:
        """Read the generation number; evict what a new generation changed. Raises ``DatabaseUnavailable``.

        The first poll has the cache warmed up. Later polls load the faces that other processes have stored since: as
        long as memory has all faces, it can tell that a face is not stored. Each poll repeats the eviction of the poll
        before it: a row may have been read before the change and cached after that eviction.
        """
        began = monotonic()
        change = await self._database.read(partial(_change_since, generation=self._generation or 0))
        if self._change is not None:
            self._evict(self._change)
        elif self._generation is None:
            self._needs_warm_up.set()
        self._change = None
        if self._generation is not None and change.generation != self._generation:
            log.info("faces or pictures were purged or redrawn", generation=change.generation)
            self._evict(change)
            self._change = change
        self._generation = change.generation
        await self._load_new(began)

    def start_over(self) -> None:
        """Evict everything: another database has taken the place of the one that was read."""
        self._change = _Change(0, None)
        self._evict(self._change)
        self._generation = None

    async def warm_up(self) -> None:
        """Wait until faces are to be loaded, then load them. Raises ``DatabaseUnavailable``; the next call tries again.

        It is a task beside ``poll_changes``: many rows take a while, and evictions must not wait for them.
        """
        await self._needs_warm_up.wait()
        self._needs_warm_up.clear()
        try:
            await self._load_faces()
        except DatabaseUnavailable:
            self._needs_warm_up.set()
            raise

    def _evict(self, change: "_Change") -> None:
        if change.purged is None:
            self._memory.evict_all()
            self._needs_warm_up.set()
        else:
            self._memory.evict(change.purged)

    async def _load_faces(self) -> None:
        """Load the newest faces first, until all are cached or the cache is full."""
        evictions, began = self._memory.evictions_of_stored, await self._database.read(utc_now)
        before: tuple[datetime, str] | None = None
        while True:
            page = await self._database.read(partial(avatars.newest, before=before, limit=_PAGE))
            room = [self._memory.put_face_if_room(row.avatar) for row in page]
            if len(page) < _PAGE or not room[-1]:
                break
            before = (page[-1].created_at, page[-1].avatar.image_hash)
        if len(page) < _PAGE and all(room):
            self._complete = _Complete(evictions, began)

    async def _load_new(self, began: float) -> None:
        """Load the faces that were stored since the last time, if memory had all of them then."""
        complete = self._complete
        if complete is None:
            return
        if complete.evictions != self._memory.evictions_of_stored:
            self._complete = None
            self._needs_warm_up.set()
            return
        stored = await self._database.read(partial(_stored_since, since=complete.since - _LONGEST_TRANSACTION))
        missing = [key for key in stored.keys if self._memory.get_face(key) is None]
        faces = await self._database.read(partial(avatars.get_all, image_hashes=missing)) if missing else []
        fits = all(self._memory.put_face_if_room(face) for face in faces)
        if not fits or len(stored.keys) == _MAX_NEW:
            self._complete = None
            return
        self._complete = _Complete(complete.evictions, stored.until)
        self._memory.has_all_faces_until(began + _KNOWN_FOR_S)


@dataclass(frozen=True, slots=True)
class _Complete:
    """Memory has all faces that were stored by ``since``, unless it has had more evictions."""

    evictions: int
    since: datetime


@dataclass(frozen=True, slots=True)
class _Stored:
    """The keys of the faces that were stored in a time, and its end."""

    keys: Sequence[str]
    until: datetime


@dataclass(frozen=True, slots=True)
class _Change:
    """A new generation and the digests purged since the last one; ``None`` if anything may have changed."""

    generation: int
    purged: frozenset[str] | None


def _change_since(connection: Connection, *, generation: int) -> _Change:
    number = generations.get(connection)
    purged = purged_pictures.by_generation(connection, generation, number)
    is_complete = len(purged) == number - generation  # a redraw, or a face purged without its picture, has no digest
    return _Change(number, frozenset(chain.from_iterable(purged.values())) if is_complete else None)


def _stored_since(connection: Connection, *, since: datetime) -> _Stored:
    until = utc_now(connection)
    return _Stored(avatars.since(connection, since, limit=_MAX_NEW), until)
