"""The service under test: in a thread of this process, or as processes of its own."""

import asyncio
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import httpx
import uvicorn

from avatars_as_a_service.server.config import server_config
from avatars_as_a_service.settings import load_settings
from avatars_as_a_service.wiring import assemble
from tests.support.clock import wait_until

START_S: Final = 120
STOP_S: Final = 120
LAUNCHER: Final = shlex.split(os.environ.get("AVATARS_TEST_LAUNCHER", ""))
"""A command that runs ``avatars`` elsewhere, such as in the image (``.ci/container``); then no service is a thread."""
_PORTS: Final = range(20_000, 32_768)
"""Below those that systems choose from when nobody names one."""
_RESERVED: Final = 128
_reservations: Final[deque[socket.socket]] = deque()
"""The UDP sides of so many ports that were given out last."""


class ThreadedService:
    """The real application behind a real server, in a thread. ``client`` speaks to it."""

    def __init__(self) -> None:
        """With the settings of the environment as it is now."""
        settings = load_settings().model_copy(update={"port": 0, "workers": 1})
        config = server_config(settings, assemble(settings))
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> Self:
        """Serve on a free port."""
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive())
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self.client = httpx.Client(base_url=self.url, timeout=120)
        return self

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Its event loop."""
        return self._server.servers[0].get_loop()

    def stop(self) -> None:
        """Stop as on a polite signal: drawings finish first."""
        self.client.close()
        self._server.should_exit = True
        self._thread.join(STOP_S)
        assert not self._thread.is_alive(), "the service does not stop"


class ServiceProcess:
    """``avatars serve`` as a process (and its workers), with its log in a file."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        *,
        workers: int = 1,
        port: int | None = None,
        stderr: int = subprocess.STDOUT,
    ) -> None:
        """In ``folder``, with that environment over the present one. ``stderr`` may be a file of the caller's."""
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / f"service-{self.port}-{time.monotonic_ns()}.log"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(LAUNCHER or [sys.executable, "-m", "avatars_as_a_service"]),
                    "serve",
                    "--port",
                    str(self.port),
                    "--workers",
                    str(workers),
                ],
                env={**os.environ, **environment},
                cwd=folder,
                stdout=log,
                stderr=stderr,
                start_new_session=True,
            )

    def wait_until_ready(self) -> Self:
        """Wait until ``/readyz`` says so."""

        def ready() -> bool:
            assert self.process.poll() is None, f"the service ended:\n{self.log()}"
            try:
                return httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        wait_until(ready)
        return self

    def log(self) -> str:
        """All that it has said so far."""
        return self.log_path.read_text()

    def kill(self) -> None:
        """As ``kill -9`` of the process and all its workers at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As an orchestrator does. Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)


class LaunchedService(ThreadedService):
    """The same for a test as the thread, by way of the launcher."""

    def __init__(self) -> None:
        """With the environment as it is now, in the present folder."""
        self._process = ServiceProcess({}, Path.cwd())

    def start(self) -> Self:
        """Serve on a free port."""
        self.url = self._process.url
        self.client = httpx.Client(base_url=self.url, timeout=120)
        wait_until(self._answers)
        return self

    def stop(self) -> None:
        """Stop as on a polite signal: drawings finish first."""
        self.client.close()
        assert self._process.stop() == 0, self._process.log()

    def _answers(self) -> bool:
        assert self._process.process.poll() is None, f"the service ended:\n{self._process.log()}"
        try:
            return self.client.get("/healthz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def new_service() -> ThreadedService:
    """A service with the settings of the environment as it is now, not yet started."""
    return LaunchedService() if LAUNCHER else ThreadedService()


@contextmanager
def processes(
    environment: Mapping[str, str], folder: Path, *, count: int = 1, workers: int = 1, stderr: int = subprocess.STDOUT
) -> Iterator[list[ServiceProcess]]:
    """So many services at once, ready, on ports of their own; killed at the end."""
    services = [ServiceProcess(environment, folder, workers=workers, stderr=stderr) for _ in range(count)]
    try:
        yield [service.wait_until_ready() for service in services]
    except BaseException:
        for service in services:  # pytest shows it with the failure
            sys.stdout.write(f"--- {service.log_path.name}\n{service.log()}")
        raise
    finally:
        for service in services:
            service.kill()


def drawings_in_progress(service: ThreadedService | ServiceProcess) -> int:
    """The drawings that requests to this service wait for."""
    (line,) = [
        line
        for line in httpx.get(f"{service.url}/metrics", timeout=120).text.splitlines()
        if line.startswith("avatars_drawings_in_progress")
    ]
    return int(float(line.rpartition(" ")[2]))


def free_port() -> int:
    """A port on loopback that nobody listens on, and that nobody is given while who wants it makes ready to listen.

    The system gives it to no outgoing connection; this process and others that ask here find its UDP side taken.
    """
    for port in random.sample(_PORTS, 100):
        reservation = socket.socket(type=socket.SOCK_DGRAM)
        with suppress(OSError), socket.socket() as listener:
            reservation.bind(("127.0.0.1", port))
            listener.bind(("127.0.0.1", port))
            _reservations.append(reservation)
            if len(_reservations) > _RESERVED:
                _reservations.popleft().close()
            return port
        reservation.close()
    raise AssertionError("no port of a hundred is free")
