"""Counts answers in memory, so that a hit writes nothing; the counts go to the database every few seconds."""

import asyncio

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage import hourly_counts
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.hourly_counts import HourlyCounts


class AnswerCounts:
    """The answers of this process by outcome, and how many of them the database has."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hits = self._misses = self._stand_ins = self._saved = 0
        self._written = HourlyCounts()
        self._flushing = asyncio.Lock()

    def add_hit(self, saved: int) -> None:
        """Count a kept face that was served; ``saved`` is the cost of its drawing, in micro-dollars."""
        self._hits += 1
        self._saved += saved

    def add_miss(self) -> None:
        """Count a request for a face that was not kept."""
        self._misses += 1

    def add_stand_in(self) -> None:
        """Count a stand-in that was shown."""
        self._stand_ins += 1

    @property
    def totals(self) -> HourlyCounts:
        """All counts since the process began."""
        return HourlyCounts(self._hits, self._misses, self._stand_ins, self._saved)

    async def flush(self) -> None:
        """Add new counts to the database; while it is away, they wait for the next flush."""
        async with self._flushing:  # stats read after this flush include one that was under way
            await self._flush()

    async def _flush(self) -> None:
        counted, written = self.totals, self._written
        if counted == written:
            return
        self._written = counted  # before the write: a flush that is cancelled cannot tell that its write succeeded
        try:
            await self._database.write(lambda connection: hourly_counts.add(connection, counted - written), urgent=True)
        except DatabaseUnavailable:
            self._written = written
