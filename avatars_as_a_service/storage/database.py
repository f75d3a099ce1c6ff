"""The database: runs a function in one transaction, in a thread, and tells its absence from everything else."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final, TypeVar

import anyio
import anyio.to_thread
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, literal, select
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import StaticPool

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage.address import in_memory

T = TypeVar("T")

_CONNECT_S: Final = 3
_STATEMENT_S: Final = 5
_BUSY_S: Final = 10
"""How long SQLite waits for another process's transaction."""
_TURN_S: Final = 30
"""The longest wait for one of the connections."""
_URGENT: Final = 2
"""Connections beside the pool's size that only urgent work uses."""
_TRIES: Final = 6
_RECYCLE_S: Final = 3600
_READS: Final = "avatars_reads"
_COLLISIONS: Final = {"40001", "40P01", "55P03", 1205, 1213, 1020}
"""Deadlocks and lost races that the server ends by refusing one side: PostgreSQL's states, MySQL's numbers."""


class Database:
    """One engine with as many threads as connections: ``pool_size`` for requests, and two for what is urgent.

    All methods raise ``DatabaseUnavailable`` when the database cannot be reached, is full, read-only or not migrated.
    """

    def __init__(self, url: URL, *, pool_size: int) -> None:
        self.url = url
        self.engine = _engine(url, pool_size)
        self._reading = self.engine.execution_options(**{_READS: True})
        self._connections = anyio.CapacityLimiter(1 if in_memory(url) else pool_size)
        self._urgent = self._connections if in_memory(url) else anyio.CapacityLimiter(_URGENT)
        # SQLite has one writer: its threads take turns here instead of sleeping in the file's lock.
        self._writer = threading.Lock() if url.get_backend_name() == "sqlite" else nullcontext()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What ``work`` returns, run in a transaction that writes nothing."""
        return await self._in_thread(lambda: self.read_now(work), self._connections)

    async def write(self, work: Callable[[Connection], T], *, urgent: bool = False) -> T:
        """What ``work`` returns, run in a transaction that is committed.

        ``work`` may run several times: a collision with another transaction rolls it back and runs it anew. What is
        urgent (signs of life, pictures that are paid for) does not queue behind requests.
        """
        return await self._in_thread(lambda: self.write_now(work), self._urgent if urgent else self._connections)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """What ``read`` does, in the thread that calls it."""
        return self._attempt(work, writes=False)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """What ``write`` does, in the thread that calls it."""
        with self._writer:
            give_up_at = time.monotonic() + _BUSY_S
            for _ in range(_TRIES - 1):
                try:
                    return self._attempt(work, writes=True)
                except _Collision:
                    if time.monotonic() >= give_up_at:  # SQLite has waited that long already
                        raise
                    _pause()
            return self._attempt(work, writes=True)

    async def ping(self) -> None:
        """Ask the database for a sign of life."""
        await self.read(lambda connection: connection.execute(select(literal(1))))

    @property
    def connections_in_use(self) -> int:
        """How many transactions are being run."""
        return sum(turns.borrowed_tokens for turns in {self._connections, self._urgent})

    @property
    def waiting(self) -> int:
        """How many wait for a connection."""
        return self._connections.statistics().tasks_waiting

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    async def _in_thread(self, run: Callable[[], T], turns: anyio.CapacityLimiter) -> T:
        # The time limit is on waiting for a turn: a thread that has begun is never abandoned.
        with anyio.move_on_after(_TURN_S):
            return await anyio.to_thread.run_sync(run, limiter=turns)
        raise DatabaseUnavailable(f"no connection came free in {_TURN_S} s")

    def _attempt(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        try:
            with (self.engine if writes else self._reading).connect() as connection, connection.begin():
                return work(connection)
        except (IntegrityError, DataError):
            raise
        except DBAPIError as refused:
            if _is_collision(refused):
                raise _Collision(_reason(refused)) from refused
            raise DatabaseUnavailable(_reason(refused)) from refused
        except PoolTimeoutError as refused:
            raise DatabaseUnavailable("no connection came free") from refused


class _Collision(DatabaseUnavailable):
    """Another transaction was in the way; running again may help."""


def _is_collision(refused: DBAPIError) -> bool:
    original = refused.orig
    if isinstance(original, sqlite3.OperationalError):
        return _is_busy(original)
    code = getattr(original, "pgcode", None) or (getattr(original, "args", None) or (None,))[0]
    return code in _COLLISIONS


def _is_busy(refused: sqlite3.OperationalError) -> bool:
    return refused.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _pause() -> None:
    """Until the next try."""
    time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - spreads tries, guards nothing


def _reason(refused: DBAPIError) -> str:
    """The driver's own words in one line; drivers do not repeat passwords."""
    return " ".join(f"{type(refused.orig).__name__}: {refused.orig}".split())


def _engine(url: URL, pool_size: int) -> Engine:
    options: dict[str, Any] = {
        "pool_size": pool_size + _URGENT,
        "max_overflow": 0,
        "pool_timeout": _STATEMENT_S,
        "hide_parameters": True,  # no description's text in a log
    }
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite_engine(url, options)
    if backend == "postgresql":
        from avatars_as_a_service.storage.silence import (  # noqa: PLC0415 - only PostgreSQL needs its driver
            ImpatientConnection,
            break_silence,
        )

        break_silence()
        options["connect_args"] = {
            "connection_factory": ImpatientConnection,
            "connect_timeout": _CONNECT_S,
            "options": f"-c statement_timeout={_STATEMENT_S * 1000}",
            "tcp_user_timeout": _STATEMENT_S * 1000,
        }
    if backend in {"mysql", "mariadb"}:
        limits = {"connect_timeout": _CONNECT_S, "read_timeout": _STATEMENT_S, "write_timeout": _STATEMENT_S}
        options |= {"connect_args": limits, "isolation_level": "READ COMMITTED"}
    engine = create_engine(url, pool_pre_ping=True, pool_recycle=_RECYCLE_S, **options)
    event.listen(engine, "do_connect", _connect)
    return engine


def _connect(dialect: Dialect, _record: object, arguments: Sequence[Any], options: dict[str, Any]) -> DBAPIConnection:
    """PyMySQL refuses what it does not know after the address's "?" with Python's own words."""
    try:
        return dialect.connect(*arguments, **options)
    except TypeError as wrong:
        raise DatabaseUnavailable(f"a parameter of the address is not known to its driver: {wrong}") from wrong


def _sqlite_engine(url: URL, options: dict[str, Any]) -> Engine:
    if in_memory(url):
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}, "hide_parameters": True}
    else:
        _make_folder(Path(str(url.database)).parent)
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise DatabaseUnavailable(f"the folder {folder} cannot be made: {refused.strerror}") from refused


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    connection.execute(f"PRAGMA busy_timeout={_BUSY_S * 1000}")
    _log_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Two processes that make this the file's mode at the same moment do not wait for each other by themselves."""
    give_up_at = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as refused:
            if not _is_busy(refused) or time.monotonic() >= give_up_at:
                raise
            _pause()
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(_READS, False):
        connection.connection.cursor().execute("BEGIN")  # waits for nobody, so it cannot fail
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
