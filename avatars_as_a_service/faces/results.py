"""Results: for ``FaceService``, stores drawn pictures with their rows; a refused picture waits and is not lost."""

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

import anyio.to_thread
import structlog
from sqlalchemy import Connection

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.concurrency.backoff import Backoff
from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.picture import Picture
from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable
from avatars_as_a_service.faces.leases import Leases
from avatars_as_a_service.storage import (
    avatars,
    claims,
    descriptions,
    generation,
    idempotency,
    images,
    ledger,
    purged_pictures,
)
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.idempotency import ANSWER_LIFETIME
from avatars_as_a_service.storage.picture_store import PictureStore
from avatars_as_a_service.storage.result_records import ResultRecord
from avatars_as_a_service.storage.spool import Spool
from avatars_as_a_service.storage.spool_index import SpooledResult, SpoolIndex

_SPOOLED_MAX_PAUSE_S: Final = 60.0
_UNSPOOLED_MAX_PAUSE_S: Final = 10.0
"""Shorter than for spooled pictures: until it is stored, this process pays for no other."""
_MAX_ROUND_S: Final = 5.0
"""The longest time for one round over the spool. The next round starts with the pictures that have failed least."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Unspooled:
    """A picture that is in this process's memory alone."""

    picture: Picture
    record: ResultRecord


@dataclass(frozen=True, slots=True, eq=False)
class _Spooled:
    """A picture that this process has put into the spool."""

    digest: str
    record: ResultRecord
    path: Path


