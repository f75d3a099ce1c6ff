"""Database servers and poolers of a test's own: started by it, broken by it, and gone afterwards."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy.exc import OperationalError

from tests.support.databases import REQUIRED
from tests.support.outage import execute
from tests.support.program import running
from tests.support.service_runner import free_port

PG_PROGRAMS: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_QUICK: Final = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 16MB\n"
_PGBOUNCER_INI: Final = Path("/etc/pgbouncer/pgbouncer.ini")


class OwnPostgres:
    """A PostgreSQL server, with its port and its data."""

    def __init__(self, home: Path, *, encoding: str = "UTF8", copy_of: "OwnPostgres | None" = None) -> None:
        """Make an empty server, or a hot standby of another."""
        if not PG_PROGRAMS:
            (pytest.fail if REQUIRED else pytest.skip)("there is no PostgreSQL server: apt-get install postgresql")
        self._programs, self._home, self.port = PG_PROGRAMS[-1], home, free_port()
        self.url = f"postgresql+psycopg2://postgres@127.0.0.1:{self.port}/postgres"
        home.mkdir(mode=0o777)
        home.chmod(0o777)  # the server runs as another user, where root runs the tests
        if copy_of is None:
            words = ["-A", "trust", "-U", "postgres", "-N", "-E", encoding, "--locale=C"]
            self._run("initdb", "-D", str(home / "data"), *words)
        else:
            where = ["-h", "127.0.0.1", "-p", str(copy_of.port), "-U", "postgres", "-D", str(home / "data")]
            self._run("pg_basebackup", *where, "-R", "-X", "stream", "-c", "fast")
        with (home / "data/postgresql.conf").open("a") as file:
            file.write(f"{_QUICK}port = {self.port}\nlisten_addresses = '127.0.0.1'\n")
            file.write(f"unix_socket_directories = '{home}'\n")

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run("pg_ctl", "-D", str(self._home / "data"), "-l", str(self._home / "log"), "-w", "start")

    def promote(self) -> None:
        """Make a standby the primary."""
        self._run("pg_ctl", "-D", str(self._home / "data"), "-w", "promote")

    def stop(self) -> None:
        """Stop at once."""
        self._run("pg_ctl", "-D", str(self._home / "data"), "-m", "immediate", "stop", check=False)

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        as_postgres = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [self._programs / program, *words],
            check=check,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_postgres,  # type: ignore[call-overload]
        )


@contextmanager
def own_postgres(folder: Path, name: str = "pg", *, encoding: str = "UTF8") -> Iterator[OwnPostgres]:
    """An empty server that is running, and is gone afterwards."""
    with _running(OwnPostgres(_open_folder(folder) / name, encoding=encoding)) as server:
        yield server


@contextmanager
def standby_of(primary: OwnPostgres, folder: Path) -> Iterator[OwnPostgres]:
    """A hot standby of that server."""
    with _running(OwnPostgres(_open_folder(folder) / "standby", copy_of=primary)) as server:
        yield server


@contextmanager
def _running(server: OwnPostgres) -> Iterator[OwnPostgres]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _open_folder(folder: Path) -> Path:
    """Let other users pass through to a folder inside."""
    for parent in (folder, *folder.parents):
        if parent.owner() == pwd.getpwuid(os.geteuid()).pw_name and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o111)
    return folder


@contextmanager
def pgbouncer(server: OwnPostgres, folder: Path, mode: str) -> Iterator[str]:
    """The URL of that server's database by way of pgbouncer, with Debian's configuration and a line for the database.

    Changed are the places of its files and its port, the user that it serves without a password, and the mode.
    """
    program = shutil.which("pgbouncer")
    if program is None or not _PGBOUNCER_INI.exists():
        (pytest.fail if REQUIRED else pytest.skip)("there is no pgbouncer: apt-get install pgbouncer")
    home, port = _open_folder(folder) / f"pgbouncer-{mode}", free_port()
    home.mkdir()
    home.chmod(0o777)
    users, ini = home / "users", home / "ini"
    users.write_text('"postgres" ""\n')
    changed = {
        "logfile": home / "log",
        "pidfile": home / "pid",
        "listen_port": port,
        "unix_socket_dir": home,
        "auth_type": "trust",
        "auth_file": users,
        "pool_mode": mode,
    }
    lines = [line for line in _PGBOUNCER_INI.read_text().splitlines() if line.partition("=")[0].strip() not in changed]
    at = lines.index("[databases]") + 1
    lines.insert(at, f"avatars = host=127.0.0.1 port={server.port} dbname=postgres")
    own = [f"{name} = {value}" for name, value in changed.items()]
    at = lines.index("[pgbouncer]") + 1
    ini.write_text("\n".join([*lines[:at], *own, *lines[at:]]) + "\n")
    url = f"postgresql+psycopg2://postgres@127.0.0.1:{port}/avatars"
    command = [program, *(["-u", "postgres"] if os.geteuid() == 0 else []), str(ini)]
    with running(command, home / "out", is_up=lambda: _answers(url)):
        yield url


def _answers(url: str) -> bool:
    try:
        execute(url, "SELECT 1")
    except OperationalError:
        return False
    return True
