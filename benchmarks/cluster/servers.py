"""The servers that the replicas share: PostgreSQL, Redis, S3 and the paid provider, each a process of its own."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx
import psycopg2

from tests.support.clock import wait_until
from tests.support.service_runner import free_port

_ROOT: Final = Path(__file__).parent.parent.parent
_START_S: Final = 60


class Missing(Exception):
    """A program that the benchmark needs is not on this machine."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is missing; the benchmark starts one of its own")


class Postgres:
    """A PostgreSQL cluster in a folder of its own, which can be restarted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "postgres"
        self._binaries = _newest("/usr/lib/postgresql/*/bin")
        self._user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.port = free_port()
        self.address = f"postgresql://{self._user}@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Self:
        """Make the cluster and start it."""
        self._folder.mkdir()
        shutil.chown(self._folder, self._user)
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D", str(self._folder / "data"))
        self._control("start")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it at once."""
        self._control("stop", mode="immediate")

    def restart(self) -> None:
        """As an upgrade does: its connections end, and for a moment nobody listens."""
        self._control("restart", mode="fast")

    def transactions(self) -> int:
        """How many it has ended so far."""
        with psycopg2.connect(host="127.0.0.1", port=self.port, user=self._user, dbname="postgres") as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'postgres'")
            return int(cursor.fetchone()[0])  # type: ignore[index]  # there is this one row

    def _control(self, action: str, *, mode: str | None = None) -> None:
        options = [] if mode is None else ["-m", mode]
        server = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -p {self.port}"
        data, log = self._folder / "data", self._folder / "log"
        self._run("pg_ctl", action, "-w", "-D", str(data), "-l", str(log), "-o", server, *options)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            user=self._user if os.getuid() == 0 else None,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )


@dataclass(frozen=True, slots=True)
class Provider:
    """The paid provider, steered over HTTP."""

    origin: str

    @property
    def base_url(self) -> str:
        """What a service is given."""
        return f"{self.origin}/v1"

    def set(self, **switches: Any) -> None:  # noqa: ANN401 - switches of every type
        """Change how it answers."""
        httpx.post(f"{self.origin}/_control/mode", json=switches, timeout=30).raise_for_status()

    @property
    def calls(self) -> int:
        """How many pictures it was asked for."""
        return int(httpx.get(f"{self.origin}/_control/state", timeout=30).json()["calls"])


@contextmanager
def provider(folder: Path) -> Iterator[Provider]:
    """A provider that counts."""
    said = folder / "provider"
    with said.open("wb") as out, _process([sys.executable, "-m", "tests.support.fake_provider"], out):
        wait_until(lambda: said.read_text().endswith("\n"), _START_S)
        yield Provider(said.read_text().strip().removesuffix("/v1"))


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The address of a Redis that writes nothing to a disk."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("redis-server")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (folder / "redis").open("wb") as out, _process(command, out):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def s3(folder: Path) -> Iterator[int]:
    """The port of an S3 server that keeps everything in memory."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "s3").open("wb") as out, _process(command, out) as process:
        wait_until(lambda: _answers(process, f"http://127.0.0.1:{port}/moto-api/"), _START_S)
        yield port


@contextmanager
def _process(command: Sequence[str], out: Any) -> Iterator[subprocess.Popen[bytes]]:  # noqa: ANN401 - any file
    with ExitStack() as end:
        process = subprocess.Popen(command, cwd=_ROOT, stdout=out, stderr=subprocess.STDOUT)
        end.callback(process.wait)
        end.callback(process.send_signal, signal.SIGTERM)
        yield process


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    if process.poll() is not None:  # else it may be somebody else who answers on its port
        raise RuntimeError(f"it ended while it started: {process.args!r}")
    try:
        return httpx.get(url, timeout=5).status_code < httpx.codes.INTERNAL_SERVER_ERROR
    except httpx.TransportError:
        return False


def _newest(pattern: str) -> Path:
    found = sorted(Path("/").glob(pattern.removeprefix("/")))
    if not found:
        raise Missing("PostgreSQL's own programs (Debian: postgresql)")
    return found[-1]
