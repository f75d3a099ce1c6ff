"""A replaced SQLite file: brings what is under way from the old file into the one that is at the path now."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from avatars_as_a_service.storage import claims, ledger, schema
from avatars_as_a_service.storage.claims import LeasedClaim
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.engine import READS, opened_file
from avatars_as_a_service.storage.ledger import OpenCall
from avatars_as_a_service.storage.sqlite_file import Identity, SqliteFile

_LOCK_WAIT_S: Final = 30
_RETURN_S: Final = 2.0
"""How long the transactions under way may take to give a connection to the old file back."""
_LOOK_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The drawings under way in all processes that have the old file open: their claims, and the calls not ended."""

    claims: tuple[LeasedClaim, ...] = ()
    calls: tuple[OpenCall, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFile:
    """The file that was opened, and what was brought into it."""

    identity: Identity | None
    under_way: UnderWay


def open_new_file(database: Database, file: SqliteFile) -> NewFile:
    """Migrate the file at the path, or make it, and bring what is under way into it: no drawing is paid for twice.

    Faces and pictures are not brought along: the file at the path says which there are. Raises
    ``DatabaseUnavailable`` and ``MayNotMigrate``.
    """
    with file.change_lock(_LOCK_WAIT_S):
        under_way = _read_old_file(database, file)
        file.remove_companions()
        opened = Database(database.url, pool_size=1)
        try:
            schema.migrate(opened)
            opened.write_now(partial(_add, under_way=under_way))
            return NewFile(None if opened.file is None else opened.file.in_use, under_way)
        finally:
            opened.close()


def _read_old_file(database: Database, file: SqliteFile) -> UnderWay:
    """Read by a connection that is open already: the old file has no name any more."""
    give_up_at = time.monotonic() + _RETURN_S
    while time.monotonic() < give_up_at:
        with _connection(database) as connection:
            if connection is not None:
                if opened_file(connection.connection._connection_record) == file.in_use:  # noqa: SLF001 - no public way
                    with connection.begin():
                        return UnderWay(tuple(claims.unexpired(connection)), tuple(ledger.open_calls(connection)))
                connection.invalidate()
        time.sleep(_LOOK_S)
    return UnderWay()


@contextmanager
def _connection(database: Database) -> Iterator[Connection | None]:
    """A free connection, else a new one; ``None`` where that fails, since what is at the path may be no file at all."""
    try:
        connection = database.engine.connect()
    except DBAPIError:
        yield None
        return
    with connection:
        yield connection.execution_options(**{READS: True})


def _add(connection: Connection, *, under_way: UnderWay) -> None:
    for leased in under_way.claims:
        claims.restore(connection, leased)
    for call in under_way.calls:
        ledger.restore(connection, call)
