"""A simulated week of traffic: its cost with and without the service. ``python -m benchmarks.week``.

A million requests, Zipf over the 12,960 full faces, go through the service's own code. The provider is a process on
loopback that counts its paid calls; the database is SQLite in a temporary folder.
"""

import argparse
import asyncio
import itertools
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from avatars_as_a_service.access.admission import Caller
from avatars_as_a_service.domain.features import EyeColor, Features, HeadShape, Mood, NoseType, SkinTone, SmileType
from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.domain.query import Query
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.operations.stats import Stats
from avatars_as_a_service.settings import load_settings
from avatars_as_a_service.wiring import Process

_SEED: Final = 2026
_AT_ONCE: Final = 16
_HOME: Final = Path(__file__).parents[1]
_FACES: Final = [
    Features(
        mood=mood,
        head_shape=head,
        skin_tone=skin,
        smile_type=smile,
        nose_type=nose,
        eye_color=eyes,
        glasses=glasses,
    )
    for mood, head, skin, smile, nose, eyes, glasses in itertools.product(
        Mood, HeadShape, SkinTone, SmileType, NoseType, EyeColor, (False, True)
    )
]


def main() -> None:
    """Simulate the week and print the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.week", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many (default: %(default)s)")
    faces = _traffic(parser.parse_args().requests)
    with tempfile.TemporaryDirectory(prefix="avatars-week-") as folder, _provider(Path(folder)) as base_url:
        os.chdir(folder)
        _set_up(folder, base_url)
        began = time.monotonic()
        outcomes, stats = asyncio.run(_ask_for_all(faces))
        took = time.monotonic() - began
        calls = httpx.get(f"{base_url.removesuffix('/v1')}/_control/state", timeout=60).json()["calls"]
    print(_report(faces, outcomes, stats, calls=calls, took=took))
    if not len(set(faces)) == calls == stats.spending.paid_calls == stats.faces:
        sys.exit("faces were paid for twice, or not at all")


def _traffic(requests: int) -> list[Features]:
    """Choose a face for each request: the n-th most popular face 1/n times as often as the first."""
    chance = random.Random(_SEED)
    by_popularity = chance.sample(_FACES, len(_FACES))
    weights = [1 / rank for rank in range(1, len(_FACES) + 1)]
    return chance.choices(by_popularity, weights, k=requests)


@contextmanager
def _provider(folder: Path) -> Iterator[str]:
    """Yield the base URL of a provider that answers at once."""
    command = [sys.executable, "-m", "tests.support.fake_provider"]
    with (folder / "provider.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=_HOME, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _set_up(folder: str, base_url: str) -> None:
    for name in [name for name in os.environ if name.startswith("AVATARS_")]:
        del os.environ[name]
    os.environ |= {
        "DB_STRING": f"sqlite:///{folder}/avatars.db",
        "OPENAI_API_KEY": "none",
        "OPENAI_BASE_URL": base_url,
        "AVATARS_DAILY_BUDGET_USD": "none",
    }
    configure_logs()
    logging.getLogger("httpx").setLevel(logging.WARNING)


async def _ask_for_all(faces: Iterable[Features]) -> tuple[Counter[str], Stats]:
    services = Process.services(load_settings())
    outcomes: Counter[str] = Counter()
    requests = iter(faces)
    async with services.running():
        await asyncio.gather(*(_ask(services.faces, requests, outcomes) for _ in range(_AT_ONCE)))
        return outcomes, await services.stats_reader.stats()


async def _ask(service: FaceService, requests: Iterator[Features], outcomes: Counter[str]) -> None:
    for number, features in enumerate(requests):
        answer = await service.get_or_draw(service.with_key(Query(features=features)), Caller(address="127.0.0.1"))
        outcomes["hit" if answer.cache_hit else "stand-in" if answer.provisional else "drawn"] += 1
        if number % 100 == 0:
            await asyncio.sleep(0)  # a hit never waits, so without this no other task would run


def _report(faces: list[Features], outcomes: Counter[str], stats: Stats, *, calls: int, took: float) -> str:
    requests, spent = len(faces), stats.spending.spent
    without = spent * requests // max(1, calls)
    lines: list[tuple[str, Any]] = [
        ("requests", f"{requests:,}"),
        ("distinct faces asked for", f"{len(set(faces)):,}"),
        ("paid calls, by the ledger", f"{stats.spending.paid_calls:,}"),
        ("paid calls, by the provider", f"{calls:,}"),
        ("hits", f"{outcomes['hit']:,} ({outcomes['hit'] / requests:.2%})"),
        ("stand-ins", f"{outcomes['stand-in']:,}"),
        ("cost", f"${usd(spent):,.2f} ({stats.model})"),
        ("cost without the service", f"${usd(without):,.2f}, {without / max(1, spent):,.0f} times as much"),
        ("time", f"{took:,.0f} s"),
    ]
    return "\n".join(f"{name:<28} {value}" for name, value in lines)


if __name__ == "__main__":
    main()
