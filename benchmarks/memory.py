"""Memory: the size of a worker that knows the whole catalogue, and its growth over many requests and seeds."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.bench import ALL_KNOWN_S, SERVICE, Bench
from benchmarks.catalogue import SMALL_PICTURE, all_faces, body, spelled_differently
from benchmarks.load import Load
from benchmarks.measurement import Measurement
from benchmarks.request import Request, write_requests
from benchmarks.server import Server, ready_service
from benchmarks.warm_up import warm_up

_FILL_S: Final = 4
_MIXED: Final = 60_000
_POINTS: Final = 5
_JSON: Final = (("Content-Type", "application/json"),)


def memory(bench: Bench) -> list[Measurement]:
    """The part ``memory``."""
    with ready_service(bench.catalogue, bench.folder) as service:
        time.sleep(_FILL_S)
        indexed = service.resident_mb
        warm_up(service, bench.folder)
        asked = service.resident_mb
        points, sent = _after_mixed(service, bench)
    with ready_service(SERVICE | {"DB_STRING": f"sqlite:///{bench.folder / 'seeds.db'}"}, bench.folder) as service:
        time.sleep(ALL_KNOWN_S)
        new = Load(requests=_seeds(bench), order="in_order").at_least(service, bench.requests)
        after_seeds = service.resident_mb
    note = "MB after equal parts: " + ", ".join(f"{point:.0f}" for point in points)
    return [
        Measurement.of("a worker with the whole catalogue indexed", [indexed], unit="MB", at_most=160),
        Measurement.of("the same, each face asked for once", [asked], unit="MB", at_most=160),
        Measurement.of(
            f"growth over {sent:,} mixed requests", [points[-1] / points[0]], unit="x", at_most=1.05, note=note
        ),
        Measurement.of(f"after GET /avatar of {new:,} seeds, SVG", [after_seeds], unit="MB", at_most=160),
    ]


def _seeds(bench: Bench) -> Path:
    """Write that many requests and as many as a slice of the load may send past them, each for another seed."""
    numbers = range(bench.requests + _MIXED)
    return write_requests(
        bench.folder / "seeds", (Request("GET", f"/avatar?format=svg&seed={number}") for number in numbers)
    )


def _after_mixed(service: Server, bench: Bench) -> tuple[list[float], int]:
    """Return the memory after each kind of request has come once and after each further part, and the requests sent."""
    load = Load(
        requests=write_requests(bench.folder / "mixed", _mixed()), order="in_order", errors_allowed=True, connections=16
    )
    sent = load.at_least(service, _MIXED)
    points = [service.resident_mb]
    for _ in range(_POINTS):
        sent += load.at_least(service, bench.requests // _POINTS)
        points.append(service.resident_mb)
    return points, sent


def _mixed() -> Iterator[Request]:
    """Yield mostly hits, and some pictures, 304, wrong input and stand-ins."""
    chance, faces = random.Random(9), all_faces()
    path, tag = SMALL_PICTURE.ref.path, (("If-None-Match", f'"{SMALL_PICTURE.digest}"'),)
    for number in range(_MIXED):
        face = chance.choice(faces)
        seldom = [
            Request("GET", "/features"),
            Request("GET", f"/avatar?mood={face.mood}&head_shape={face.head_shape}&variant={number % 100}"),
            Request("POST", "/query", b'{"properties": {"nose_type": "long"}}', _JSON),
            Request("POST", "/query", b'{"properties": ', _JSON),
            Request("GET", f"/images/{number:064x}.webp"),
            Request("GET", "/healthz"),
        ]
        usual = [
            Request.query(body(face)),
            Request.query(spelled_differently(face, chance)),
            Request("GET", path),
            Request("GET", path, more=tag),
        ]
        yield chance.choice(seldom if chance.random() < 0.1 else usual)