class ResultWriter:
    """Stores the picture first, then its rows. A refused result goes to the spool, or else stays in memory.

    Each refused result is retried with a backoff of its own, so that none holds up the others, and logged once.
    """

    def __init__(
        self,
        *,
        database: Database,
        pictures: PictureStore,
        spool: Spool,
        index: SpoolIndex,
        memory: MemoryCache,
        leases: Leases,
    ) -> None:
        self._database = database
        self._pictures = pictures
        self._spool = spool
        self._index = index
        self._memory = memory
        self._leases = leases
        self._unspooled: list[_Unspooled] = []
        self._spooled: list[_Spooled] = []
        self._spooling = asyncio.Lock()
        self._spool_is_failing = False
        self._folder_is_failing = False
        self._unspooled_backoff = Backoff(max_pause_s=_UNSPOOLED_MAX_PAUSE_S)
        self._spooled_backoff = Backoff(max_pause_s=_SPOOLED_MAX_PAUSE_S)
        self._removed_faces: set[str] = set()

    @property
    def has_unsaved(self) -> bool:
        """Whether a paid picture is in this process's memory alone. Then no other may be paid for."""
        return bool(self._unspooled)

    @property
    def waiting(self) -> int:
        """How many paid pictures of this process are not stored yet, in the spool or in memory."""
        return len(self._unspooled) + len(self._spooled)

    async def save(self, picture: Picture, record: ResultRecord) -> Avatar | None:
        """Store the picture and its rows, now or as soon as the database and the picture store take them.

        Returns the face that is stored under the record's key; it may be another process's, which was faster.
        """
        try:
            avatar = await self._store(picture, record)
        except Exception as error:  # noqa: BLE001 - whatever it is: the picture is paid for and must not be lost
            log.error("a paid picture is refused", digest=picture.digest, reason=_describe(error))  # noqa: TRY400 - one line
            await self._hold(picture, record)
            avatar = record.avatar
        else:
            if record.claim is not None:
                self._leases.stop_renewing(record.claim)
        self._memory.put_picture(picture)
        if avatar is not None:
            self._memory.put_face(avatar)
        return avatar

    async def drain_spool(self) -> None:
        """Try once to store the results that wait: this process's own, and those that a crash left in the spool."""
        await self._spool_all()
        await self._store_unspooled()
        await anyio.to_thread.run_sync(self._store_spooled)
        await self._finish_stored()
        self._evict_removed_faces()

    async def _store(self, picture: Picture, record: ResultRecord) -> Avatar | None:
        await self._pictures.add(picture, urgent=True)
        return await self._database.write(partial(_store_rows, record=record), urgent=True)

    async def _hold(self, picture: Picture, record: ResultRecord) -> None:
        self._memory.pin(picture)
        self._unspooled.append(_Unspooled(picture, record))
        await self._spool_all()

    async def _spool_all(self) -> None:
        async with self._spooling:  # one task at a time, so that no result is spooled twice
            for held in list(self._unspooled):
                path = await anyio.to_thread.run_sync(self._spool_one, held)
                if path is not None and held in self._unspooled:  # else it was stored meanwhile
                    self._drop_from_memory(held)
                    self._spooled.append(_Spooled(held.picture.digest, held.record, path))

    def _spool_one(self, held: _Unspooled) -> Path | None:
        try:
            path = self._index.put(held.picture, held.record, uuid4().hex)
        except OSError as error:
            if not self._spool_is_failing:
                log.error("the spool refuses a paid picture; it is in memory alone", reason=_describe(error))  # noqa: TRY400 - one line
            self._spool_is_failing = True
            return None
        self._spool_is_failing = False
        return path

    async def _store_unspooled(self) -> None:
        """Store the results that the spool refuses, as soon as the database takes them."""
        for held in [held for held in self._unspooled if self._unspooled_backoff.is_due(held.picture.digest)]:
            try:
                await self._store(held.picture, held.record)
            except DatabaseUnavailable as error:
                self._record_unspooled_failure(held, error)
                return  # the next round starts with another one
            except Exception as error:  # noqa: BLE001 - whatever it is: it must not hold up the others
                self._record_unspooled_failure(held, error)
            else:
                self._finish_unspooled(held)

    def _record_unspooled_failure(self, held: _Unspooled, error: Exception) -> None:
        digest = held.picture.digest
        if self._unspooled_backoff.failed(digest):
            log.error("a paid picture stays in memory alone", digest=digest, reason=_describe(error))

    def _finish_unspooled(self, held: _Unspooled) -> None:
        self._unspooled_backoff.succeeded(held.picture.digest)
        if held in self._unspooled:  # else it was spooled meanwhile
            self._drop_from_memory(held)
            self._finish(held.record)

    def _drop_from_memory(self, held: _Unspooled) -> None:
        self._unspooled.remove(held)
        self._memory.unpin(held.picture.digest)

    def _store_spooled(self) -> None:
        try:
            waiting = self._spool.list_waiting()
            self._index.refresh()
            self._spooled_backoff.keep_only([path.name for path in waiting])
            due = [path for path in waiting if self._spooled_backoff.is_due(path.name)]
            if due:
                with self._spool.drain_lock() as is_locked:
                    self._store_files(due if is_locked else [])
        except OSError as error:
            if not self._folder_is_failing:
                log.error("the spool's folder cannot be used", reason=_describe(error))  # noqa: TRY400 - one line
            self._folder_is_failing = True
        else:
            self._folder_is_failing = False

    def _store_files(self, paths: list[Path]) -> None:
        give_up_at, any_stored = time.monotonic() + _MAX_ROUND_S, False
        for path in sorted(paths, key=lambda path: self._spooled_backoff.failures(path.name)):
            try:
                any_stored |= self._store_file(path)
            except Exception as error:  # noqa: BLE001 - whatever it is: it must not hold up the others
                if isinstance(error, DatabaseUnavailable) and not self._database.answers_now():
                    break  # the database is away: it is not this picture that it refuses
                self._record_spooled_failure(path, error)
            if time.monotonic() >= give_up_at:
                break
        if any_stored:
            self._spooled_backoff.retry_all()

    def _store_file(self, path: Path) -> bool:
        """Returns whether the result is stored now. Raises any error that keeps it from being stored."""
        try:
            spooled = self._index.read(path)
        except FileNotFoundError:  # another process has stored it
            return False
        except ValueError as error:
            log.error("a spooled picture cannot be read; it is set aside", reason=type(error).__name__)  # noqa: TRY400 - one line
            self._spool.mark_unreadable(path)
            return False
        if not self._database.read_now(partial(_is_stored, spooled=spooled)):
            self._pictures.add_now(spooled.picture)
            self._database.write_now(partial(_store_rows, record=spooled.record))
        self._spool.remove(path)
        self._spooled_backoff.succeeded(path.name)
        log.info("a spooled picture is stored now", digest=spooled.picture.digest)
        return True

    def _record_spooled_failure(self, path: Path, error: Exception) -> None:
        if self._spooled_backoff.failed(path.name):
            log.error(
                "a spooled picture is refused; it is served from the spool and retried less and less often",
                path=str(path),
                reason=_describe(error),
            )

    async def _finish_stored(self) -> None:
        """Finish this process's spooled results whose files are gone: any process may have stored them."""
        for spooled in await anyio.to_thread.run_sync(self._without_file, list(self._spooled)):
            is_stored = await self._database.read(partial(_knows_picture, digest=spooled.digest))
            self._spooled.remove(spooled)
            if is_stored:
                self._finish(spooled.record)
            else:
                await self._hold_vanished(spooled)

    async def _hold_vanished(self, spooled: _Spooled) -> None:
        picture = self._memory.get_picture(spooled.digest)
        if picture is not None:
            await self._hold(picture, spooled.record)
        log.error(
            "a spooled picture has vanished before it was stored",
            path=str(spooled.path),
            is_in_memory=picture is not None,
        )

    def _without_file(self, spooled: list[_Spooled]) -> list[_Spooled]:
        return [one for one in spooled if not self._spool.has(one.path)]

    def _finish(self, record: ResultRecord) -> None:
        """Evict the face, which another process may have stored first, and stop renewing the claim."""
        if record.avatar is not None:
            self._memory.evict_face(record.avatar.image_hash)
        if record.claim is not None:
            self._leases.stop_renewing(record.claim)

    def _evict_removed_faces(self) -> None:
        """Evict twice: a face may be read from the spool before it is stored, and cached after the first eviction."""
        removed = self._index.pop_removed_faces()
        for image_hash in removed | self._removed_faces:
            self._memory.evict_face(image_hash)
        self._removed_faces = removed


