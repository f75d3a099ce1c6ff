"""The start: from the process's start to its first hit, with the whole catalogue in the database."""

import time

from benchmarks.bench import Bench
from benchmarks.catalogue import all_faces, body
from benchmarks.measurement import Measurement
from benchmarks.request import Request
from benchmarks.server import service


def start(bench: Bench) -> list[Measurement]:
    """The part ``start``."""
    measured = [_seconds(bench) for _ in range(1 + bench.rounds)][1:]
    return [Measurement.of("process started to first hit answered", measured, unit="s", at_most=2.5)]


def _seconds(bench: Bench) -> float:
    with service(bench.catalogue, bench.folder) as server:
        server.until(Request.query(body(all_faces()[0])), {200}, pause_s=0.005)
        return time.perf_counter() - server.started_at
