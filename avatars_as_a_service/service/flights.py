"""Single flight: one task for each thing that is being drawn in this process, however many ask for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from avatars_as_a_service.errors import Draining

T = TypeVar("T")


class StillFlying(Exception):
    """Whoever waited waits no longer; the flight goes on. It has been in the air for ``flown_s`` seconds."""

    def __init__(self, flown_s: float) -> None:
        super().__init__(f"it has been in the air for {flown_s:.1f} s")
        self.flown_s = flown_s


@dataclass(frozen=True, slots=True)
class Landed(Generic[T]):
    """What a flight brought, and whether this asker was the one who started it."""

    result: T
    led: bool


class Flights(Generic[T]):
    """Tasks of their own: an asker who leaves, the first one too, cancels nothing."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[T]] = {}
        self._began: dict[str, float] = {}
        self._draining = False

    async def join(self, name: str, start: Callable[[], Awaitable[T]], *, patience_s: float) -> Landed[T]:
        """What the flight of that name brings; it is started where there is none.

        Raises what the flight raises, ``StillFlying`` when it takes longer than ``patience_s``, and ``Draining`` where
        a flight would have to be started after ``drain``.
        """
        task = self._tasks.get(name)
        led = task is None
        if task is None:
            task = self._start(name, start)
        try:
            async with asyncio.timeout(patience_s):
                return Landed(await asyncio.shield(task), led)
        except TimeoutError:
            raise StillFlying(_now() - self._began.get(name, _now())) from None

    def begin(self, name: str, start: Callable[[], Awaitable[T]]) -> None:
        """Start the flight of that name where there is none; nobody waits for it. Raises ``Draining`` likewise."""
        if name not in self._tasks:
            self._start(name, start)

    def __contains__(self, name: str) -> bool:
        """Whether it is in the air."""
        return name in self._tasks

    def __len__(self) -> int:
        """How many are in the air."""
        return len(self._tasks)

    async def drain(self) -> None:
        """Start no more flights, and wait until all have landed."""
        self._draining = True
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    @property
    def draining(self) -> bool:
        """Whether no more flights are started."""
        return self._draining

    def _start(self, name: str, start: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        if self._draining:
            raise Draining
        task = asyncio.create_task(_run(start))
        self._tasks[name], self._began[name] = task, _now()
        task.add_done_callback(lambda done: self._land(name, done))
        return task

    def _land(self, name: str, task: asyncio.Task[T]) -> None:
        del self._tasks[name], self._began[name]
        if not task.cancelled():
            task.exception()  # looked at, so that nobody warns of it where every asker has left


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _run(start: Callable[[], Awaitable[T]]) -> T:
    return await start()
