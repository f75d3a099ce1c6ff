"""The schema's version: compares the tables' version with the one that this code needs."""

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from avatars_as_a_service.storage.database import Database

VERSION_TABLE: Final = "avatars_schema_version"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
_VERSIONS: Final = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32)))


class MayNotMigrate(Exception):
    """The tables are not current, and this process may not change them."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The database's tables are not current: {reason}; run 'avatars migrate' of this version as a user with "
            "permission to change tables."
        )


class NewerTables(MayNotMigrate):
    """A newer version of the service has upgraded the tables."""

    def __init__(self) -> None:
        Exception.__init__(
            self,
            "A newer version of this service has upgraded the database's tables, and this version does not start on "
            "them: start the newer version again, or restore the backup from before the upgrade.",
        )


def is_current(database: Database) -> bool:
    """Whether the tables have the version that this code needs. Raises ``DatabaseUnavailable``."""
    return database.read_now(is_current_on)


def is_current_on(connection: Connection) -> bool:
    """Whether the tables that this connection sees have the version that this code needs."""
    return _version(connection) == newest_version()


def newest_version() -> str:
    """Return the version of the newest migration; its module's name begins with it."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_VERSIONS.c.version_num)).scalar_one_or_none()
