"""A bounded queue in front of bounded work: so many run at once, so many wait, and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from avatars_as_a_service.errors import Busy, Draining, ProviderTimeout

MIN_RUN_S: Final = 0.25
"""No slot is given later than this before a deadline: a call would be paid for and bring nothing in time."""
_NEWEST_WEIGHT: Final = 0.2


class BoundedQueue:
    """Gives out slots to run in. It measures how long a slot is held, and so estimates how long a wait takes.

    ``first_guess_s`` is the estimate until a slot has been given back.
    """

    def __init__(self, *, max_running: int, max_waiting: int, first_guess_s: float) -> None:
        self._max_running = max_running
        self._max_waiting = max_waiting
        self._free_slots = asyncio.Semaphore(max_running)
        self._waiting = self._running = 0
        self._average_s = first_guess_s
        self._closed = False

    @property
    def expected_s(self) -> float:
        """The estimate, in seconds, of waiting and running for a task that comes now."""
        return self._average_s * (1 + self._waiting / self._max_running)

    @property
    def waiting(self) -> int:
        """How many tasks wait for a slot."""
        return self._waiting

    @property
    def running(self) -> int:
        """How many slots are held."""
        return self._running

    def close(self) -> None:
        """Give out no more slots. Tasks that wait or come are refused; tasks that hold a slot go on."""
        self._closed = True
        self._free_slots.release()  # wakes the first task that waits, to be refused

    def raise_if_closed(self) -> None:
        """Raise ``Draining`` if the queue is closed."""
        if self._closed:
            raise Draining

    @asynccontextmanager
    async def slot(self, deadline: float) -> AsyncIterator[None]:
        """Hold a slot.

        Raises ``Busy`` if too many tasks wait, ``ProviderTimeout`` if the deadline (the event loop's time) comes too
        near, and ``Draining`` if the queue is closed.
        """
        await self._acquire(deadline)
        self._running += 1
        clock = asyncio.get_running_loop().time
        started_at = clock()
        try:
            yield
        finally:
            self._free_slots.release()
            self._running -= 1
            self._average_s += _NEWEST_WEIGHT * (clock() - started_at - self._average_s)

    async def _acquire(self, deadline: float) -> None:
        self.raise_if_closed()
        if self._free_slots.locked() and self._waiting >= self._max_waiting:
            raise Busy(retry_after=max(1.0, self._average_s * (self._waiting + 1) / self._max_running))
        latest = deadline - MIN_RUN_S
        if asyncio.get_running_loop().time() >= latest:
            raise ProviderTimeout
        self._waiting += 1
        try:
            async with asyncio.timeout_at(latest):
                await self._free_slots.acquire()
        except TimeoutError:
            raise ProviderTimeout from None
        finally:
            self._waiting -= 1
        if self._closed:
            self._free_slots.release()  # wakes the next task that waits, to be refused as well
            raise Draining
