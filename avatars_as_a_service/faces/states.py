"""The states of faces: kept, drawing, cooldown or absent. Telling them never has a face drawn."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

import anyio.to_thread
from sqlalchemy import Connection

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.domain.picture import PictureRef
from avatars_as_a_service.domain.query import STILL_DRAWING
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.faces.leases import Leases
from avatars_as_a_service.storage import avatars, claims, refusals
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.spool_index import SpoolIndex

MAX_WAIT_S: Final = 30
_MAX_WAITING: Final = 1_000
"""Past so many that wait in a process, others are answered at once."""
_DRAWING_RETRY_S: Final = 2


class FaceStateName(StrEnum):
    """What has become of a face."""

    KEPT = "kept"
    DRAWING = "drawing"
    COOLDOWN = "cooldown"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class FaceState:
    """A face's state. ``reason`` is why it is not kept, if that is known; ``retry_after_s`` is when to ask again."""

    state: FaceStateName
    picture: PictureRef | None = None
    reason: str | None = None
    retry_after_s: int | None = None


_ABSENT: Final = FaceState(FaceStateName.ABSENT)
_DRAWING: Final = FaceState(FaceStateName.DRAWING, reason=STILL_DRAWING, retry_after_s=_DRAWING_RETRY_S)


class FaceStates:
    """Reads states from memory, the spool and the database, and waits for drawings of any process.

    A drawing of this process is known before it has claimed its face in the database.
    """

    def __init__(
        self,
        *,
        database: Database,
        memory: MemoryCache,
        spooled: SpoolIndex,
        leases: Leases,
        is_drawing: Callable[[str], bool],
        is_stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._memory = memory
        self._spooled = spooled
        self._leases = leases
        self._is_drawing = is_drawing
        self._is_stopping = is_stopping
        self._waiting = 0

    async def get(self, image_hash: str, *, wait_s: float) -> FaceState:
        """The state of the face with this key, once a drawing that is under way has ended, or after ``wait_s`` seconds.

        Raises ``DatabaseUnavailable``.
        """
        deadline = asyncio.get_running_loop().time() + wait_s
        state = await self._read(image_hash)
        if state is not _DRAWING or self._waiting >= _MAX_WAITING:
            return state
        self._waiting += 1
        try:
            return await self._wait(image_hash, deadline)
        finally:
            self._waiting -= 1

    async def _wait(self, image_hash: str, deadline: float) -> FaceState:
        """Wait also for a drawing that begins when another has ended. A process that stops lets nobody wait."""
        clock, state = asyncio.get_running_loop().time, _DRAWING
        while state is _DRAWING and clock() < deadline and not self._is_stopping():
            await self._leases.wait_for_release(image_hash, deadline=deadline, is_stopping=self._is_stopping)
            state = await self._read(image_hash)
        return state

    async def _read(self, image_hash: str) -> FaceState:
        hit = self._memory.get_face(image_hash)
        if hit is not None:
            return FaceState(FaceStateName.KEPT, hit.picture)
        was_drawing = self._is_drawing(image_hash)  # before the database is read, or its end could be missed
        try:
            state = await self._database.read(partial(self._stored, image_hash=image_hash))
        except DatabaseUnavailable:
            avatar = await anyio.to_thread.run_sync(self._spooled.face, image_hash)
            if avatar is None:
                raise
            return FaceState(FaceStateName.KEPT, avatar.picture)
        return _DRAWING if state is _ABSENT and was_drawing else state

    def _stored(self, connection: Connection, image_hash: str) -> FaceState:
        # The claim first: its holder writes the face and releases it in one transaction.
        held = claims.get(connection, image_hash)
        avatar = avatars.get(connection, image_hash) or self._spooled.face(image_hash)
        if avatar is not None:
            return FaceState(FaceStateName.KEPT, avatar.picture)
        if held is not None and not held.expired:
            return _DRAWING
        failed = refusals.get(connection, image_hash)
        if failed is None:
            return _ABSENT
        if not failed.cooldown:
            return FaceState(FaceStateName.ABSENT, reason=failed.code)
        seconds = math.ceil(failed.cooldown.total_seconds())
        return FaceState(FaceStateName.COOLDOWN, reason=failed.code, retry_after_s=seconds)
