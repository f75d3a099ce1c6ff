"""The keeper: puts drawn pictures where they stay, and loses none that was paid for while they are refused."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

import anyio.to_thread
import structlog
from pydantic import TypeAdapter
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from avatars_as_a_service.avatar import Avatar
from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable
from avatars_as_a_service.images.spool import Spool, Spooled
from avatars_as_a_service.picture import Picture, PictureFormat
from avatars_as_a_service.service.leases import Leases
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.service.shelf import Shelf
from avatars_as_a_service.storage import avatars, claims, descriptions, generation, idempotency, ledger
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.idempotency import KeptAnswer
from avatars_as_a_service.storage.ledger import Receipt

ANSWER_LIFETIME: Final = timedelta(hours=24)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is written of a picture, in one transaction: its face or its kept answer, its receipt, its claim's end.

    ``described`` is its digest where a description was drawn; ``redrawn``: the face takes another one's place.
    """

    format: PictureFormat
    width: int
    height: int
    avatar: Avatar | None = None
    answer: KeptAnswer | None = None
    receipt: Receipt | None = None
    claim: Claim | None = None
    described: str | None = None
    redrawn: bool = False

    @classmethod
    def of(
        cls,
        picture: Picture,
        *,
        avatar: Avatar | None = None,
        answer: KeptAnswer | None = None,
        receipt: Receipt | None = None,
        claim: Claim | None = None,
        described: bool = False,
        redrawn: bool = False,
    ) -> Self:
        """What is to be written of that picture."""
        return cls(
            format=picture.format,
            width=picture.width,
            height=picture.height,
            avatar=avatar,
            answer=answer,
            receipt=receipt,
            claim=claim,
            described=picture.digest if described else None,
            redrawn=redrawn,
        )


_NOTES: Final = TypeAdapter(Note)


@dataclass(slots=True)
class _Waiting:
    """A picture that has been refused so far; ``path`` is where the spool has it, if it has."""

    picture: Picture
    note: Note
    path: Path | None = None