def _is_stored(connection: Connection, *, spooled: SpooledResult) -> bool:
    """Whether the whole record is written and only the file was left.

    To write it again could bring back a face that was purged meanwhile, or undo a later redraw.
    """
    receipt = spooled.record.receipt
    if receipt is None or not ledger.is_settled(connection, receipt.call_id):
        return False
    return _knows_picture(connection, digest=spooled.picture.digest)


def _knows_picture(connection: Connection, *, digest: str) -> bool:
    """Whether the picture was stored, even if it was purged since."""
    return bool(images.refs(connection, [digest])) or purged_pictures.contains(connection, digest)


def _store_rows(connection: Connection, *, record: ResultRecord) -> Avatar | None:
    avatar = record.avatar and _store_face(connection, record.avatar, redrawn=record.redrawn)
    if record.described is not None:
        descriptions.add(connection, record.described)
    if record.answer is not None and record.claim is not None:
        idempotency.add(connection, record.claim.subject, record.answer, ANSWER_LIFETIME)
    if record.claim is not None:
        claims.release(connection, record.claim)
    if record.receipt is not None:
        ledger.close(connection, record.receipt)  # last: it locks the budget rows, which all processes write
    return avatar


def _store_face(connection: Connection, avatar: Avatar, *, redrawn: bool) -> Avatar:
    if not redrawn:
        return avatars.add(connection, avatar)
    generation.bump(connection)
    return avatars.put(connection, avatar)


def _describe(error: Exception) -> str:
    if isinstance(error, DatabaseUnavailable | ImageStoreUnavailable):
        return error.reason
    return f"{type(error).__name__}: {error}"
