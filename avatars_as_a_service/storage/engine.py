"""The SQLAlchemy engine for each kind of database: its timeouts, isolation and transactions."""

import random
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, StaticPool

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage.database_errors import is_busy
from avatars_as_a_service.storage.sqlite_file import Identity, SqliteFile

BUSY_S: Final = 10
"""How long SQLite waits for another process's transaction."""
READS: Final = "avatars_reads"
"""The execution option of a connection that writes nothing."""
_CONNECT_S: Final = 3
_STATEMENT_S: Final = 5
_RECYCLE_S: Final = 3600
_FILE: Final = "avatars_file"
_HIDDEN: Final = {"hide_parameters": True}
"""Keeps descriptions out of the log."""


def pooled_engine(url: URL, size: int, file: SqliteFile | None) -> Engine:
    """Return an engine with at most ``size`` connections. ``file`` is the SQLite database's, if it is one."""
    options: dict[str, Any] = {"pool_size": size, "max_overflow": 0, "pool_timeout": _STATEMENT_S, **_HIDDEN}
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, options, file)
    return _server_engine(url, {"pool_pre_ping": True, "pool_recycle": _RECYCLE_S, **options}, limited=True)


def unlimited_engine(url: URL) -> Engine:
    """Return an engine for a server without the limits of statements and without a pool, for long migrations."""
    return _server_engine(url, {"poolclass": NullPool, **_HIDDEN}, limited=False)


def opened_file(record: ConnectionPoolEntry | None) -> Identity | None:
    """Return which file an SQLite connection has open."""
    return None if record is None else record.info.get(_FILE)


def pause() -> None:
    """Sleep for a moment before the next try."""
    time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - spreads tries, guards nothing


def _server_engine(url: URL, options: dict[str, Any], *, limited: bool) -> Engine:
    backend = url.get_backend_name()
    arguments: dict[str, Any] = {}
    if backend == "postgresql":
        from avatars_as_a_service.storage.postgres_connection import (  # noqa: PLC0415 - only PostgreSQL needs its driver
            PostgresConnection,
            UnlimitedPostgresConnection,
            install_wait_limits,
        )

        install_wait_limits()
        arguments = {"connect_timeout": _CONNECT_S, "tcp_user_timeout": _STATEMENT_S * 1000}
        arguments["connection_factory"] = PostgresConnection if limited else UnlimitedPostgresConnection
        options |= {"use_native_hstore": False}  # saves a query for each connection
    if backend in {"mysql", "mariadb"}:
        waits = {"read_timeout": _STATEMENT_S, "write_timeout": _STATEMENT_S} if limited else {}
        arguments = {"connect_timeout": _CONNECT_S, **waits}
        options |= {"isolation_level": "READ COMMITTED"}
    own = {name: value for name, value in arguments.items() if name not in url.query}
    engine = create_engine(url, connect_args=own, **options)
    event.listen(engine, "do_connect", _connect)
    if backend == "postgresql":
        event.listen(engine, "begin", _begin_postgres)
    return engine


def _connect(dialect: Dialect, _record: object, arguments: Sequence[Any], options: dict[str, Any]) -> DBAPIConnection:
    """Connect. PyMySQL raises ``TypeError`` for a parameter of the URL that it does not know."""
    try:
        return dialect.connect(*arguments, **options)
    except TypeError as wrong:
        raise DatabaseUnavailable(f"the driver does not know a parameter of the database URL: {wrong}") from wrong


def _begin_postgres(connection: Connection) -> None:
    import psycopg2  # noqa: PLC0415 - only PostgreSQL needs its driver

    try:
        connection.connection.dbapi_connection.begin()  # type: ignore[union-attr]  # it is a PostgresConnection
    except psycopg2.Error as refused:
        connection.invalidate(refused)
        raise OperationalError("BEGIN", None, refused) from refused


def _sqlite_engine(url: URL, options: dict[str, Any], file: SqliteFile | None) -> Engine:
    if file is None:
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}, **_HIDDEN}
    else:
        _make_folder(file.path.parent)
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    if file is not None:
        event.listen(engine, "connect", _noting(file))
    return engine


def _noting(file: SqliteFile) -> Any:  # noqa: ANN401 - the event's own signature
    def note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = file.identity()
        if file.in_use is None:
            file.use(record.info[_FILE])

    return note


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise DatabaseUnavailable(f"the folder {folder} cannot be made: {refused.strerror}") from refused


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    connection.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
    _enable_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Set the file's mode to WAL; SQLite itself does not wait for another process that sets it at the same moment."""
    give_up_at = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as refused:
            if not is_busy(refused) or time.monotonic() >= give_up_at:
                raise
            pause()
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(READS, False):
        connection.connection.cursor().execute("BEGIN")  # takes no lock, so it cannot fail
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