class Keeper:
    """Writes the picture first, then its rows. What is refused goes to the spool, else stays in memory."""

    def __init__(self, *, database: Database, shelf: Shelf, spool: Spool, memory: Memory, leases: Leases) -> None:
        self._database = database
        self._shelf = shelf
        self._spool = spool
        self._memory = memory
        self._leases = leases
        self._waiting: list[_Waiting] = []
        self._spooling = asyncio.Lock()

    @property
    def holds_unspooled(self) -> bool:
        """Whether a paid picture is in this process's memory alone: then no other may be paid for."""
        return any(waiting.path is None for waiting in self._waiting)

    @property
    def waiting(self) -> int:
        """How many paid pictures of this process wait for a place, in the spool or in memory."""
        return len(self._waiting)

    async def keep(self, picture: Picture, note: Note) -> Avatar | None:
        """Keep them, now or as soon as database and image store are back.

        Returns the face that stands under the note's key: another one's where that was faster.
        """
        try:
            kept = await self._store(picture, note)
        except Exception as refused:  # noqa: BLE001 - whatever it is: the picture is paid for and must not be lost
            log.error("a paid picture is refused", digest=picture.digest, reason=_words(refused))  # noqa: TRY400 - said in one line
            await self._hold(picture, note)
            kept = note.avatar
        else:
            if note.claim is not None:
                self._leases.forget(note.claim)
        self._memory.remember_picture(picture)
        if kept is not None:
            self._memory.remember_face(kept)
        return kept

    async def find(self, digest: str) -> Picture | None:
        """A picture that waits in the spool, put there by whichever process of this machine."""
        try:
            spooled = await anyio.to_thread.run_sync(self._spool.find, digest)
            picture = None if spooled is None else _picture(spooled.data, _NOTES.validate_json(spooled.note))
        except (OSError, ValueError):  # it has just been taken in, or it is damaged
            return None
        return picture if picture is not None and picture.digest == digest else None

    async def take_in(self) -> None:
        """Try once to bring into the database what waits: this process's own, and what a crash left in the spool."""
        await self._spool_held()
        await anyio.to_thread.run_sync(self._take_in_spool)
        for waiting in list(self._waiting):
            if waiting.path is None:
                await self._store(waiting.picture, waiting.note)
            if waiting.path is None or not waiting.path.exists():
                self._let_go(waiting)

    async def _store(self, picture: Picture, note: Note) -> Avatar | None:
        await self._shelf.add(picture, urgent=True)
        return await self._database.write(partial(_store_rows, note=note), urgent=True)

    async def _hold(self, picture: Picture, note: Note) -> None:
        self._memory.pin(picture)
        self._waiting.append(_Waiting(picture, note))
        await self._spool_held()

    async def _spool_held(self) -> None:
        async with self._spooling:  # one at a time: nothing is put there twice
            for waiting in list(self._waiting):
                if waiting.path is None:
                    waiting.path = await anyio.to_thread.run_sync(self._put, waiting)

    def _put(self, waiting: _Waiting) -> Path | None:
        spooled = Spooled(_NOTES.dump_json(waiting.note).decode(), waiting.picture.data)
        try:
            return self._spool.put(waiting.picture.digest, uuid4().hex, spooled)
        except OSError as refused:
            log.error("the spool refuses a paid picture; it is in memory alone", reason=_words(refused))  # noqa: TRY400 - said in one line
            return None

    def _take_in_spool(self) -> None:
        if not self._spool.waiting():
            return
        with self._spool.taking_in() as mine:
            for path in self._spool.waiting() if mine else []:
                try:
                    self._take_in_one(path)
                except (IntegrityError, DataError) as wrong:  # it must not hold up those behind it
                    log.error("the database does not accept a spooled picture", path=str(path), reason=_words(wrong))  # noqa: TRY400 - said in one line

    def _take_in_one(self, path: Path) -> None:
        try:
            picture, note = self._read(path)
        except OSError as refused:  # the disk fails, or somebody has taken the file away: the others are not to wait
            log.warning("a spooled picture is left where it is", reason=_words(refused))
            return
        except ValueError as wrong:
            log.error("a spooled picture cannot be read; it is set aside", reason=type(wrong).__name__)  # noqa: TRY400 - said in one line
            self._spool.set_aside(path)
            return
        self._shelf.add_now(picture)
        self._database.write_now(partial(_store_rows, note=note))
        self._spool.remove(path)
        log.info("a spooled picture is kept now", digest=picture.digest)

    def _read(self, path: Path) -> tuple[Picture, Note]:
        spooled = self._spool.read(path)
        note = _NOTES.validate_json(spooled.note)
        picture = _picture(spooled.data, note)
        if not path.name.startswith(picture.digest):
            raise ValueError("its bytes are not those of its name")
        return picture, note

    def _let_go(self, waiting: _Waiting) -> None:
        self._memory.unpin(waiting.picture.digest)
        self._waiting.remove(waiting)
        if waiting.note.avatar is not None:  # another one may have been first: the database tells
            self._memory.forget_face(waiting.note.avatar.image_hash)
        if waiting.note.claim is not None:
            self._leases.forget(waiting.note.claim)


def _store_rows(connection: Connection, *, note: Note) -> Avatar | None:
    kept = note.avatar and _stand(connection, note.avatar, redrawn=note.redrawn)
    if note.described is not None:
        descriptions.add(connection, note.described)
    if note.answer is not None and note.claim is not None:
        idempotency.add(connection, note.claim.subject, note.answer, ANSWER_LIFETIME)
    if note.claim is not None:
        claims.release(connection, note.claim)
    if note.receipt is not None:
        ledger.close(connection, note.receipt)  # last: it takes the budget's rows, which every process wants
    return kept


def _stand(connection: Connection, avatar: Avatar, *, redrawn: bool) -> Avatar:
    if not redrawn:
        return avatars.add(connection, avatar)
    generation.bump(connection)
    return avatars.put(connection, avatar)


def _picture(data: bytes, note: Note) -> Picture:
    return Picture.of(data, format=note.format, width=note.width, height=note.height)


def _words(refused: Exception) -> str:
    if isinstance(refused, DatabaseUnavailable | ImageStoreUnavailable):
        return refused.reason
    return f"{type(refused).__name__}: {refused}"
