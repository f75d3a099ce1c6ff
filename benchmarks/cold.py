"""Cold hits: faces that the database has and the process does not remember."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from statistics import median
from typing import Final

import pytest

from benchmarks.bench import SERVICE, Bench
from benchmarks.catalogue import all_faces, body, grow
from benchmarks.load import Load
from benchmarks.measurement import Measurement
from benchmarks.request import Request, write_requests
from benchmarks.server import Server, ready_service
from benchmarks.warm_up import every_face
from tests.support.databases import fresh_database

_CONNECTIONS: Final = 8
_FEW: Final = 1_000
_FORGETFUL: Final = {"AVATARS_FACES_IN_MEMORY": "1"}
_BACKENDS: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB or MySQL"}


def cold(bench: Bench) -> list[Measurement]:
    """The part ``cold``."""
    by_backend = (_many_rows(backend, bench) for backend in _BACKENDS)
    return [_whole_catalogue(bench), *chain.from_iterable(by_backend)]


def _whole_catalogue(bench: Bench) -> Measurement:
    load = Load(requests=every_face(bench.folder), connections=_CONNECTIONS)
    with ready_service(bench.catalogue | _FORGETFUL, bench.folder) as service:
        load.on(service, 1).result()
        results = [load.on(service, bench.seconds).result() for _ in range(bench.rounds)]
    note = f"{median(result.per_second for result in results):,.0f}/s"
    p50s = [result.p50_ms for result in results]
    return Measurement.of(f"p50 at {_CONNECTIONS} connections, SQLite", p50s, unit="ms", at_most=5, note=note)


def _many_rows(backend: str, bench: Bench) -> list[Measurement]:
    """Ask for the same faces again and again, from a small table and a large one in turns."""
    requests = (Request.query(body(face)) for face in all_faces()[:_FEW])
    load = Load(requests=write_requests(bench.folder / "few", requests), connections=1)
    with ExitStack() as stack:
        try:
            services = [stack.enter_context(_filled(backend, rows, bench)) for rows in (_FEW, bench.rows)]
        except pytest.skip.Exception as missing:
            print(f"  left out: {missing}")
            return []
        for service in services:
            load.on(service, 1).result()
        rounds = [[load.on(service, 1).result().p50_ms for service in services] for _ in range(2 * bench.rounds)]
    few, many = (median(p50s) for p50s in zip(*rounds, strict=True))
    name = f"p50 with {bench.rows:,} rows, one connection, {_BACKENDS[backend]}"
    ratios = [many / few for few, many in rounds]
    return [
        Measurement.of(name, ratios, unit=f"x with {_FEW:,}", at_most=1.2, note=f"{few:.2f} ms and {many:.2f} ms"),
    ]


@contextmanager
def _filled(backend: str, rows: int, bench: Bench) -> Iterator[Server]:
    folder = bench.folder / f"{backend}-{rows}"
    folder.mkdir()
    with fresh_database(backend, folder) as address:
        print(f"  {_BACKENDS[backend]}: writing {rows:,} faces")
        grow(address, rows)
        with ready_service({**SERVICE, **_FORGETFUL, "DB_STRING": address}, folder) as service:
            yield service
