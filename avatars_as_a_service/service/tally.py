"""Counts answers in memory, so that a hit writes nothing, and adds them to the database every few seconds."""

import asyncio

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage import sums
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.sums import Sums


class Tally:
    """What this process has answered, and how much of it is written down."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hits = self._misses = self._stand_ins = self._saved = 0
        self._written = Sums()
        self._flushing = asyncio.Lock()

    def hit(self, saved: int) -> None:
        """A kept face was served; ``saved`` is what its drawing cost, in micro-dollars."""
        self._hits += 1
        self._saved += saved

    def miss(self) -> None:
        """A face was asked for that was not kept."""
        self._misses += 1

    def stand_in(self) -> None:
        """A stand-in was shown."""
        self._stand_ins += 1

    @property
    def counted(self) -> Sums:
        """All that was counted since the process began."""
        return Sums(self._hits, self._misses, self._stand_ins, self._saved)

    async def flush(self) -> None:
        """Write all counts down that there are; where the database is away, they wait for the next time."""
        async with self._flushing:  # who asks for the sums waits for what is being written
            await self._flush()

    async def _flush(self) -> None:
        counted, written = self.counted, self._written
        if counted == written:
            return
        self._written = counted  # before the write: who is cancelled during it does not learn that it succeeded
        try:
            await self._database.write(lambda connection: sums.add(connection, counted - written), urgent=True)
        except DatabaseUnavailable:
            self._written = written
