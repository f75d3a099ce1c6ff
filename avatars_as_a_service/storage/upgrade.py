"""Upgrades the tables by Alembic, one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage.address import in_memory
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.version import MIGRATIONS, VERSION_TABLE, MayNotMigrate, is_current

_LOCK_NUMBER: Final = 0x41_56_41_54
_LOCK_NAME: Final = "avatars_migrate"
_LOCK_WAIT_S: Final = 300


def upgrade(database: Database) -> bool:
    """Bring the tables up to date; other processes that start at the same time wait. Whether there was anything to do.

    Raises ``DatabaseUnavailable`` where there is no connection and ``MayNotMigrate`` where it is not to be done here.
    """
    with _unlimited_engine(database) as engine, _locked(engine):
        if is_current(database):
            return False
        try:
            with engine.begin() as connection:
                command.upgrade(alembic_config(connection), "head")
        except DBAPIError as refused:
            raise MayNotMigrate(f"this user may not change them ({' '.join(str(refused.orig).split())})") from refused
        except CommandError as newer:
            raise MayNotMigrate("they belong to a newer version of this service") from newer
    return True


def alembic_config(connection: Connection) -> Config:
    """What alembic's own commands need to know, run over that connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config


@contextmanager
def _unlimited_engine(database: Database) -> Iterator[Engine]:
    """An engine whose statements may take as long as a migration takes."""
    if database.url.get_backend_name() == "sqlite":
        yield database.engine
        return
    engine = create_engine(database.url, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _locked(engine: Engine) -> Iterator[None]:
    backend = engine.url.get_backend_name()
    if backend == "sqlite":
        if in_memory(engine.url):  # nobody else sees it
            yield
            return
        with FileLock(f"{engine.url.database}.migrating", timeout=_LOCK_WAIT_S):
            yield
    elif backend in {"postgresql", "mysql", "mariadb"}:
        with engine.connect() as connection:
            if connection.execute(text(_lock_statement(backend))).scalar_one() == 0:
                raise DatabaseUnavailable(f"another process has been migrating it for {_LOCK_WAIT_S} s")
            yield
    else:  # no advisory lock known: the operator runs 'avatars migrate' once
        yield


def _lock_statement(backend: str) -> str:
    """The lock lives as long as its connection."""
    if backend == "postgresql":
        return f"SELECT pg_advisory_lock({_LOCK_NUMBER})"
    return f"SELECT GET_LOCK('{_LOCK_NAME}', {_LOCK_WAIT_S})"
