"""The gallery: its first page, its last one and the rarest faces, with the whole catalogue kept, on each database."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

import pytest

from benchmarks.bench import SERVICE, Bench
from benchmarks.catalogue import SMALL_PICTURE, all_faces, fill
from benchmarks.figure import Figure
from benchmarks.request import Request
from benchmarks.server import Server, ready_service
from tests.databases import fresh_database

_BACKENDS: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB or MySQL"}
_OLDEST: Final = {
    "mood": "fun",
    "head_shape": "oval",
    "skin_tone": "fair",
    "smile_type": "wide",
    "nose_type": "straight",
    "eye_color": "brown",
    "glasses": "false",
}
"""The first face that was kept: whoever asks for it alone reads past all others."""


def gallery(bench: Bench) -> list[Figure]:
    """The part ``gallery``."""
    return [figure for backend in _BACKENDS for figure in _pages(backend, bench)]


def _pages(backend: str, bench: Bench) -> list[Figure]:
    try:
        with _service(backend, bench) as server:
            first = [_ms(server, {}) for _ in range(1 + 10 * bench.rounds)][1:]
            rare = [_ms(server, _OLDEST) for _ in range(1 + 10 * bench.rounds)][1:]
    except pytest.skip.Exception as missing:
        print(f"  left out: {missing}")
        return []
    name = _BACKENDS[backend]
    return [
        Figure.of(f"first page of 12,960 faces, {name}", first, unit="ms", at_most=50),
        Figure.of(f"likewise: the oldest alone, by its features, {name}", rare, unit="ms", at_most=50),
    ]


@contextmanager
def _service(backend: str, bench: Bench) -> Iterator[Server]:
    folder = bench.folder / f"gallery-{backend}"
    folder.mkdir()
    with fresh_database(backend, folder) as address:
        fill(address, all_faces(), shared=SMALL_PICTURE)
        with ready_service({**SERVICE, "DB_STRING": address}, folder) as server:
            yield server


def _ms(server: Server, features: dict[str, str]) -> float:
    """From asking to the last byte."""
    began = time.perf_counter()
    page = server.ask(Request("GET", f"/faces?{urlencode(features)}"))
    taken = 1000 * (time.perf_counter() - began)
    if page.status != 200 or not json.loads(page.body)["faces"]:
        raise RuntimeError(f"the page is empty: {page.status}")
    return taken
