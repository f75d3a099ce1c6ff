"""Rates: how often a caller may ask, counted in this process or, for all replicas together, in Redis."""

import time
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from avatars_as_a_service.errors import LimitsUnavailable, TooManyRequests

_AWAY_S: Final = 1.0
"""After a failure Redis is not asked for so long: a frozen one must not hold up everybody."""

log = structlog.get_logger(__name__)


class Counters(Protocol):
    """Where requests are counted."""

    @property
    def storage(self) -> Storage:
        """What the library counts with; it raises ``StorageError`` where it cannot."""

    async def renew(self) -> None:
        """Drop the connections that nobody uses: after a failure they are most likely dead."""

    async def close(self) -> None:
        """Give back connections."""


class Rates:
    """Fixed windows that begin with a caller's first request, so that it is told exactly when it may ask again."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._windows = FixedWindowRateLimiter(counters.storage)
        self._away_until = float("-inf")

    async def take(self, items: Sequence[RateLimitItem], kind: str, caller: str) -> None:
        """Count a request of that kind by that caller.

        Raises ``TooManyRequests`` past any of the limits, and ``LimitsUnavailable`` where nobody can tell.
        """
        if time.monotonic() < self._away_until:
            raise LimitsUnavailable
        try:
            for item in items:
                if not await self._windows.hit(item, kind, caller):
                    reset_at, _ = await self._windows.get_window_stats(item, kind, caller)
                    seconds = max(reset_at - time.time(), 1.0)
                    raise TooManyRequests(kind, item.amount, item.get_expiry(), retry_after=seconds)
        except (StorageError, RuntimeError) as away:  # uvloop's own for a connection that Redis has just closed
            self._away_until = time.monotonic() + _AWAY_S
            log.warning("Redis cannot be asked for limits", reason=type(getattr(away, "storage_error", away)).__name__)
            await self._counters.renew()
            raise LimitsUnavailable from away

    async def close(self) -> None:
        """Give back connections."""
        await self._counters.close()


def per_minute(amount: int) -> RateLimitItem:
    """So many in a minute."""
    return RateLimitItemPerMinute(amount)


class _Memory(MemoryStorage):
    """The library's own walks over all counters at each request; this one only when a stretch of time has passed."""

    _SWEEP_S: Final = 10.0

    def __init__(self) -> None:
        super().__init__()
        self._swept_at = time.time()

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; nothing is awaited in between, and so nothing is locked."""
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


class OwnCounters:
    """In this process alone."""

    def __init__(self) -> None:
        self.storage: Storage = _Memory()

    async def renew(self) -> None:
        """Nothing is open."""

    async def close(self) -> None:
        """Nothing is open."""
