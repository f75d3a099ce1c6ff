"""A database that can be taken away and given back, of each kind; and a MariaDB server of a test's own."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage.database_url import database_url
from tests.support.clock import wait_until
from tests.support.databases import REQUIRED
from tests.support.fault_proxy import proxied
from tests.support.service_runner import free_port


@dataclass(frozen=True, slots=True)
class Outage:
    """A database, its address for the service, and how it goes and comes back."""

    database: str
    address: str
    begin: Callable[[], None]
    end: Callable[[], None]


@contextmanager
def outage_of(database: str) -> Iterator[Outage]:
    """SQLite is locked by somebody who does not let go; the way to the servers is cut."""
    if not database.startswith("sqlite"):
        with proxied(database) as (proxy, address):
            yield Outage(database, address, proxy.cut, proxy.restore)
        return
    file = database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as locker:
        yield Outage(database, database, lambda: _run(locker, "BEGIN IMMEDIATE"), lambda: _run(locker, "ROLLBACK"))


def _run(connection: sqlite3.Connection, statement: str) -> None:
    connection.execute(statement)


def execute(database: str, *statements: str) -> None:
    """Run them on that database, by ourselves."""
    engine = create_engine(database_url(database), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def own_mariadb(folder: Path, *options: str) -> Iterator[str]:
    """The address of an empty database on a server that was started with these options and is gone afterwards."""
    server, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if server is None or install is None:
        (pytest.fail if REQUIRED else pytest.skip)("there is no mariadbd: apt-get install mariadb-server")
    home, port = folder / "mariadb", free_port()
    where = ["--no-defaults", f"--datadir={home}/data", "--user=root"]
    home.mkdir()
    with (home / "log").open("wb") as log:
        install_it = [install, *where, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install_it, check=True, stdout=log, stderr=log)
        ways = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home}/s", f"--pid-file={home}/pid"]
        small = ["--innodb-buffer-pool-size=32M", "--skip-name-resolve", "--performance-schema=off"]
        process = subprocess.Popen([server, *where, *ways, *small, *options], stdout=log, stderr=log)
    address = f"mysql+pymysql://root@127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address))
        execute(address, "CREATE DATABASE avatars")
        yield f"{address}/avatars"
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        execute(address, "SELECT 1")
    except OperationalError:
        return False
    return True
