"""Traffic: requests and how long they took, counted in plain numbers, so that counting costs a hit next to nothing."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

BOUNDS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)
"""Upper bounds, in seconds: from a hit to the slowest drawing. What is slower counts behind the last."""

Kind = tuple[str, str, int]
"""A route's template, what came of the request in a word, and the status."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Requests of one kind: how many between each two bounds, and their seconds in all."""

    kind: Kind
    buckets: list[int]
    seconds: float

    @property
    def count(self) -> int:
        """How many they are."""
        return sum(self.buckets)


@dataclass(slots=True)
class Hits:
    """Hits of one kind, each counted, few timed: what timing takes would be a tenth of what a hit takes."""

    count: int = 0
    """Since the beginning."""
    taken: int = 0
    seconds: float = 0.0
    """What the last timed one took, which counts for all of them."""


class Traffic:
    """What has passed since it was last taken."""

    def __init__(self) -> None:
        self._passed: dict[Kind, tuple[list[int], list[float]]] = {}
        self._hits: dict[Kind, Hits] = {}

    def hits(self, route: str, status: int) -> Hits:
        """Where hits of that kind are counted; the same object each time."""
        return self._hits.setdefault((route, "hit", status), Hits())

    def count(self, route: str, outcome: str, status: int, seconds: float) -> None:
        """One request more."""
        self._add((route, outcome, status), 1, seconds)

    def take(self) -> Iterator[Passed]:
        """All that has passed since the last time."""
        for kind, hits in self._hits.items():
            new = hits.count - hits.taken
            if new:
                self._add(kind, new, hits.seconds)
                hits.taken += new
        taken, self._passed = self._passed, {}
        for kind, (buckets, seconds) in taken.items():
            yield Passed(kind, buckets, seconds[0])

    def _add(self, kind: Kind, count: int, seconds: float) -> None:
        passed = self._passed.get(kind)
        if passed is None:
            passed = self._passed[kind] = ([0] * (len(BOUNDS_S) + 1), [0.0])
        passed[0][bisect_left(BOUNDS_S, seconds)] += count
        passed[1][0] += count * seconds
