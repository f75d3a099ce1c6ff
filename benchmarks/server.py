"""A server: the service or a baseline as a process on one core, and plain requests to it."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from benchmarks.processor import SERVERS_CORE, pinned_to, processor_seconds, resident_mb
from benchmarks.request import Request
from tests.support.service_runner import free_port

_ROOT: Final = Path(__file__).parent.parent
_START_S: Final = 60
_STOP_S: Final = 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, without the date."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(slots=True)
class Server:
    """A process that listens on ``port``; ``name`` is what a message calls it."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    started_at: float = field(default_factory=time.perf_counter)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def processor_seconds(self) -> float:
        """What it has computed so far."""
        return processor_seconds(self.process.pid)

    @property
    def resident_mb(self) -> float:
        """How much of it is in memory."""
        return resident_mb(self.process.pid)

    def ask(self, request: Request) -> Reply:
        """Its answer, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(request.method, request.path, request.body or None, dict(request.headers))
            answer = connection.getresponse()
            headers = [(name, value) for name, value in answer.getheaders() if name.lower() != "date"]
            return Reply(answer.status, headers, answer.read())
        finally:
            connection.close()

    def until(self, request: Request, statuses: Container[int], *, pause_s: float = 0.02) -> Self:
        """Wait until that request is answered with one of these statuses. Raises ``RuntimeError`` where it never is."""
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if self.ask(request).status in statuses:
                    return self
            except OSError:
                pass
            time.sleep(pause_s)
        raise RuntimeError(f"{self.name} did not answer:\n{self.log.read_text()[-2000:]}")


@contextmanager
def service(environment: Mapping[str, str], folder: Path, *, name: str = "the service") -> Iterator[Server]:
    """``avatars serve`` with one worker, started but not waited for; it logs to a file."""
    port = free_port()
    command = [sys.executable, "-m", "avatars_as_a_service", "serve", "--port", str(port)]
    with _running(name, command, port, environment, folder) as server:
        yield server


@contextmanager
def ready_service(environment: Mapping[str, str], folder: Path, *, name: str = "the service") -> Iterator[Server]:
    """``service``, after it is ready."""
    with service(environment, folder, name=name) as server:
        yield server.until(Request("GET", "/readyz"), {200})


@contextmanager
def baseline(name: str, folder: Path, *arguments: str) -> Iterator[Server]:
    """One of ``benchmarks.baselines``, on uvicorn with the service's options, after it answers."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.baselines", name, str(port), *arguments]
    with _running(name, command, port, {"PYTHONPATH": str(_ROOT)}, folder) as server:
        yield server.until(Request("GET", "/up"), {200, 304})


@contextmanager
def dicebear(checkout: Path, folder: Path) -> Iterator[Server]:
    """DiceBear's own HTTP server from a built checkout of ``dicebear/api``, after it answers."""
    port = free_port()
    environment = {"HOST": "127.0.0.1", "PORT": str(port), "PNG_EXIF": "0", "LOGGER": "0"}
    command = ["node", str(checkout / "dist" / "server.js")]
    with _running("DiceBear's server", command, port, environment, folder) as server:
        yield server.until(Request("GET", "/8.x/avataaars/svg?seed=0"), {200})


@contextmanager
def _running(
    name: str, command: Sequence[str], port: int, environment: Mapping[str, str], folder: Path
) -> Iterator[Server]:
    log = folder / f"{port}.log"
    with log.open("wb") as sink, pinned_to(SERVERS_CORE):
        process = subprocess.Popen(
            command, env=_clean() | dict(environment), cwd=folder, stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        yield Server(name, port, process, log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _clean() -> dict[str, str]:
    """This environment without the developer's own settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AVATARS_", "OPENAI_")) and name != "DB_STRING"
    }
