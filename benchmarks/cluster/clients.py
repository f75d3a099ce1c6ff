"""Clients that ask for faces all the time and record the answers."""

import asyncio
import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from tests.support.concurrency import Reply

_CLIENTS: Final = 24
_TIMEOUT_S: Final = 60
_PAUSE_S: Final = 0.01
_NEW_EVERY: Final = 25
"""One request in so many asks for a new face; the others repeat an earlier one."""

Json = dict[str, Any]


@dataclass(slots=True)
class AnswerCounts:
    """The answers of one phase: how many of each kind, and how long each took."""

    kinds: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """The number of answers with a face or a stand-in."""
        return sum(self.kinds[kind] for kind in ("hit", "drawn", "waited", "stand-in"))

    @property
    def failed(self) -> dict[str, int]:
        """The number of other answers, by kind."""
        return {kind: n for kind, n in self.kinds.items() if kind not in {"hit", "drawn", "waited", "stand-in"}}

    def percentile(self, percent: float) -> float:
        """Return this percentile of the times, in milliseconds."""
        ordered = sorted(self.milliseconds) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Clients:
    """Ask one URL; ``pictures`` collects the pictures of each face over all phases."""

    def __init__(self, url: str, bodies: list[Json]) -> None:
        self._place = urlsplit(url)
        self._bodies = bodies
        self._known = 1
        self._counts = AnswerCounts()
        self._stop = threading.Event()
        self.pictures: defaultdict[str, set[str]] = defaultdict(set)
        self.keys: dict[int, set[str]] = defaultdict(set)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask within the context, in a thread."""
        self._stop.clear()
        thread = threading.Thread(target=lambda: asyncio.run(self._ask_all()))
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def take(self) -> AnswerCounts:
        """Return the counts since the last call."""
        counts, self._counts = self._counts, AnswerCounts()
        return counts

    async def _ask_all(self) -> None:
        await asyncio.gather(*(self._ask_on(random.Random(n)) for n in range(_CLIENTS)))

    async def _ask_on(self, chance: random.Random) -> None:
        while not self._stop.is_set():
            if chance.randrange(_NEW_EVERY) == 0 and self._known < len(self._bodies):
                self._known += 1
                number = self._known - 1
            else:
                number = chance.randrange(self._known)
            began = time.perf_counter()
            kind = await self._ask(number)
            self._counts.milliseconds.append((time.perf_counter() - began) * 1000)
            self._counts.kinds[kind] += 1
            await asyncio.sleep(_PAUSE_S)

    async def _ask(self, number: int) -> str:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                reply = await self._post(self._bodies[number])
        except TimeoutError:
            return "no answer"
        except (OSError, ValueError):
            return "broken"
        if reply.status != 200:
            return f"{reply.status} {reply.body.get('code', '')}".strip()
        self.keys[number].add(reply.image_hash)
        if reply.body["provisional"]:
            return "stand-in"
        self.pictures[reply.image_hash].add(reply.picture.partition("?")[0])  # whatever its size
        if reply.body["cache_hit"]:
            return "hit"
        return "drawn" if reply.body["cost_usd"] else "waited"

    async def _post(self, body: Json) -> Reply:
        reader, writer = await asyncio.open_connection(self._place.hostname, self._place.port)
        payload = json.dumps(body).encode()
        head = f"POST /query HTTP/1.1\r\nHost: {self._place.netloc}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Connection: close\r\nContent-Length: {len(payload)}\r\n\r\n".encode() + payload)
        try:
            raw = await reader.read()
            if b"application/json" not in raw.partition(b"\r\n\r\n")[0]:  # nginx's own page
                return Reply(int(raw.split(b" ", 2)[1]), {}) if raw else _broken()
            return Reply.parse(raw)
        finally:
            writer.close()


def _broken() -> Reply:
    raise ConnectionResetError
