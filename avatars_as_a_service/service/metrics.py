"""Metrics: what Prometheus is told, over all processes that share a port.

What happens all day is counted in plain numbers and folded in now and then. With ``PROMETHEUS_MULTIPROC_DIR`` set (see
``avatars serve``) each process writes into files of its own there, and who is asked adds all of them up.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import anyio.to_thread
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from avatars_as_a_service.service.levels import Level
from avatars_as_a_service.service.metrics_folder import FOLDER_VARIABLE
from avatars_as_a_service.service.tally import Tally
from avatars_as_a_service.service.traffic import BOUNDS_S, Passed, Traffic
from avatars_as_a_service.storage.ledger import CallState, Receipt
from avatars_as_a_service.storage.sums import Sums

_CALL_BOUNDS_S: Final = (0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 45, 60, 90, 120)
_MICRO: Final = 1_000_000


class CallMetrics:
    """Calls to a paid provider: how they ended, how long they took, what they cost."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._durations = Histogram(
            "avatars_provider_call_duration_seconds",
            "Calls to the provider, by how they ended.",
            ["outcome"],
            buckets=_CALL_BOUNDS_S,
            registry=registry,
        )
        self._paid = Counter("avatars_paid_calls", "Calls that are or may be billed.", registry=registry)
        self._spent = Counter("avatars_spent_dollars", "What they cost.", registry=registry)

    def ended(self, receipt: Receipt, *, bound: int) -> None:
        """Count a call that was sent. ``bound`` is what it counts for where nobody knows, in micro-dollars."""
        outcome = receipt.outcome.partition(" ")[0]  # what follows is the provider's own word, and so any word
        self._durations.labels(outcome).observe((receipt.duration_ms or 0) / 1000)
        if receipt.state is not CallState.RELEASED:
            self._paid.inc()
            self._spent.inc((bound if receipt.state is CallState.UNKNOWN else receipt.cost) / _MICRO)


class Metrics:
    """All that is counted and measured in this process; told for all processes together."""

    def __init__(self, registry: CollectorRegistry, *, tally: Tally, traffic: Traffic, levels: Sequence[Level]) -> None:
        """Calls are counted by the ``CallMetrics`` of the same registry."""
        self._registry = registry
        self._tally = tally
        self._traffic = traffic
        self._folded = Sums()
        self._answers = Counter(
            "avatars_answers", "Faces asked for: hit, miss, or stand_in beside the miss.", ["kind"], registry=registry
        )
        self._saved = Counter("avatars_saved_dollars", "What the hits' drawings had cost.", registry=registry)
        kind = ["route", "outcome", "status"]
        self._requests = Counter("avatars_requests", "Requests.", kind, registry=registry)
        self._durations = Histogram(
            "avatars_request_duration_seconds",
            "How long they took.",
            kind,
            buckets=BOUNDS_S,
            registry=registry,
        )
        self._levels = [
            (Gauge(level.name, level.meaning, multiprocess_mode="livesum", registry=registry), level.read)
            for level in levels
        ]

    async def told(self) -> bytes:
        """Everything in Prometheus' text format; of other processes as they last folded it in."""
        self.fold()
        return await anyio.to_thread.run_sync(self._text)

    def fold(self) -> None:
        """Bring what was counted in plain numbers up to date."""
        counted = self._tally.counted
        self._answers.labels("hit").inc(counted.hits - self._folded.hits)
        self._answers.labels("miss").inc(counted.misses - self._folded.misses)
        self._answers.labels("stand_in").inc(counted.stand_ins - self._folded.stand_ins)
        self._saved.inc((counted.saved_micro_usd - self._folded.saved_micro_usd) / _MICRO)
        self._folded = counted
        for passed in self._traffic.take():
            self._add(passed)
        for gauge, read in self._levels:
            gauge.set(read())

    def _add(self, passed: Passed) -> None:
        self._requests.labels(*passed.kind).inc(passed.count)
        durations = self._durations.labels(*passed.kind)
        # The library observes one by one alone, which for ten thousand hits a second is too slow.
        durations._sum.inc(passed.seconds)  # noqa: SLF001
        for bucket, count in zip(durations._buckets, passed.buckets, strict=True):  # noqa: SLF001
            if count:
                bucket.inc(count)

    def _text(self) -> bytes:
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder is None:
            return generate_latest(self._registry)
        _forget_the_dead(Path(folder))
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, folder)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)


def _forget_the_dead(folder: Path) -> None:
    """Take away the levels of processes that have ended. Their counts stay: a sum may not fall."""
    for path in folder.glob("gauge_live*_*.db"):
        process = int(path.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another process was faster
                mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]
