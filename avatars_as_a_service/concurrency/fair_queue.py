"""A fair queue in front of bounded work: clients that wait are served in turn, however much each of them asks for."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from avatars_as_a_service.errors import Busy, ProviderTimeout

_NEWEST_WEIGHT: Final = 0.2


class FairQueue:
    """Gives out slots to run in: so many at once, to one client after the other.

    At most ``max_waiting`` tasks wait. Past that, the last task of the client with the most of them is refused.
    ``first_guess_s`` is the estimate of how long a slot is held, until one has been given back.
    """

    def __init__(self, *, max_running: int, max_waiting: int, first_guess_s: float) -> None:
        self._max_running = max_running
        self._max_waiting = max_waiting
        self._average_s = first_guess_s
        self._running = self._waiting = 0
        self._turns: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        """What waits, by client; the client whose turn it is comes first."""

    @asynccontextmanager
    async def slot(self, client: str, deadline: float) -> AsyncIterator[None]:
        """Hold a slot. Raises ``Busy``, and ``ProviderTimeout`` at the deadline (the event loop's time)."""
        await self._acquire(client, deadline)
        clock = asyncio.get_running_loop().time
        started_at = clock()
        try:
            yield
        finally:
            self._pass_on()
            self._average_s += _NEWEST_WEIGHT * (clock() - started_at - self._average_s)

    async def _acquire(self, client: str, deadline: float) -> None:
        if self._running < self._max_running:
            self._running += 1
            return
        if self._waiting >= self._max_waiting:
            self._make_room(client)
        turn = asyncio.get_running_loop().create_future()
        self._turns.setdefault(client, deque()).append(turn)
        self._waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await turn
        except BaseException as ended:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_on()
            elif turn in (waiting := self._turns.get(client, deque())):
                self._remove(client, waiting.index(turn))
            if isinstance(ended, TimeoutError):
                raise ProviderTimeout from None
            raise

    def _pass_on(self) -> None:
        """Give the slot to the next client that waits, if any does."""
        while self._turns:
            client = next(iter(self._turns))
            turn = self._remove(client, 0)
            if client in self._turns:
                self._turns.move_to_end(client)
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1

    def _make_room(self, client: str) -> None:
        """Refuse the last task of the client with the most of them, or raise ``Busy`` if that is this client."""
        busy = Busy(retry_after=max(1.0, self._average_s * (self._waiting + 1) / self._max_running))
        longest = max(self._turns, key=lambda each: len(self._turns[each]), default=client)
        if len(self._turns.get(longest, ())) <= len(self._turns.get(client, ())) + 1:
            raise busy
        self._remove(longest, -1).set_exception(busy)

    def _remove(self, client: str, index: int) -> "asyncio.Future[None]":
        waiting = self._turns[client]
        turn = waiting[index]
        del waiting[index]
        self._waiting -= 1
        if not waiting:
            del self._turns[client]
        return turn
