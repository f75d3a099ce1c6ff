"""Database errors: what a driver's error means, whichever database it comes from."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

_COLLISIONS: Final = {"40001", "40P01", "55P03", 1205, 1213, 1020}
"""Deadlocks and lost races that the server resolves by refusing one side: PostgreSQL's states, MySQL's numbers."""
_WRONG_SERVER: Final = {
    "25006",  # read-only transaction
    "57P01",  # the server shuts down
    "57P02",
    "57P03",  # the server does not take statements now
    1047,  # a cluster's node that is not ready
    1053,  # the server shuts down
    1223,  # a global read lock
    1290,  # the server runs with --read-only
    1792,  # read-only transaction
    1836,  # read-only mode
    1874,  # InnoDB is read-only
    3032,  # offline mode
    3100,  # a replication group refuses the commit
    3168,
}
"""The server answers and takes no writes: after a failover, the connection leads to a server that is no primary."""
_NO_MORE_CONNECTIONS: Final = {1040, 1203, 1226}
_NO_MORE_CONNECTIONS_TEXTS: Final = (
    "too many connections",
    "too many clients",
    "remaining connection slots are reserved",
    "no more connections allowed",
    "query_wait_timeout",
)
"""PostgreSQL and its poolers refuse a connection without a state: only the text says why."""
_NOT_PERMITTED: Final = {"42501", 1044, 1142, 1143, 1227, 1370}


def reason(refused: DBAPIError) -> str:
    """Return the driver's message in one line; drivers do not repeat passwords."""
    return " ".join(f"{type(refused.orig).__name__}: {refused.orig}".split())


def is_collision(refused: DBAPIError) -> bool:
    """Whether another transaction was in the way; another try may succeed."""
    original = refused.orig
    return is_busy(original) if isinstance(original, sqlite3.OperationalError) else _code(refused) in _COLLISIONS


def is_busy(refused: sqlite3.OperationalError) -> bool:
    """Whether SQLite waits for another connection's transaction."""
    return refused.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_wrong_server(refused: DBAPIError) -> bool:
    """Whether another server may be the primary now. The statement changed nothing."""
    return _code(refused) in _WRONG_SERVER


def is_connection_limit(refused: DBAPIError) -> bool:
    """Whether the server or its pooler has no connection left for this process."""
    text = str(refused.orig).lower()
    return _code(refused) in _NO_MORE_CONNECTIONS or any(known in text for known in _NO_MORE_CONNECTIONS_TEXTS)


def is_not_permitted(refused: DBAPIError) -> bool:
    """Whether the database's user may not do this."""
    return _code(refused) in _NOT_PERMITTED


def _code(refused: DBAPIError) -> object:
    """PostgreSQL's state or MySQL's number; ``None`` for an error of the driver itself."""
    original = refused.orig
    return getattr(original, "pgcode", None) or (getattr(original, "args", None) or (None,))[0]
