"""Hits: one worker with all its gates, against a bare application that sends the same bytes on the same server."""

import base64
import json
import random
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.bench import Bench
from benchmarks.catalogue import SMALL_PICTURE, all_faces, body, spelled_differently
from benchmarks.comparison import compare, p99_ratios
from benchmarks.load import Load
from benchmarks.measurement import Measurement
from benchmarks.request import Request, write_requests
from benchmarks.server import Server, baseline, ready_service
from benchmarks.warm_up import every_face, warm_up

_SPELLINGS: Final = 60_000
_SOME: Final = 200
_FACE: Final = all_faces()[4711]
_QUERY: Final = Request.query(body(_FACE))
_IMAGE: Final = Request("GET", SMALL_PICTURE.ref.path)
_SAME_IMAGE: Final = replace(_IMAGE, more=(("If-None-Match", f'"{SMALL_PICTURE.digest}"'),))


def hits(bench: Bench) -> list[Measurement]:
    """The part ``hits``."""
    with ready_service(bench.catalogue, bench.folder) as ours:
        warm_up(ours, bench.folder)
        return [
            *_one_body(ours, bench),
            *_catalogue(ours, bench),
            _picture(ours, bench, "GET /images (12 kB)", _IMAGE, 200, at_least=1),
            _picture(ours, bench, "GET /images, If-None-Match (304)", _SAME_IMAGE, 304, at_least=0.9),
        ]


def _one_body(ours: Server, bench: Bench) -> list[Measurement]:
    load = Load(requests=write_requests(bench.folder / "one", [_QUERY]))
    reply = kept_reply(ours, _QUERY, 200, bench.folder)
    measurements = []
    with baseline("floor", bench.folder, str(reply)) as floor:
        ratio = against(floor, ours, bench, load, "POST /query, one body", at_least=1)
        ratios, alone = p99_ratios(ours, floor, load, rounds=bench.rounds, seconds=bench.seconds)
        note = f"{alone.per_second:,.0f} hits/s alone, p50 {alone.p50_ms:.2f} ms, p99 {alone.p99_ms:.2f} ms"
        measurements += [
            ratio,
            Measurement.of("p99 of POST /query", ratios, unit="x the bare app's", at_most=2, note=note),
        ]
        with ExitStack() as stack:
            plain = stack.enter_context(baseline("plain", bench.folder, str(reply)))
            database = bench.folder / "published.db"
            published = stack.enter_context(baseline("published", bench.folder, str(reply), str(database)))
            published.until(_QUERY, {200})
            measurements.append(against(floor, plain, bench, load, "likewise: the plainest FastAPI endpoint"))
            measurements.append(against(floor, published, bench, load, "likewise: the published design"))
    return measurements


def _catalogue(ours: Server, bench: Bench) -> list[Measurement]:
    faces, chance = all_faces(), random.Random(3)
    some = (Request.query(body(face)) for face in chance.sample(faces, _SOME))
    few = Load(requests=write_requests(bench.folder / "some", some))
    known = Load(requests=every_face(bench.folder))
    new = (Request.query(spelled_differently(chance.choice(faces), chance)) for _ in range(_SPELLINGS))
    unknown = Load(requests=write_requests(bench.folder / "spellings", new))
    reply = kept_reply(ours, _QUERY, 200, bench.folder)
    with baseline("floor", bench.folder, str(reply)) as floor:
        return [
            against(floor, ours, bench, few, f"POST /query, {_SOME} faces at random", at_least=0.95),
            against(floor, ours, bench, known, "POST /query, 12,960 faces at random", at_least=0.6),
            against(floor, ours, bench, unknown, f"POST /query, {_SPELLINGS:,} bodies at random", at_least=0.5),
        ]


def _picture(ours: Server, bench: Bench, name: str, request: Request, status: int, *, at_least: float) -> Measurement:
    load = Load(requests=write_requests(bench.folder / "picture", [request]))
    with baseline("floor", bench.folder, str(kept_reply(ours, request, status, bench.folder))) as floor:
        return against(floor, ours, bench, load, name, at_least=at_least)


def against(
    floor: Server, server: Server, bench: Bench, load: Load, name: str, *, at_least: float | None = None
) -> Measurement:
    """Compare the server with the bare application."""
    comparison = compare(server, floor, load, rounds=bench.rounds, seconds=bench.seconds)
    return Measurement.of(name, comparison.ratios, unit="x bare", at_least=at_least, note=comparison.note)


def kept_reply(ours: Server, request: Request, status: int, folder: Path) -> Path:
    """Write our reply to a file, from which a baseline sends it. Raises ``RuntimeError`` if the reply is no hit."""
    reply = ours.ask(request)
    if reply.status != status or (request.method == "POST" and not json.loads(reply.body)["cache_hit"]):
        raise RuntimeError(f"{request.path} is no hit: {reply}")
    path = folder / f"reply-{status}-{request.method}"
    said = {"status": reply.status, "headers": reply.headers, "body": base64.b64encode(reply.body).decode()}
    path.write_text(json.dumps(said))
    return path
