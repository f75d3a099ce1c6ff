"""The log: what writing a line for one hit in so many costs."""

from typing import Final

from benchmarks.bench import Bench
from benchmarks.catalogue import all_faces, body
from benchmarks.duel import duel
from benchmarks.figure import Figure
from benchmarks.load import Load
from benchmarks.request import Request, write_requests
from benchmarks.server import ready_service
from benchmarks.warm_up import warm_up

_NEVER: Final = "1000000"


def log_cost(bench: Bench) -> list[Figure]:
    """The part ``log``: two services alike but for that setting."""
    return [
        _against_silence("one hit in 1,000 logged (default)", None, bench, at_least=0.95),
        _against_silence("every hit logged", "1", bench, at_least=None),
    ]


def _against_silence(name: str, every: str | None, bench: Bench, *, at_least: float | None) -> Figure:
    query = Request.query(body(all_faces()[0]))
    load = Load(requests=write_requests(bench.folder / "logged", [query]))
    said = {} if every is None else {"AVATARS_LOG_EVERY_NTH_HIT": every}
    silent = {"AVATARS_LOG_EVERY_NTH_HIT": _NEVER}
    with (
        ready_service(bench.catalogue | said, bench.folder) as talker,
        ready_service(bench.catalogue | silent, bench.folder, name="the silent service") as mute,
    ):
        warm_up(talker, bench.folder)
        warm_up(mute, bench.folder)
        fought = duel(talker, mute, load, rounds=bench.rounds, seconds=bench.seconds)
    return Figure.of(name, fought.ratios, unit="x silent", at_least=at_least, note=fought.note)
