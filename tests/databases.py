"""Fresh databases on the servers that are there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage.address import database_url

SERVERS: Final = {
    "postgresql": os.environ.get("AVATARS_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mysql": os.environ.get("AVATARS_TEST_MYSQL", "mysql://root@127.0.0.1:3306/test"),
}
BACKENDS: Final = ["sqlite", *SERVERS]
REQUIRED: Final = os.environ.get("AVATARS_TEST_REQUIRE_SERVICES") == "1"


@contextmanager
def fresh_database(backend: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, gone afterwards. A server that is missing skips the test, or fails it."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'avatars.db'}"
        return
    name = f"avatars_test_{uuid4().hex[:12]}"
    _run(backend, f"CREATE DATABASE {name}")
    try:
        yield database_url(SERVERS[backend]).set(database=name).render_as_string(hide_password=False)
    finally:
        _run(backend, f"DROP DATABASE {name}{' WITH (FORCE)' if backend == 'postgresql' else ''}")


def _run(backend: str, statement: str) -> None:
    engine = create_engine(database_url(SERVERS[backend]), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except OperationalError as missing:
        if REQUIRED:
            raise
        pytest.skip(f"no {backend} server is there: {missing.orig}")
