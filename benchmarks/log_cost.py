"""The log: the cost of one line for each n-th hit."""

from typing import Final

from benchmarks.bench import Bench
from benchmarks.catalogue import all_faces, body
from benchmarks.comparison import compare
from benchmarks.load import Load
from benchmarks.measurement import Measurement
from benchmarks.request import Request, write_requests
from benchmarks.server import ready_service
from benchmarks.warm_up import warm_up

_NEVER: Final = "1000000"


def log_cost(bench: Bench) -> list[Measurement]:
    """The part ``log``: two services that differ in this setting alone."""
    return [
        _against_silence("one hit in 1,000 logged (default)", None, bench, at_least=0.95),
        _against_silence("every hit logged", "1", bench, at_least=None),
    ]


def _against_silence(name: str, every: str | None, bench: Bench, *, at_least: float | None) -> Measurement:
    query = Request.query(body(all_faces()[0]))
    load = Load(requests=write_requests(bench.folder / "logged", [query]))
    chosen = {} if every is None else {"AVATARS_LOG_EVERY_NTH_HIT": every}
    silent = {"AVATARS_LOG_EVERY_NTH_HIT": _NEVER}
    with (
        ready_service(bench.catalogue | chosen, bench.folder) as logging,
        ready_service(bench.catalogue | silent, bench.folder, name="the silent service") as silent_service,
    ):
        warm_up(logging, bench.folder)
        warm_up(silent_service, bench.folder)
        comparison = compare(logging, silent_service, load, rounds=bench.rounds, seconds=bench.seconds)
    return Measurement.of(name, comparison.ratios, unit="x silent", at_least=at_least, note=comparison.note)
