"""Pictures: the time of a new stand-in and of a new rendition."""

import random
import time
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.bench import Bench
from benchmarks.measurement import Measurement
from benchmarks.request import Request
from benchmarks.server import Server, ready_service

_SVG_MS: Final = 20
_RASTER_MS: Final = 60
_STAND_INS: Final = 1_000
_EACH: Final = 40
_WARM_UP: Final = 10
_LOCAL_PROVIDER: Final = {"AVATARS_PROVIDER": "local"}


def pictures(bench: Bench) -> list[Measurement]:
    """The part ``pictures``: one request after the other, each for a picture that no cache has."""
    with ready_service(_environment(bench), bench.folder, name="the service that draws by itself") as service:
        chance = random.Random(8)
        _all_ms(service, _stand_ins(chance, _WARM_UP, "format=webp"))
        stand_ins = [
            _p99("SVG", _all_ms(service, _stand_ins(chance, _STAND_INS, "format=svg")), at_most=_SVG_MS),
            _p99("WebP, 256", _all_ms(service, _stand_ins(chance, _STAND_INS, "format=webp")), at_most=_RASTER_MS),
            _p99("AVIF, 256", _all_ms(service, _stand_ins(chance, _STAND_INS // 5, "format=avif"))),
        ]
        originals = [_kept(service, variant) for variant in range(_EACH)]
        return stand_ins + [
            Measurement.of(
                f"a new rendition, {kind} at {size}",
                _all_ms(service, [f"{original}.{kind}?size={size}" for original in originals]),
                unit="ms",
            )
            for kind, size in (("webp", 64), ("webp", 256), ("webp", 1024), ("avif", 256), ("png", 256), ("jpeg", 256))
        ]


def _environment(bench: Bench) -> dict[str, str]:
    return _LOCAL_PROVIDER | {"DB_STRING": f"sqlite:///{bench.folder / 'pictures.db'}"}


def _stand_ins(chance: random.Random, count: int, query: str) -> Iterator[str]:
    return (f"/avatar?seed={chance.getrandbits(64):x}&variant={1 + chance.randrange(99)}&{query}" for _ in range(count))


def _kept(service: Server, variant: int) -> str:
    """Draw a face and return the path of its picture without the format."""
    reply = service.ask(Request.query(b'{"properties": {"variant": %d}}' % variant))
    return "/images/" + reply.body.partition(b"/images/")[2].partition(b".")[0].decode()


def _all_ms(service: Server, paths: Iterator[str] | Sequence[str]) -> list[float]:
    """Return the time of each request in milliseconds, each on a connection of its own. Raises ``RuntimeError``."""
    return [_ms(service, path) for path in paths]


def _ms(service: Server, path: str) -> float:
    began = time.perf_counter()
    reply = service.ask(Request("GET", path))
    took = (time.perf_counter() - began) * 1_000
    if reply.status != 200:
        raise RuntimeError(f"{path} was answered with {reply.status}")
    return took


def _p99(kind: str, measured: Sequence[float], *, at_most: float | None = None) -> Measurement:
    ordered = sorted(measured)
    slowest = ordered[-max(1, len(ordered) // 100) :]
    return Measurement(
        name=f"p99 of a new stand-in, {kind}",
        value=slowest[0],
        lowest=ordered[0],
        highest=ordered[-1],
        count=len(ordered),
        unit="ms",
        at_most=at_most,
        note=f"p50 {ordered[len(ordered) // 2]:.1f} ms; {len(ordered):,} one after the other",
    )
