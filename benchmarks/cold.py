"""Cold hits: faces that the database has and the process does not remember."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

import pytest
from sqlalchemy import Connection

from avatars_as_a_service.storage import avatars
from avatars_as_a_service.storage.address import database_url
from avatars_as_a_service.storage.database import Database
from benchmarks.bench import Bench
from benchmarks.catalogue import grow
from benchmarks.figure import Figure
from benchmarks.load import Load
from benchmarks.server import ready_service
from benchmarks.warm_up import every_face
from tests.databases import fresh_database

_CONNECTIONS: Final = 8
_FEW: Final = 1_000
_BACKENDS: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB or MySQL"}


def cold(bench: Bench) -> list[Figure]:
    """The part ``cold``."""
    return [_through_the_service(bench), *(figure for backend in _BACKENDS for figure in _lookups(backend, bench))]


def _through_the_service(bench: Bench) -> Figure:
    load = Load(requests=every_face(bench.folder), connections=_CONNECTIONS)
    with ready_service(bench.catalogue | {"AVATARS_FACES_IN_MEMORY": "1"}, bench.folder) as service:
        load.on(service, 1).result()
        results = [load.on(service, bench.seconds).result() for _ in range(bench.rounds)]
    note = f"{median(result.per_second for result in results):,.0f}/s"
    p50s = [result.p50_ms for result in results]
    return Figure.of(f"p50 at {_CONNECTIONS} connections, SQLite", p50s, unit="ms", at_most=5, note=note)


def _lookups(backend: str, bench: Bench) -> list[Figure]:
    """The same number of faces asked for over and over, of a small table and of a large one, in turns."""
    with ExitStack() as stack:
        try:
            small, large = (stack.enter_context(_filled(backend, rows, bench)) for rows in (_FEW, bench.rows))
        except pytest.skip.Exception as missing:
            print(f"  left out: {missing}")
            return []
        rounds = [[_seconds(small), _seconds(large)] for _ in range(1 + 4 * bench.rounds)][1:]
    each = [median(few for few, _ in rounds), median(many for _, many in rounds)]
    note = f"{each[0] * 1e6:,.0f} µs and {each[1] * 1e6:,.0f} µs"
    name = f"a lookup in {bench.rows:,} rows, {_BACKENDS[backend]}"
    return [Figure.of(name, [many / few for few, many in rounds], unit=f"x in {_FEW:,}", at_most=1.2, note=note)]


@dataclass(frozen=True, slots=True)
class _Table:
    """A database, and the faces that it is asked for."""

    database: Database
    keys: Sequence[str]


@contextmanager
def _filled(backend: str, rows: int, bench: Bench) -> Iterator[_Table]:
    folder = bench.folder / f"{backend}-{rows}"
    folder.mkdir()
    with fresh_database(backend, folder) as address:
        print(f"  {_BACKENDS[backend]}: writing {rows:,} faces")
        keys = grow(address, rows)
        database = Database(database_url(address), pool_size=1)
        try:
            yield _Table(database, random.Random(5).sample(keys, _FEW))
        finally:
            database.close()


def _seconds(table: _Table) -> float:
    """What one lookup takes, of all of them."""
    return table.database.write_now(partial(_timed, keys=table.keys))


def _timed(connection: Connection, *, keys: Sequence[str]) -> float:
    began = time.perf_counter()
    found = [avatars.get(connection, wanted) for wanted in keys]
    seconds = (time.perf_counter() - began) / len(keys)
    if None in found:
        raise RuntimeError("a face is missing")
    return seconds
