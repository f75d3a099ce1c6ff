"""Comparison: two servers under load at once on one core, by requests per second of their own processor time.

Measured in turns, two equal servers may seem to differ by half: the machine's speed changes within a second. At the
same time, each disturbance hits both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.load import Load, Result
from benchmarks.server import Server

_WARM_UP_S: Final = 1
_FULL: Final = 0.95
_IDLE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the ratio of the first server to the second, and the processor shares of the load and the servers."""

    ratio: float
    load_share: float
    servers_share: float

    @property
    def load_was_short(self) -> bool:
        """Whether wrk, and not the servers, was the limit."""
        return self.load_share > _FULL and self.servers_share < _IDLE


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rounds of a comparison."""

    rounds: Sequence[Round]

    @property
    def ratios(self) -> list[float]:
        """The ratio of the first server to the second in each round."""
        return [each.ratio for each in self.rounds]

    @property
    def note(self) -> str:
        """A warning if wrk, and not the servers, was the limit."""
        short = sum(each.load_was_short for each in self.rounds)
        return f"wrk was the bottleneck in {short} of {len(self.rounds)} rounds" if short else ""


def compare(
    first: Server, second: Server, load: Load, *, rounds: int, seconds: int, second_load: Load | None = None
) -> Comparison:
    """Compare the servers, after a warm-up round; both get the ``load`` unless the second has one of its own."""
    loads = load, second_load or load
    _round((first, second), loads, _WARM_UP_S)
    return Comparison([_round((first, second), loads, seconds) for _ in range(rounds)])


def p99_ratios(first: Server, second: Server, load: Load, *, rounds: int, seconds: int) -> tuple[list[float], Result]:
    """Return the ratios of the servers' p99, each server measured alone, and the first server's last result."""
    ratios = []
    for _ in range(rounds):
        result = load.on(first, seconds).result()
        ratios.append(result.p99_ms / load.on(second, seconds).result().p99_ms)
    return ratios, result


def _round(servers: tuple[Server, Server], loads: tuple[Load, Load], seconds: int) -> Round:
    before = [server.processor_seconds for server in servers]
    running = [load.on(server, seconds) for server, load in zip(servers, loads, strict=True)]
    results = [each.result() for each in running]
    used = [server.processor_seconds - spent for server, spent in zip(servers, before, strict=True)]
    per_second = [result.requests / spent for result, spent in zip(results, used, strict=True)]
    elapsed = max(result.seconds for result in results)
    return Round(
        ratio=per_second[0] / per_second[1],
        load_share=sum(result.processor_seconds for result in results) / elapsed,
        servers_share=sum(used) / elapsed,
    )
