"""The schema: brings the tables up to date."""

from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.version import is_current


def migrate(database: Database) -> bool:
    """Bring the tables up to date. Whether there was anything to do.

    Raises ``DatabaseUnavailable`` where there is no connection and ``MayNotMigrate`` where it is not to be done here.
    """
    if is_current(database):
        return False
    from avatars_as_a_service.storage.upgrade import upgrade  # noqa: PLC0415 - Alembic takes long to import

    return upgrade(database)
