"""Opens the database for a command, after bringing its tables up to date; ``avatars migrate``."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import typer

from avatars_as_a_service.commands.exit_codes import explained
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.settings import Settings, load_settings
from avatars_as_a_service.storage import schema
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import redacted
from avatars_as_a_service.wiring import open_database

log = structlog.get_logger(__name__)


def migrate() -> None:
    """Bring the tables up to date, and say whether anything changed."""
    configure_logs()
    with explained():
        changed = prepare(load_settings())
    typer.echo("The tables are up to date now." if changed else "The tables were up to date.")


def prepare(settings: Settings) -> bool:
    """Log the database and bring its tables up to date. Return whether anything changed.

    Raises ``WrongSetting``, ``DatabaseUnavailable`` and ``MayNotMigrate``.
    """
    database = open_database(settings)
    log.info("database", address=redacted(database.url))
    with _named(database):
        return schema.migrate(database)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Open the database with its tables up to date, and close it at the end. Raises what ``prepare`` raises."""
    database = open_database(settings)
    with _named(database):
        schema.migrate(database)
        yield database


@contextmanager
def _named(database: Database) -> Iterator[None]:
    """Add the database's URL to its errors, and close it at the end."""
    try:
        yield
    except DatabaseUnavailable as failure:
        raise DatabaseUnavailable(f"{redacted(database.url)}: {failure.reason}") from failure
    finally:
        database.close()
