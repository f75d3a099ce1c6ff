"""Exports metrics to Prometheus, added up over all processes that share a port.

Answers and hits are counted in plain numbers, which ``update`` adds to Prometheus' counters. With
``PROMETHEUS_MULTIPROC_DIR`` set (see ``avatars serve``) each process writes its metrics into files of its own there,
and the process that answers ``GET /metrics`` adds up all of them.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio.to_thread
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from avatars_as_a_service.metrics.answer_counts import AnswerCounts
from avatars_as_a_service.metrics.multiprocess_folder import FOLDER_VARIABLE
from avatars_as_a_service.metrics.request_stats import RequestStats
from avatars_as_a_service.storage.hourly_counts import HourlyCounts
from avatars_as_a_service.storage.ledger import CallState, Receipt, Spending

_BOUNDS_S: Final = (0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120)
_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class GaugeSource:
    """A gauge's name, its help text, and how to read it; Prometheus gets the sum over all processes."""

    name: str
    documentation: str
    read: Callable[[], float]


class CallMetrics:
    """Counts calls to a paid provider: outcomes, durations, costs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._durations = Histogram(
            "avatars_provider_call_duration_seconds",
            "Calls to the provider, by outcome.",
            ["outcome"],
            buckets=_BOUNDS_S,
            registry=registry,
        )
        self._paid = Counter("avatars_paid_calls", "Calls that are or may be billed.", registry=registry)
        self._spent = Counter("avatars_spent_dollars", "The cost of paid calls.", registry=registry)
        self._possibly_paid = Counter(
            "avatars_possibly_paid_calls",
            "Of the paid calls, those that may or may not be billed.",
            registry=registry,
        )

    def add(self, receipt: Receipt, *, bound: int) -> None:
        """Count a call that was sent. ``bound`` is its cost in micro-dollars where the cost is unknown."""
        # The rest is the provider's own words: an unbounded label.
        outcome = receipt.outcome.partition(" ")[0].rstrip(":")
        self._durations.labels(outcome).observe((receipt.duration_ms or 0) / 1000)
        if receipt.state is not CallState.RELEASED:
            self._paid.inc()
            self._spent.inc((bound if receipt.state is CallState.UNKNOWN else receipt.cost) / _MICRO)
        if receipt.state is CallState.UNKNOWN:
            self._possibly_paid.inc()

    def add_given_up(self, spending: Spending) -> None:
        """Count the calls that dead processes had sent, at what the ledger counts for them."""
        self._paid.inc(spending.paid_calls)
        self._possibly_paid.inc(spending.paid_calls)
        self._spent.inc(spending.spent / _MICRO)


class Metrics:
    """Renders the metrics of all processes. ``CallMetrics`` and ``RequestStats`` count in the same registry."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        answer_counts: AnswerCounts,
        request_stats: RequestStats,
        gauge_sources: Sequence[GaugeSource],
    ) -> None:
        self._registry = registry
        self._answer_counts = answer_counts
        self._request_stats = request_stats
        self._exported = HourlyCounts()
        self._answers = Counter(
            "avatars_answers", "Faces asked for: hit, miss, or stand_in beside the miss.", ["kind"], registry=registry
        )
        self._saved = Counter("avatars_saved_dollars", "What the hits' drawings had cost.", registry=registry)
        self._gauges = [
            (Gauge(source.name, source.documentation, multiprocess_mode="livesum", registry=registry), source.read)
            for source in gauge_sources
        ]

    async def render(self) -> bytes:
        """Return all metrics in Prometheus' text format; those of other processes as of their last update."""
        self.update()
        return await anyio.to_thread.run_sync(self._text)

    def update(self) -> None:
        """Add the new answers and hits to Prometheus' counters, and read the gauges."""
        totals = self._answer_counts.totals
        new, self._exported = totals - self._exported, totals
        for kind, count in (("hit", new.hits), ("miss", new.misses), ("stand_in", new.stand_ins)):
            self._answers.labels(kind).inc(count)
        self._saved.inc(new.saved_micro_usd / _MICRO)
        self._request_stats.export_hits()
        for gauge, read in self._gauges:
            gauge.set(read())

    def _text(self) -> bytes:
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder is None:
            return generate_latest(self._registry)
        _remove_gauges_of_ended_processes(Path(folder))
        return generate_latest(_AllProcesses(Path(folder)))


class _AllProcesses(Collector):
    """Adds up the files of all processes, as ``MultiProcessCollector`` does, which fails where a file is empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Return the sums. A process that has just begun a file has written nothing into it yet."""
        written = [str(path) for path in self._folder.glob("*.db") if _size(path) > 0]
        merged: Iterable[Metric] = MultiProcessCollector.merge(written)  # type: ignore[no-untyped-call]
        return merged


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another process removed it: its gauges ended
        return 0


def _remove_gauges_of_ended_processes(folder: Path) -> None:
    """Remove their gauges alone: a counter may not fall."""
    for path in folder.glob("gauge_live*_*.db"):
        process = int(path.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another process removed it first
                mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]
