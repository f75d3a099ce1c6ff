"""The load: Debian's wrk, on a core of its own."""

import itertools
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from benchmarks.processor import LOAD_CORE, pinned_to
from benchmarks.server import Server

CONNECTIONS: Final = 32
_SLICE_S: Final = 2
_SCRIPT: Final = Path(__file__).with_name("requests.lua")
_SEEDS: Final = itertools.count()


class NoLoadGenerator(Exception):
    """wrk is not installed."""

    def __init__(self) -> None:
        super().__init__("wrk is missing; it makes the load: apt-get install wrk")


class WrongAnswers(Exception):
    """Some requests of a measurement failed, so its result is worthless."""

    def __init__(self, server: Server, *, refused: int, broken: int, requests: int) -> None:
        super().__init__(
            f"{server.name}: of {requests:,} requests {refused:,} got an error, and {broken:,} connections failed. "
            f"The end of its log:\n{server.log.read_text()[-2000:]}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A file of requests, the number of connections, and the order: ``random`` or ``in_order``."""

    requests: Path
    connections: int = CONNECTIONS
    order: str = "random"
    errors_allowed: bool = False

    def on(self, server: Server, seconds: int, *, start: int | None = None) -> "Running":
        """Begin to send: in order from request number ``start`` on, or at random with a new seed each time."""
        wrk = shutil.which("wrk")
        if wrk is None:
            raise NoLoadGenerator
        options = ["-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(_SCRIPT)]
        arguments = [str(self.requests), self.order, str(next(_SEEDS) if start is None else start)]
        with pinned_to(LOAD_CORE):
            process = subprocess.Popen([wrk, *options, server.url, "--", *arguments], stdout=subprocess.PIPE)
        return Running(self, server, process)

    def at_least(self, server: Server, count: int) -> int:
        """Send at least ``count`` requests, in slices of two seconds. Return their number."""
        sent = 0
        while sent < count:
            sent += self.on(server, _SLICE_S, start=sent).result().requests
        return sent


@dataclass(frozen=True, slots=True)
class Running:
    """A load that is being sent."""

    load: Load
    server: Server
    process: subprocess.Popen[bytes]

    def result(self) -> "Result":
        """Wait for the end of the load. Raises ``WrongAnswers`` if requests failed, unless errors are allowed."""
        output = b"" if self.process.stdout is None else self.process.stdout.read()
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0:
            raise RuntimeError(f"wrk ended with {self.process.returncode}: {output.decode()}")
        result = Result.parse(output, used.ru_utime + used.ru_stime)
        if result.broken or not result.requests or (result.refused and not self.load.errors_allowed):
            raise WrongAnswers(self.server, refused=result.refused, broken=result.broken, requests=result.requests)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a load; ``processor_seconds`` is wrk's own processor time."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50_ms: float
    p99_ms: float
    processor_seconds: float

    @classmethod
    def parse(cls, output: bytes, processor_seconds: float) -> Self:
        """Read the last line, which ``requests.lua`` prints."""
        summary = json.loads(output.strip().splitlines()[-1])
        return cls(
            requests=summary["requests"],
            seconds=summary["microseconds"] / 1e6,
            refused=summary["refused"],
            broken=summary["broken"],
            p50_ms=summary["p50_us"] / 1e3,
            p99_ms=summary["p99_us"] / 1e3,
            processor_seconds=processor_seconds,
        )

    @property
    def per_second(self) -> float:
        """Requests in a second."""
        return self.requests / self.seconds
