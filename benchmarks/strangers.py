"""Attacks on a service that pays: ``python -m benchmarks.strangers fuzz|flood``.

Each part starts the service with a provider that counts its calls, prints the results, and fails if a promise is
broken.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.processor import LOAD_CORE, pinned_to
from benchmarks.server import Server, ready_service
from tests.support.concurrency import different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.fuzz import mutated, send_all, status

_KEYS: Final = {"AVATARS_API_KEYS": "shop:planted-key-of-the-shop", "AVATARS_ADMIN_TOKEN": "planted-token-of-the-admin"}
_ALLOWED: Final = 20
_FLOOD_PER_S: Final = 1000
_CONNECTIONS: Final = 32
_OK: Final = 200
_SERVER_ERROR: Final = 500
_HIT: Final = b'{"properties":{"variant":1}}'


def main() -> None:
    """Run one part."""
    parts: dict[str, Callable[[int | None], None]] = {"fuzz": fuzz, "flood": flood}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--count", type=int, help="requests of fuzz (default 100,000); seconds of flood (default 20)")
    arguments = parser.parse_args()
    parts[arguments.part](arguments.count)


def fuzz(requests: int | None) -> None:
    """Send requests with bytes changed, cut and doubled at random: no crash, no growth of memory, no payment."""
    with _paying(_KEYS) as (server, provider):
        chance, count = random.Random(1), (requests or 100_000) // 5
        memory: list[float] = []
        statuses: Counter[int] = Counter()
        for _ in range(5):
            statuses += asyncio.run(send_all(server.port, (mutated(chance) for _ in range(count))))
            memory.append(server.resident_mb)
        print(f"requests {5 * count}; statuses {dict(sorted(statuses.items()))} (0: ended without an answer)")
        print(f"resident MB after each fifth: {', '.join(f'{size:.0f}' for size in memory)}; paid: {provider.paid}")
        errors = [line for line in server.log.read_text().splitlines() if "Traceback" in line]
        _require(server.process.poll() is None, "the service has ended")
        _require(not errors, "".join(errors[:1]))
        _require(max(statuses) < _SERVER_ERROR, "a server error")
        _require(memory[-1] < memory[1] * 1.1, "memory grows")
        _require(provider.paid == 0, "something was paid for")


def flood(seconds: int | None) -> None:
    """Send a thousand misses a second from one IP address, while a client at another one asks for hits."""
    with _paying({"AVATARS_RATE_LIMIT": f"{_ALLOWED}/hour"}) as (server, provider):
        asyncio.run(_hits(server, 2))  # draws the face and fills the memory
        drawn = provider.paid
        quiet = asyncio.run(_hits(server, seconds or 20))
        flooding = multiprocessing.get_context("spawn").Process(target=_flood, args=(server.port, seconds or 20))
        with pinned_to(LOAD_CORE):
            flooding.start()
        time.sleep(1)
        drawing = asyncio.run(_hits(server, 2))  # the first misses are within the limit and are drawn
        flooded = asyncio.run(_hits(server, (seconds or 20) - 6))
        flooding.join()
        for name, times in (("quiet", quiet), ("drawing", drawing), ("flooded", flooded)):
            print(f"hits, {name:8} {len(times):6}   p50 {statistics.median(times):.2f} ms   p99 {_p99(times):.2f} ms")
        ratio = _p99(flooded) / _p99(quiet)
        print(f"p99 {ratio:.2f} x its quiet value; paid past the limit: {provider.paid - drawn - _ALLOWED}")
        _require(provider.paid - drawn <= _ALLOWED, "more was paid for than the limit allows")
        _require(ratio < 3, "a flood holds up the hits")


@contextmanager
def _paying(environment: dict[str, str]) -> Iterator[tuple[Server, LoopbackProvider]]:
    with tempfile.TemporaryDirectory() as folder, LoopbackProvider() as provider:
        paying = {
            "DB_STRING": f"sqlite:///{folder}/avatars.db",
            "OPENAI_API_KEY": "sk-planted",
            "OPENAI_BASE_URL": provider.base_url,
            "AVATARS_DAILY_BUDGET_USD": "none",
        }
        with ready_service(paying | environment, Path(folder)) as server:
            yield server, provider


async def _hits(server: Server, seconds: float) -> list[float]:
    """Ask for some 200 hits a second and return their times in milliseconds."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    async with _connection(server.port, "127.0.0.1") as ask:
        while time.perf_counter() < until:
            began = time.perf_counter()
            _require(await ask(_HIT) == _OK, "a hit was refused")
            times.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.005)
    return times


def _flood(port: int, seconds: float) -> None:
    os.nice(19)  # the measuring client goes first on the shared core, so that the server is measured
    asyncio.run(_ask_for_misses(port, seconds))


async def _ask_for_misses(port: int, seconds: float) -> None:
    bodies = iter([json.dumps(face).encode() for face in different_faces(5000, seed=2)] * 100)
    statuses: Counter[int] = Counter()
    chance = random.Random(3)

    async def work() -> None:
        async with _connection(port, "127.0.0.2") as ask:
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                began = time.perf_counter()
                statuses[await ask(next(bodies))] += 1
                pause = chance.expovariate(
                    _FLOOD_PER_S / _CONNECTIONS
                )  # spreads the requests, which else come in bursts
                await asyncio.sleep(max(0, began + pause - time.perf_counter()))

    await asyncio.gather(*(work() for _ in range(_CONNECTIONS)))
    print(f"flood: {sum(statuses.values()) / seconds:.0f} requests/s; statuses {dict(sorted(statuses.items()))}")


@asynccontextmanager
async def _connection(port: int, source: str) -> AsyncIterator[Callable[[bytes], "asyncio.Future[int]"]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))

    async def ask(body: bytes) -> int:
        head = (
            b"POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        )
        writer.write(head % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        return status(answer)

    try:
        yield lambda body: asyncio.ensure_future(ask(body))
    finally:
        writer.close()


def _require(holds: bool, failure: str) -> None:  # noqa: FBT001 - a promise holds or not
    if not holds:
        raise SystemExit(f"BROKEN: {failure}")


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


if __name__ == "__main__":
    main()
