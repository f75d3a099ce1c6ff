"""The schema: upgrades the tables to this version."""

from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.version import is_current


def migrate(database: Database) -> bool:
    """Upgrade the tables and return ``True``, or ``False`` if they are current.

    Raises ``DatabaseUnavailable`` without a connection, and ``MayNotMigrate`` if this user or version cannot do it.
    """
    if is_current(database):
        return False
    from avatars_as_a_service.storage.upgrade import upgrade  # noqa: PLC0415 - Alembic takes long to import

    return upgrade(database)
