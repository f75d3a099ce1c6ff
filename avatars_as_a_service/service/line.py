"""The line in front of the provider: so many calls at once, so many that wait, and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from avatars_as_a_service.errors import Busy, ProviderTimeout

_WEIGHT: Final = 0.2
_LEAST_S: Final = 0.25
"""A turn with less time than this before its deadline is not taken: the call would be paid for nothing."""


class Line:
    """A bounded queue before bounded work. It knows how long a turn takes, and so how long a place in it is worth.

    ``first_guess_s`` is how long a turn is thought to take as long as none has been seen.
    """

    def __init__(self, *, turns: int, places: int, first_guess_s: float) -> None:
        self._turns = turns
        self._places = places
        self._free = asyncio.Semaphore(turns)
        self._waiting = self._taken = 0
        self._typical_s = first_guess_s

    @property
    def expected_s(self) -> float:
        """How long who joins the line now may expect to take, waiting included, in seconds."""
        return self._typical_s * (1 + self._waiting / self._turns)

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return self._waiting

    @property
    def taken(self) -> int:
        """How many hold a turn."""
        return self._taken

    @asynccontextmanager
    async def turn(self, deadline: float) -> AsyncIterator[None]:
        """Hold a turn. Raises ``Busy`` where no place is free, ``ProviderTimeout`` where the deadline passes first."""
        await self._wait(deadline)
        self._taken += 1
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            yield
        finally:
            self._free.release()
            self._taken -= 1
            self._typical_s += _WEIGHT * (clock() - began - self._typical_s)

    async def _wait(self, deadline: float) -> None:
        if self._free.locked() and self._waiting >= self._places:
            raise Busy(retry_after=max(1.0, self._typical_s * (self._waiting + 1) / self._turns))
        latest = deadline - _LEAST_S
        if asyncio.get_running_loop().time() >= latest:
            raise ProviderTimeout
        self._waiting += 1
        try:
            async with asyncio.timeout_at(latest):
                await self._free.acquire()
        except TimeoutError:
            raise ProviderTimeout from None
        finally:
            self._waiting -= 1
