"""The database: runs a function in one transaction, in a thread, and reports an outage apart from all other errors."""

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final, TypeVar

import anyio
import anyio.to_thread
import structlog
from sqlalchemy import Connection, literal, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage.connection_slots import ConnectionSlots
from avatars_as_a_service.storage.database_errors import is_collision, is_connection_limit, is_wrong_server, reason
from avatars_as_a_service.storage.database_url import is_in_memory, sqlite_path
from avatars_as_a_service.storage.engine import BUSY_S, READS, pause, pooled_engine
from avatars_as_a_service.storage.sqlite_file import SqliteFile

T = TypeVar("T")

_CONNECTION_WAIT_S: Final = 30
"""The longest wait for a free connection."""
URGENT: Final = 2
"""Connections for urgent work alone, beside the pool's size."""
_TRIES: Final = 6
_CLOSING_S: Final = 0.25
"""A closed connection counts against the server's limit until the server has noticed."""

log = structlog.get_logger(__name__)


class Database:
    """One engine with a thread for each connection: ``pool_size`` for requests, and two for urgent work.

    All methods raise ``DatabaseUnavailable`` if the database cannot be reached, is full, read-only or not migrated.
    """

    def __init__(self, url: URL, *, pool_size: int) -> None:
        self.url = url
        path = sqlite_path(url)
        self.file = None if path is None else SqliteFile(path)
        self.engine = pooled_engine(url, pool_size + URGENT, self.file)
        self._reading = self.engine.execution_options(**{READS: True})
        self._connections = anyio.CapacityLimiter(1 if is_in_memory(url) else pool_size)
        self._urgent = self._connections if is_in_memory(url) else anyio.CapacityLimiter(URGENT)
        self._slots = ConnectionSlots(pool_size + URGENT)
        # SQLite has one writer: threads wait here instead of sleeping in the file's lock.
        self._writer = threading.Lock() if url.get_backend_name() == "sqlite" else nullcontext()
        self._takes_writes = True
        self._failed_at: float | None = None

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction that writes nothing, and return its result. It may run several times."""
        return await self._in_thread(lambda: self.read_now(work), self._connections)

    async def write(self, work: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """Run ``work`` in a transaction, commit it, and return the result of ``work``.

        ``work`` may run several times: a collision with another transaction rolls it back and runs it again, as does
        a server that is no primary any more. If the SQLite file is replaced meanwhile, ``work`` runs again on the new
        file, which may have the rows that it wrote to the old one. Urgent work (heartbeats, paid pictures) does not
        queue behind requests.
        """
        return await self._in_thread(lambda: self.write_now(work), self._urgent if urgent else self._connections)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Do what ``read`` does, in the calling thread."""
        return self._repeat(work, writes=False)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """Do what ``write`` does, in the calling thread."""
        with self._writer:
            return self._repeat(work, writes=True)

    def answers_now(self) -> bool:
        """Whether the database answers a query in the calling thread; this tells a refused statement from an outage."""
        try:
            self.read_now(lambda connection: connection.execute(select(literal(1))))
        except DatabaseUnavailable:
            return False
        return True

    def has_failed_within(self, seconds: float) -> bool:
        """Whether a transaction was given up in the last so many seconds."""
        return self._failed_at is not None and time.monotonic() - self._failed_at < seconds

    @property
    def connections_in_use(self) -> int:
        """The number of running transactions."""
        return sum(limiter.borrowed_tokens for limiter in {self._connections, self._urgent})

    @property
    def waiting(self) -> int:
        """The number of tasks that wait for a connection."""
        return self._connections.statistics().tasks_waiting

    def close(self) -> None:
        """Close all connections; the next transaction opens new ones."""
        self.engine.dispose()

    async def _in_thread(self, run: Callable[[], T], limiter: anyio.CapacityLimiter) -> T:
        # The timeout limits the wait for a connection: a thread that has begun is never abandoned.
        with anyio.move_on_after(_CONNECTION_WAIT_S):
            return await anyio.to_thread.run_sync(run, limiter=limiter)
        raise DatabaseUnavailable(f"no connection came free in {_CONNECTION_WAIT_S} s")

    def _repeat(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        give_up_at = time.monotonic() + BUSY_S
        try:
            for _ in range(_TRIES - 1):
                try:
                    return self._attempt(work, writes=writes)
                except _TryAgain:
                    if time.monotonic() >= give_up_at:  # SQLite has waited that long already
                        raise
                    pause()
            return self._attempt(work, writes=writes)
        except DatabaseUnavailable:
            self._failed_at = time.monotonic()
            raise

    def _attempt(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        if self.file is not None:
            self.file.wait_until_in_place()
        if not self._slots.acquire():
            raise DatabaseUnavailable("no connection came free")
        try:
            with (self.engine if writes else self._reading).connect() as connection, connection.begin():
                result = work(connection)
        except (IntegrityError, DataError):
            raise
        except DBAPIError as refused:
            raise self._failure(refused) from refused
        except PoolTimeoutError as refused:
            raise DatabaseUnavailable("no connection came free") from refused
        finally:
            self._slots.release()
        if writes:
            self._takes_writes = True
            if self.file is not None and not self.file.is_in_place:
                raise _TryAgain("the file was replaced during the transaction")
        return result

    def _failure(self, refused: DBAPIError) -> DatabaseUnavailable:
        text = reason(refused)
        if is_collision(refused) or (self.file is not None and not self.file.is_in_place):
            return _TryAgain(text)
        if is_wrong_server(refused):
            self._leave_server(text)
            return _TryAgain(text)
        if is_connection_limit(refused):
            if self._has_other_connections() and self._slots.give_up():
                self._tell_of_the_limit(text)
            else:
                time.sleep(_CLOSING_S)
            return _TryAgain(text)
        return DatabaseUnavailable(text)

    def _tell_of_the_limit(self, text: str) -> None:
        if self._slots.given_up == 1:
            log.warning(
                "the database has no more connections for this process, which goes on with those that it has; raise "
                "the server's or the pooler's limit, or lower AVATARS_DB_POOL_SIZE",
                reason=text,
            )

    def _leave_server(self, text: str) -> None:
        """Drop all connections: after a failover, the same address leads to another server."""
        if self._takes_writes:
            log.warning("the database server takes no writes; its connections are dropped", reason=text)
        self._takes_writes = False
        self.engine.dispose()

    def _has_other_connections(self) -> bool:
        pool = self.engine.pool
        return isinstance(pool, QueuePool) and pool.checkedin() + pool.checkedout() > 0


class _TryAgain(DatabaseUnavailable):
    """Another try may succeed: another transaction was in the way, or another server or file is the right one."""
