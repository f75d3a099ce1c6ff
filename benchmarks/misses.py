"""Misses: the time that one adds to the model's own, with a real picture checked and all rows written."""

import json
import time
from itertools import islice
from statistics import median

from benchmarks.baselines.model import DELAY_S
from benchmarks.bench import SERVICE, Bench
from benchmarks.catalogue import body, many_faces
from benchmarks.measurement import Measurement
from benchmarks.request import HOST, Request
from benchmarks.server import Server, baseline, ready_service

_DRAW = Request(
    "POST", "/v1/images/generations", b'{"prompt": "a face", "n": 1}', (("Content-Type", "application/json"),)
)


def misses(bench: Bench) -> list[Measurement]:
    """The part ``misses``: the model and the service are asked in turns."""
    environment = SERVICE | {
        "DB_STRING": f"sqlite:///{bench.folder / 'misses.db'}",
        "AVATARS_DAILY_BUDGET_USD": "none",
        "AVATARS_PUBLIC_URL": f"https://{HOST}",  # without it the service would not pay for requests to this host
    }
    a_round = max(3, int(bench.seconds / (2 * DELAY_S)))
    faces = many_faces(a_round * bench.rounds + 1)
    with baseline("model", bench.folder) as model:
        environment["OPENAI_BASE_URL"] = f"{model.url}/v1"
        with ready_service(environment, bench.folder) as service:
            _seconds(service, Request.query(body(next(faces))))
            added = []
            for _ in range(bench.rounds):
                queries = [Request.query(body(face)) for face in islice(faces, a_round)]
                pairs = [(_seconds(model, _DRAW), _seconds(service, query)) for query in queries]
                added.append(median(service for _, service in pairs) - median(model for model, _ in pairs))
            size = len(model.ask(_DRAW).body) * 3 // 4
    note = f"a picture of {size // 1000} kB after {DELAY_S * 1000:.0f} ms; one at a time"
    return [Measurement.of("p50 of what a miss adds", [s * 1e3 for s in added], unit="ms", at_most=60, note=note)]


def _seconds(server: Server, request: Request) -> float:
    began = time.perf_counter()
    reply = server.ask(request)
    seconds = time.perf_counter() - began
    answer = json.loads(reply.body)
    if reply.status != 200 or answer.get("cache_hit") or answer.get("provisional"):
        raise RuntimeError(f"{request.path} drew nothing: {reply.status} {answer}")
    return seconds
