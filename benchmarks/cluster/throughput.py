"""Throughput: hits through nginx with one, two and three replicas, and what each part computes for one request."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.cluster.replicas import Fleet, Replica
from benchmarks.cluster.servers import Missing, Postgres
from benchmarks.load import Result
from benchmarks.processor import processor_seconds
from benchmarks.request import Request, write_requests
from tests.support.concurrency import ask_all, different_faces

_SECONDS: Final = 5
_FACES: Final = 50
_IDLE_S: Final = 12
_SCRIPT: Final = Path(__file__).parent.parent / "requests.lua"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one load came to; the microseconds are of processor time for a request."""

    replicas: int
    per_second: float
    service_us: float
    nginx_us: float
    load_us: float


def throughput(fleet: Fleet, postgres: Postgres, folder: Path) -> None:
    """Measure and print."""
    requests = _requests(fleet, folder)
    cores = os.cpu_count() or 1
    print(f"\nhits through nginx, {cores} cores for everything")
    print(f"{'replicas':>9}{'hits/s':>9}{'µs of a replica':>17}{'of nginx':>10}{'of the load':>13}  cores' worth")
    for count in range(1, len(fleet.replicas) + 1):
        row = _measure(fleet, fleet.replicas[:count], requests)
        worth = row.per_second * (row.service_us + row.nginx_us + row.load_us) / 1e6
        print(
            f"{row.replicas:>9}{row.per_second:>9,.0f}{row.service_us:>17.0f}{row.nginx_us:>10.0f}{row.load_us:>13.0f}"
            f"  {worth:.2f} of {cores}"
        )
    fleet.balancer.send_to([replica.port for replica in fleet.replicas])
    _database(fleet, postgres)


def _measure(fleet: Fleet, used: Sequence[Replica], requests: Path) -> Row:
    fleet.balancer.send_to([replica.port for replica in used])
    time.sleep(1)
    before = _computed(fleet)
    result = _load(fleet.url, requests)
    service, nginx = (after - earlier for after, earlier in zip(_computed(fleet), before, strict=True))
    return Row(
        replicas=len(used),
        per_second=result.per_second,
        service_us=service / result.requests * 1e6,
        nginx_us=nginx / result.requests * 1e6,
        load_us=result.processor_seconds / result.requests * 1e6,
    )


def _computed(fleet: Fleet) -> tuple[float, float]:
    service = sum(processor_seconds(replica.service.process.pid) for replica in fleet.replicas)
    return service, sum(map(processor_seconds, fleet.balancer.workers))


def _requests(fleet: Fleet, folder: Path) -> Path:
    """A file of requests for faces that every replica remembers."""
    faces = different_faces(_FACES, seed=76)
    ask_all([fleet.url], faces)
    for replica in fleet.replicas:
        ask_all([replica.service.url], faces)
    return write_requests(folder / "requests", [Request.query(json.dumps(face).encode()) for face in faces])


def _load(url: str, requests: Path) -> Result:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise Missing("wrk")
    command = [wrk, "-t1", "-c32", f"-d{_SECONDS}s", "-s", str(_SCRIPT), url, "--", str(requests), "random", "7"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    said = b"" if process.stdout is None else process.stdout.read()
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return Result.parse(said, used.ru_utime + used.ru_stime)


def _database(fleet: Fleet, postgres: Postgres) -> None:
    """What the replicas ask the database while nobody asks them, and what a new face costs it."""
    before = postgres.transactions()
    time.sleep(_IDLE_S)
    idle = (postgres.transactions() - before) / _IDLE_S / len(fleet.replicas)
    print(f"\n{idle:.2f} transactions a second of an idle replica")
    count = 60
    began, before = time.monotonic(), postgres.transactions()
    ask_all([fleet.url], different_faces(count, seed=77))
    time.sleep(3)  # the server's own statistics are a moment late
    beside = idle * len(fleet.replicas) * (time.monotonic() - began)
    print(f"{(postgres.transactions() - before - beside) / count:.1f} transactions for a new face")
