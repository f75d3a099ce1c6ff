"""The schema's version: whether the tables are those that this code works with."""

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from avatars_as_a_service.storage.database import Database

VERSION_TABLE: Final = "avatars_schema_version"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
_VERSIONS: Final = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32)))


class MayNotMigrate(Exception):
    """The tables are not current, and it is not for this process to change them."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The database's tables are not current: {reason}; run 'avatars migrate' of this version as a user who may."
        )


def is_current(database: Database) -> bool:
    """Whether the tables are those that this version works with. Raises ``DatabaseUnavailable``."""
    return database.read_now(_version) == newest_version()


def newest_version() -> str:
    """The version that the newest migration makes; its module's name begins with it."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_VERSIONS.c.version_num)).scalar_one_or_none()
