"""Request metrics: how many requests of each route, outcome and status, and how long they took."""

from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

_BOUNDS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)
"""Upper bounds, in seconds: from a hit to the slowest drawing."""

_Kind = tuple[str, str, int]
"""A route's template, the outcome in a word, the status."""


@dataclass(slots=True)
class Hits:
    """Hits of one kind, each counted in a plain number: a counter of Prometheus' would take a tenth of a hit's time."""

    requests: Counter
    durations: Histogram
    """Observes the hits that are timed."""
    count: int = 0
    exported: int = 0

    def export(self) -> None:
        """Add the hits since the last export to the counter."""
        self.requests.inc(self.count - self.exported)
        self.exported = self.count


class RequestStats:
    """Counts every request and times all but most hits from memory."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ["route", "outcome", "status"]
        self._requests = Counter("avatars_requests", "Requests.", labels, registry=registry)
        self._durations = Histogram(
            "avatars_request_duration_seconds",
            "How long requests took; of hits from memory, those that are logged.",
            labels,
            buckets=_BOUNDS_S,
            registry=registry,
        )
        self._of_kind: dict[_Kind, tuple[Counter, Histogram]] = {}
        self._hits: dict[_Kind, Hits] = {}

    def hits(self, route: str, status: int, outcome: str) -> Hits:
        """Return the counter for what is answered from memory of that kind, each time the same object."""
        kind = (route, outcome, status)
        return self._hits.setdefault(kind, Hits(*self._metrics(kind)))

    def count(self, route: str, outcome: str, status: int, seconds: float) -> None:
        """Count and time one request."""
        requests, durations = self._metrics((route, outcome, status))
        requests.inc()
        durations.observe(seconds)

    def export_hits(self) -> None:
        """Add the hits since the last export to Prometheus' counters."""
        for hits in self._hits.values():
            hits.export()

    def _metrics(self, kind: _Kind) -> tuple[Counter, Histogram]:
        """The metrics with these labels; the library's own lookup takes as long as the counting."""
        metrics = self._of_kind.get(kind)
        if metrics is None:
            metrics = self._of_kind[kind] = self._requests.labels(*kind), self._durations.labels(*kind)
        return metrics
