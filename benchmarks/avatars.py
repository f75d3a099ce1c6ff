"""Avatars: what ``<img>`` elements ask for, against a bare application that sends the same bytes on the same server."""

import asyncio
import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.bench import ALL_KNOWN_S, SERVICE, Bench
from benchmarks.comparison import compare
from benchmarks.hits import against, kept_reply
from benchmarks.load import Load
from benchmarks.measurement import Measurement
from benchmarks.request import HOST, Request, write_requests
from benchmarks.server import Server, baseline, dicebear, ready_service

_SEEDS: Final = 1_000
_NEW_SEEDS: Final = 300_000
_COLD: Final = 1_000
_COLD_S: Final = 15
_SVG: Final = (("Accept", "image/svg+xml,*/*;q=0.8"),)
_WEBP: Final = (("Accept", "image/webp,*/*;q=0.8"),)
_OURS: Final = "/avatar?format={kind}&"
_THEIRS: Final = "/8.x/avataaars/{kind}?"
_DICEBEAR: Final = "DICEBEAR_API"
"""The variable with the folder of a built checkout of ``dicebear/api``."""


def avatars(bench: Bench) -> list[Measurement]:
    """The part ``avatars``."""
    environment = SERVICE | {"DB_STRING": f"sqlite:///{bench.folder / 'avatars.db'}"}
    with ready_service(environment, bench.folder) as ours:
        time.sleep(ALL_KNOWN_S)
        stand_ins = [
            _line(ours, bench, f"GET /avatar, {_SEEDS:,} seeds, SVG", _seeds(_SEEDS), _SVG, at_least=0.6),
            _line(ours, bench, "GET /avatar, seeds never seen, SVG", _seeds(_NEW_SEEDS, "n"), _SVG, at_least=0.15),
            _cold(ours),
            *_beside_dicebear(ours, bench),
        ]
    with ready_service(bench.catalogue, bench.folder) as ours:
        time.sleep(ALL_KNOWN_S)
        same = (*_WEBP, ("If-None-Match", _etag(ours)))
        return [
            *stand_ins,
            _line(ours, bench, f"GET /avatar, {_SEEDS:,} kept faces, WebP", _seeds(_SEEDS), _WEBP, at_least=0.6),
            _line(ours, bench, "GET /avatar, If-None-Match (304)", _seeds(_SEEDS), same, status=304, at_least=0.9),
        ]


def _seeds(count: int, prefix: str = "") -> Iterable[str]:
    return (f"/avatar?seed={prefix}{number}" for number in range(count))


def _etag(ours: Server) -> str:
    return dict(ours.ask(replace(Request("GET", "/avatar?seed=0"), more=_WEBP)).headers)["etag"]


def _line(
    ours: Server,
    bench: Bench,
    name: str,
    paths: Iterable[str],
    headers: tuple[tuple[str, str], ...],
    *,
    at_least: float,
    status: int = 200,
) -> Measurement:
    requests = (Request("GET", path, more=headers) for path in paths)
    load = Load(requests=write_requests(bench.folder / "avatars", requests))
    one = Request("GET", "/avatar?seed=0", more=headers)
    ours.until(one, {status})
    with baseline("floor", bench.folder, str(kept_reply(ours, one, status, bench.folder))) as floor:
        return against(floor, ours, bench, load, name, at_least=at_least)


def _beside_dicebear(ours: Server, bench: Bench) -> list[Measurement]:
    """Ask DiceBear's own server for the same seeds at the same time, where it is installed."""
    checkout = os.environ.get(_DICEBEAR)
    if checkout is None:
        print(f"  {_DICEBEAR} is not set: no comparison with DiceBear's server")
        return []
    known, new = range(_SEEDS), range(_SEEDS, _SEEDS + _NEW_SEEDS)
    for number in known:  # drawn once, in other processes
        ours.ask(Request("GET", _small(_OURS.format(kind="png"), number)))
    with dicebear(Path(checkout), bench.folder) as theirs:
        return [
            _beside((ours, theirs), bench, f"{_SEEDS:,} seeds, SVG", "svg", known),
            _beside((ours, theirs), bench, "seeds never seen, SVG", "svg", new),
            _beside((ours, theirs), bench, f"{_SEEDS:,} seeds, PNG of 64 pixels", "png", known),
        ]


def _beside(servers: tuple[Server, Server], bench: Bench, name: str, kind: str, seeds: Iterable[int]) -> Measurement:
    loads = [
        Load(requests=write_requests(bench.folder / file, (Request("GET", _small(url, seed)) for seed in seeds)))
        for file, url in (("ours", _OURS.format(kind=kind)), ("theirs", _THEIRS.format(kind=kind)))
    ]
    comparison = compare(*servers, loads[0], second_load=loads[1], rounds=bench.rounds, seconds=bench.seconds)
    return Measurement.of(f"GET /avatar, {name}", comparison.ratios, unit="x DiceBear's", note=comparison.note)


def _small(url: str, seed: int) -> str:
    return f"{url}size=64&seed=d{seed}"


def _cold(ours: Server) -> Measurement:
    """Ask for new pictures at once, each on a connection of its own. Raises ``RuntimeError`` if one is refused."""
    began = time.perf_counter()
    statuses = asyncio.run(_ask_all(ours.port))
    seconds = time.perf_counter() - began
    refused = sum(status != 200 for status in statuses)
    if refused:
        raise RuntimeError(f"{refused} of {_COLD:,} pictures were refused")
    name = f"{_COLD:,} new PNG stand-ins of 64 pixels at once"
    return Measurement.of(name, [seconds], unit="s", at_most=_COLD_S, note="none refused; the service on one core")


async def _ask_all(port: int) -> list[int]:
    return await asyncio.gather(*(_status(port, f"/avatar?seed=c{number}&size=64") for number in range(_COLD)))


async def _status(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    reply = await reader.read(-1)
    writer.close()
    return int(reply.split(b" ", 2)[1])
