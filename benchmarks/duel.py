"""A duel: two servers at the same time on one core, compared by requests per second of their own processor time.

Taken in turns, two equal servers may seem to differ by half, for a machine is not the same machine a second later. At
the same time, whatever disturbs one disturbs the other.
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
    """One round: how ``first`` did in relation to ``second``, and who had something left to give."""

    ratio: float
    load_share: float
    servers_share: float

    @property
    def load_was_short(self) -> bool:
        """Whether wrk was at its end while the servers were not."""
        return self.load_share > _FULL and self.servers_share < _IDLE


@dataclass(frozen=True, slots=True)
class Duel:
    """All rounds."""

    rounds: Sequence[Round]

    @property
    def ratios(self) -> list[float]:
        """How the first did in relation to the second, round by round."""
        return [done.ratio for done in self.rounds]

    @property
    def note(self) -> str:
        """A word of warning where wrk, and not the servers, was measured."""
        short = sum(done.load_was_short for done in self.rounds)
        return f"wrk was the bottleneck in {short} of {len(self.rounds)} rounds" if short else ""


def duel(first: Server, second: Server, load: Load, *, rounds: int, seconds: int) -> Duel:
    """Compare them, after a round that does not count."""
    _round(first, second, load, _WARM_UP_S)
    return Duel([_round(first, second, load, seconds) for _ in range(rounds)])


def p99_ratios(first: Server, second: Server, load: Load, *, rounds: int, seconds: int) -> tuple[list[float], Result]:
    """How much later the first's slowest hundredth comes than the second's, each alone; and the first's last result."""
    ratios = []
    for _ in range(rounds):
        result = load.on(first, seconds).result()
        ratios.append(result.p99_ms / load.on(second, seconds).result().p99_ms)
    return ratios, result


def _round(first: Server, second: Server, load: Load, seconds: int) -> Round:
    servers = (first, second)
    before = [server.processor_seconds for server in servers]
    running = [load.on(server, seconds) for server in servers]
    results = [each.result() for each in running]
    used = [server.processor_seconds - spent for server, spent in zip(servers, before, strict=True)]
    per_second = [result.requests / spent for result, spent in zip(results, used, strict=True)]
    elapsed = max(result.seconds for result in results)
    return Round(
        ratio=per_second[0] / per_second[1],
        load_share=sum(result.processor_seconds for result in results) / elapsed,
        servers_share=sum(used) / elapsed,
    )
