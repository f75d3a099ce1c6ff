"""The file watch: goes on with the SQLite file at the path when the open one was replaced or deleted."""

import asyncio
from typing import Final

import structlog

from avatars_as_a_service.cache.sync import CacheSync
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.replaced_file import open_new_file
from avatars_as_a_service.storage.sqlite_file import SqliteFile
from avatars_as_a_service.storage.version import MayNotMigrate

_SETTLED: Final = 3
"""Looks in a row that find the same file of the same size: a copy that is being written is left to grow."""

log = structlog.get_logger(__name__)


class FileWatch:
    """Opens the file at the path as soon as it is another one; until then, all transactions wait."""

    def __init__(self, database: Database, file: SqliteFile, cache_sync: CacheSync) -> None:
        self._database = database
        self._file = file
        self._cache_sync = cache_sync
        self._seen: object = None
        self._looks = 0

    async def look(self) -> None:
        """Compare the open file with the one at the path; open that one if it is another."""
        if self._file.is_in_place:
            return
        if not self._looks:
            self._cache_sync.start_over()
        seen = self._file.at_path()
        self._looks = self._looks + 1 if self._looks and seen == self._seen else 1
        self._seen = seen
        if self._looks >= _SETTLED:
            self._looks = 0
            await self._open()

    async def _open(self) -> None:
        try:
            opened = await asyncio.to_thread(open_new_file, self._database, self._file)
        except (DatabaseUnavailable, MayNotMigrate) as refused:
            problem = refused.reason if isinstance(refused, DatabaseUnavailable) else str(refused)
            if self._file.mark_unusable(problem):
                log.error(  # noqa: TRY400 - one line is enough
                    "THE SQLITE FILE WAS REPLACED by one that cannot be used; nothing is stored until it can",
                    path=str(self._file.path),
                    reason=problem,
                )
            return
        self._database.close()
        self._cache_sync.start_over()
        self._file.use(opened.identity)
        log.warning(
            "THE SQLITE FILE WAS REPLACED OR DELETED; the service goes on with the file at the path, and faces that "
            "only the old file had are drawn again when they are asked for",
            path=str(self._file.path),
            claims_brought_along=len(opened.under_way.claims),
            calls_brought_along=len(opened.under_way.calls),
        )
