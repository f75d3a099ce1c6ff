"""Databases for tests: empty ones, and copies of one that is migrated once for each kind of server."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage import schema
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url

SERVERS: Final = {
    "postgresql": os.environ.get("AVATARS_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mysql": os.environ.get("AVATARS_TEST_MYSQL", "mysql://root@127.0.0.1:3306/test"),
}
BACKENDS: Final = ["sqlite", *SERVERS]
REQUIRED: Final = os.environ.get("AVATARS_TEST_REQUIRE_SERVICES") == "1"
"""Whether a test fails, and is not skipped, where a server or a program that it needs is missing."""

on_sqlite: Final = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_servers: Final = pytest.mark.parametrize("database", list(SERVERS), indirect=True)
on_every_database: Final = pytest.mark.parametrize("database", BACKENDS, indirect=True)


@contextmanager
def fresh_database(backend: str, folder: Path) -> Iterator[str]:
    """The URL of a database without tables, dropped afterwards. A missing server skips the test, or fails it."""
    if backend == "sqlite":
        yield _file_url(folder)
        return
    with _new_database(backend) as url:
        yield url


@dataclass(frozen=True, slots=True)
class _Template:
    """A migrated database, and for MariaDB the statements that make its tables and rows in another database."""

    url: str
    statements: Sequence[str]


class Templates:
    """Migrates one database of each kind when it is first asked for, and copies it for each test."""

    def __init__(self, folder: Path) -> None:
        """Keep the SQLite template in the folder."""
        self._folder = folder
        self._migrated: dict[str, _Template] = {}
        self._lifetimes = ExitStack()

    @contextmanager
    def copy(self, backend: str, folder: Path) -> Iterator[str]:
        """The URL of a database with all tables and no rows of a face, dropped afterwards."""
        template = self._template(backend)
        if backend == "sqlite":
            url = _file_url(folder)
            shutil.copyfile(_file_of(template.url), _file_of(url))
            yield url
            return
        source = make_url(template.url).database if backend == "postgresql" else None
        with _new_database(backend, template=source) as url:
            if template.statements:
                _execute(url, template.statements)
            yield url

    def drop(self) -> None:
        """Drop the templates."""
        self._lifetimes.close()

    def _template(self, backend: str) -> _Template:
        if backend not in self._migrated:
            url = self._lifetimes.enter_context(fresh_database(backend, self._folder))
            database = Database(database_url(url), pool_size=1)
            schema.migrate(database)
            database.close()
            self._migrated[backend] = _Template(url, _copying_statements(url) if backend == "mysql" else ())
        return self._migrated[backend]


def _file_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'avatars.db'}"


def _file_of(url: str) -> str:
    return url.removeprefix("sqlite:///")


@contextmanager
def _new_database(backend: str, *, template: str | None = None) -> Iterator[str]:
    name = f"avatars_test_{uuid4().hex[:12]}"
    _run(backend, f"CREATE DATABASE {name}{f' TEMPLATE {template}' if template else ''}")
    try:
        yield database_url(SERVERS[backend]).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(backend, f"DROP DATABASE {name}{' WITH (FORCE)' if backend == 'postgresql' else ''}")


def _copying_statements(url: str) -> list[str]:
    """MariaDB has no template databases: the statements that make and fill the tables again."""
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        tables = connection.exec_driver_sql("SHOW TABLES").scalars().all()
        made = [connection.exec_driver_sql(f"SHOW CREATE TABLE {table}").one()[1] for table in tables]
        filled = [
            f"INSERT INTO {table} SELECT * FROM {engine.url.database}.{table}"  # noqa: S608 - names of our own
            for table in tables
            if connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first()  # noqa: S608 - names of our own
        ]
    return ["SET foreign_key_checks = 0", *made, *filled]


def _execute(url: str, statements: Sequence[str]) -> None:
    engine = create_engine(database_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _run(backend: str, statement: str) -> None:
    engine = create_engine(database_url(SERVERS[backend]), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except OperationalError as missing:
        if REQUIRED:
            raise
        pytest.skip(f"no {backend} server is there: {missing.orig}")
