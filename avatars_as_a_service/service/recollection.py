"""Recollection: fills this process's memory at its start, and keeps it true to the database."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Final

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.storage import avatars, gone
from avatars_as_a_service.storage import generation as generations
from avatars_as_a_service.storage.database import Database

_PAGE: Final = 500

log = structlog.get_logger(__name__)


class Recollection:
    """What is remembered comes from the database, and is forgotten when the database says that a face has changed."""

    def __init__(self, database: Database, memory: Memory) -> None:
        self._database = database
        self._memory = memory
        self._generation: int | None = None
        self._change: _Change | None = None
        self._to_fill = asyncio.Event()

    async def look(self) -> None:
        """Read the generation number: the first time have the memory filled, after a change forget what it is about.

        That is forgotten once more at the next look: it may have been read before the change and remembered after.
        """
        change = await self._database.read(partial(_change_since, generation=self._generation or 0))
        if self._generation is None:
            self._to_fill.set()
        elif self._change is not None:
            self._forget(self._change)
        self._change = None
        if self._generation is not None and change.generation != self._generation:
            log.info("faces or pictures were taken away or redrawn", generation=change.generation)
            self._forget(change)
            self._change = change
        self._generation = change.generation

    async def fill(self) -> None:
        """Once there is anything to learn, learn the faces. Looks go on meanwhile: that many rows may take a while."""
        await self._to_fill.wait()
        self._to_fill.clear()
        try:
            await self._learn()
        except DatabaseUnavailable:
            self._to_fill.set()
            raise

    def _forget(self, change: "_Change") -> None:
        if change.gone is None:
            self._memory.forget_all()
            self._to_fill.set()
        else:
            self._memory.forget(change.gone)

    async def _learn(self) -> None:
        """The newest faces first, until all are known or there is no room left."""
        before: tuple[datetime, str] | None = None
        while True:
            page = await self._database.read(partial(avatars.newest, before=before, limit=_PAGE))
            room = [self._memory.learn_face(row.avatar) for row in page]
            if len(page) < _PAGE or not room[-1]:
                return
            before = (page[-1].created_at, page[-1].avatar.image_hash)


@dataclass(frozen=True, slots=True)
class _Change:
    """What a new generation is about: pictures that are gone, or, with ``None``, whatever there is."""

    generation: int
    gone: frozenset[str] | None


def _change_since(connection: Connection, *, generation: int) -> _Change:
    number = generations.get(connection)
    went = gone.between(connection, generation, number)
    told = len(went) == number - generation
    return _Change(number, frozenset(chain.from_iterable(went.values())) if told else None)
