"""Single flight: one task for each key in this process, however many requests wait for it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from avatars_as_a_service.errors import Draining

T = TypeVar("T")


class WaitExpired(Exception):
    """A caller's wait ended before the task, which goes on. ``elapsed_s`` is how long the task has run."""

    def __init__(self, elapsed_s: float) -> None:
        super().__init__(f"it has been running for {elapsed_s:.1f} s")
        self.elapsed_s = elapsed_s


@dataclass(frozen=True, slots=True)
class FlightResult(Generic[T]):
    """The result of a task. ``is_leader``: this call started the task; all others joined it."""

    result: T
    is_leader: bool


class SingleFlight(Generic[T]):
    """Runs tasks by key. A caller that leaves, even the leader, cancels no task."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[T]] = {}
        self._started_at: dict[str, float] = {}
        self._draining = False

    async def run(self, key: str, start: Callable[[], Awaitable[T]], *, wait_s: float) -> FlightResult[T]:
        """Start the task of that key, or join the one that runs, and wait for its result.

        Raises what the task raises, ``WaitExpired`` if it takes longer than ``wait_s`` seconds, and ``Draining`` if a
        task would have to be started after ``close``.
        """
        task = self._tasks.get(key)
        is_leader = task is None
        if task is None:
            task = self._start(key, start)
        try:
            async with asyncio.timeout(wait_s):
                return FlightResult(await asyncio.shield(task), is_leader)
        except TimeoutError:
            raise WaitExpired(_now() - self._started_at.get(key, _now())) from None

    def start(self, key: str, start: Callable[[], Awaitable[T]]) -> None:
        """Start the task of that key, unless it runs, and do not wait for it. Raises ``Draining`` after ``close``."""
        if key not in self._tasks:
            self._start(key, start)

    def __contains__(self, key: str) -> bool:
        """Whether the task of that key runs."""
        return key in self._tasks

    def __iter__(self) -> Iterator[str]:
        """Yield the keys of the tasks that run."""
        return iter(self._tasks)

    def __len__(self) -> int:
        """How many tasks run."""
        return len(self._tasks)

    def close(self) -> None:
        """Start no more tasks."""
        self._draining = True

    async def drain(self) -> None:
        """Start no more tasks, and wait until all have ended."""
        self.close()
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    @property
    def draining(self) -> bool:
        """Whether it starts no more tasks."""
        return self._draining

    def _start(self, key: str, start: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        if self._draining:
            raise Draining
        task = asyncio.create_task(_run(start))
        self._tasks[key], self._started_at[key] = task, _now()
        task.add_done_callback(lambda done: self._finish(key, done))
        return task

    def _finish(self, key: str, task: asyncio.Task[T]) -> None:
        del self._tasks[key], self._started_at[key]
        if not task.cancelled():
            task.exception()  # retrieved, or asyncio warns of it when every caller has left


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _run(start: Callable[[], Awaitable[T]]) -> T:
    return await start()
