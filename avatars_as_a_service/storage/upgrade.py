"""Upgrades the tables by Alembic, one process at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_errors import is_collision, is_not_permitted, reason
from avatars_as_a_service.storage.engine import unlimited_engine
from avatars_as_a_service.storage.version import MIGRATIONS, VERSION_TABLE, MayNotMigrate, NewerTables, is_current_on

_LOCK_NUMBER: Final = 0x41_56_41_54
_LOCK_NAME: Final = "avatars_migrate"
_WAIT_S: Final = 300
_LOOK_S: Final = 0.25

log = structlog.get_logger(__name__)


def upgrade(database: Database) -> bool:
    """Upgrade the tables and return ``True``, or ``False`` if they are current. One process at a time does it.

    Raises ``DatabaseUnavailable`` without a connection, and ``MayNotMigrate`` if this user or version cannot do it.
    """
    if database.file is not None:
        with database.file.change_lock(_WAIT_S):
            return _on_one_connection(database.engine)
    if database.url.get_backend_name() == "sqlite":  # in memory, where no other process sees it
        return _on_one_connection(database.engine)
    database.close()  # the migration uses one connection, and the server may allow no other
    engine = unlimited_engine(database.url)
    try:
        return _on_one_connection(engine)
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Return the configuration for Alembic's commands on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config


class _InTheWay(Exception):
    """Other processes are in the way of the migration for now; the message names what they do."""


def _on_one_connection(engine: Engine) -> bool:
    """Try until nothing is in the way, in a transaction each time: a pooler keeps no session for one that waits."""
    give_up_at, is_waiting = time.monotonic() + _WAIT_S, False
    while True:
        try:
            with _explained(), engine.begin() as connection:
                return _upgrade_under_lock(connection)
        except _InTheWay as obstacle:
            if time.monotonic() >= give_up_at:
                raise DatabaseUnavailable(f"{obstacle}, for {_WAIT_S} s now; end what it does") from obstacle
            if not is_waiting:
                log.warning("the migration waits", reason=str(obstacle), at_most_s=_WAIT_S)
                is_waiting = True
        time.sleep(_LOOK_S)


def _upgrade_under_lock(connection: Connection) -> bool:
    if is_current_on(connection):
        return False
    with _lock(connection) as is_locked:
        if not is_locked:
            raise _InTheWay("another process is migrating the tables")
        if is_current_on(connection):  # another process migrated right before
            return False
        command.upgrade(alembic_config(connection), "head")
        return True


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DBAPIError as refused:
        if is_collision(refused):
            raise _InTheWay("transactions of another process lock the tables to migrate") from refused
        if is_not_permitted(refused):
            raise MayNotMigrate(f"this user may not change them ({reason(refused)})") from refused
        raise DatabaseUnavailable(f"the tables could not be migrated: {reason(refused)}") from refused
    except CommandError as newer:
        raise NewerTables from newer


@contextmanager
def _lock(connection: Connection) -> Iterator[bool]:
    """Yield whether this connection holds the lock; PostgreSQL's ends with the transaction, by whatever way."""
    backend = connection.dialect.name
    if backend == "postgresql":
        yield connection.execute(text(f"SELECT pg_try_advisory_xact_lock({_LOCK_NUMBER})")).scalar_one()
    elif backend in {"mysql", "mariadb"}:
        is_locked = connection.execute(text(f"SELECT GET_LOCK('{_LOCK_NAME}', 0)")).scalar_one() == 1
        try:
            yield is_locked
        finally:
            if is_locked:
                connection.execute(text(f"SELECT RELEASE_LOCK('{_LOCK_NAME}')"))
    else:  # SQLite has a lock of its own beside the file; on others, the operator runs 'avatars migrate' once
        yield True
