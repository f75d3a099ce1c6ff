"""The database as a command opens it: its tables are brought up to date first."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.settings import Settings
from avatars_as_a_service.storage import schema
from avatars_as_a_service.storage.address import shown
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.wiring import open_database

log = structlog.get_logger(__name__)


def prepare(settings: Settings) -> bool:
    """Bring the tables up to date, and say of which database. Whether there was anything to do.

    Raises ``WrongSetting``, ``DatabaseUnavailable`` and ``MayNotMigrate``.
    """
    database = open_database(settings)
    log.info("database", address=shown(database.url))
    with _named(database):
        return schema.migrate(database)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database with its tables up to date. Raises what ``prepare`` raises."""
    database = open_database(settings)
    with _named(database):
        schema.migrate(database)
        yield database


@contextmanager
def _named(database: Database) -> Iterator[None]:
    """Errors say which database it is; it is closed at the end."""
    try:
        yield
    except DatabaseUnavailable as away:
        raise DatabaseUnavailable(f"{shown(database.url)}: {away.reason}") from away
    finally:
        database.close()
