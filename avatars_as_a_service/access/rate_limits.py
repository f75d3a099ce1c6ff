"""Rate limits, counted in this process or, for all replicas together, in Redis."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from avatars_as_a_service.errors import LimitsUnavailable, TooManyRequests

_PAUSE_S: Final = 1.0
"""Redis is not asked for this long after a failure: a frozen Redis must not delay every request."""
_MARK: Final = RateLimitItemPerDay(1)
"""A mark is a limit of one a day that has been used."""

log = structlog.get_logger(__name__)


class Counters(Protocol):
    """The storage of the counts."""

    @property
    def storage(self) -> Storage:
        """The library's storage; it raises ``StorageError`` when it cannot count."""

    async def renew(self) -> None:
        """Drop idle connections: after a failure they are most likely dead."""

    async def close(self) -> None:
        """Close the connections."""


class RateLimiter:
    """Counts in fixed windows that begin with a caller's first request, so that ``Retry-After`` is exact."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._windows = FixedWindowRateLimiter(counters.storage)
        self._paused_until = float("-inf")

    async def take(self, items: Sequence[RateLimitItem], kind: str, caller: str) -> None:
        """Count a request of this kind by this caller.

        Raises ``TooManyRequests`` past any of the limits, and ``LimitsUnavailable`` when it cannot be counted.
        """
        async with self._reachable():
            for item in items:
                if not await self._windows.hit(item, kind, caller):
                    raise await self._rejection(item, kind, caller)

    async def check(self, item: RateLimitItem, kind: str, caller: str) -> None:
        """Raise the error that ``take`` would raise, and count nothing."""
        async with self._reachable():
            if not await self._windows.test(item, kind, caller):
                raise await self._rejection(item, kind, caller)

    async def mark(self, kind: str, caller: str) -> None:
        """Set a mark that ``has_mark`` finds for a day. Raises ``LimitsUnavailable``."""
        async with self._reachable():
            await self._windows.hit(_MARK, kind, caller)

    async def has_mark(self, kind: str, caller: str) -> bool:
        """Whether this mark is set. Raises ``LimitsUnavailable``."""
        async with self._reachable():
            return not await self._windows.test(_MARK, kind, caller)

    async def _rejection(self, item: RateLimitItem, kind: str, caller: str) -> TooManyRequests:
        reset_at, _ = await self._windows.get_window_stats(item, kind, caller)
        seconds = max(reset_at - time.time(), 1.0)
        return TooManyRequests(kind, item.amount, item.get_expiry(), retry_after=seconds)

    @asynccontextmanager
    async def _reachable(self) -> AsyncIterator[None]:
        """Turn the storage's failures into ``LimitsUnavailable``; for a second after each, do not ask it at all."""
        if time.monotonic() < self._paused_until:
            raise LimitsUnavailable
        try:
            yield
        except (
            StorageError,
            RuntimeError,
        ) as failure:  # uvloop's RuntimeError: Redis has just closed the connection
            self._paused_until = time.monotonic() + _PAUSE_S
            cause = getattr(failure, "storage_error", failure)
            log.warning("Redis cannot count rate limits", reason=type(cause).__name__)
            await self._counters.renew()
            raise LimitsUnavailable from failure

    async def close(self) -> None:
        """Close the connections."""
        await self._counters.close()


def per_minute(amount: int) -> RateLimitItem:
    """A limit of this many in a minute."""
    return RateLimitItemPerMinute(amount)


class _Memory(MemoryStorage):
    """Removes expired counters every few seconds; the library's own storage does so at each request."""

    _SWEEP_S: Final = 10.0

    def __init__(self) -> None:
        super().__init__()
        self._swept_at = time.time()

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count without a lock: nothing is awaited in between."""
        now = time.time()
        if now - self._swept_at > self._SWEEP_S:
            self._sweep(now)
        if self.expirations.get(key, 0) <= now:
            self.storage[key], self.expirations[key] = 0, now + expiry
        self.storage[key] += amount
        return self.storage[key]

    def _sweep(self, now: float) -> None:
        self._swept_at = now
        for key in [key for key, ends_at in self.expirations.items() if ends_at <= now]:
            del self.storage[key], self.expirations[key]


class MemoryCounters:
    """Counts in this process alone."""

    def __init__(self) -> None:
        self.storage: Storage = _Memory()

    async def renew(self) -> None:
        """Do nothing: there are no connections."""

    async def close(self) -> None:
        """Do nothing: there are no connections."""
