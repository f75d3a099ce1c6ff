"""Limits how many wrong secrets a client may send, counted in this process or, for all replicas, in Redis."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from cachetools import LRUCache
from limits import RateLimitItem

from avatars_as_a_service.access.rate_limits import RateLimiter, per_minute
from avatars_as_a_service.errors import LimitsUnavailable, TooManyFailures, TooManyRequests

_PER_MINUTE: Final = 30
_MAX_KNOWN: Final = 10_000


class GuessLimits:
    """Limits wrong API keys, or wrong admin tokens, to 30 a minute for each client.

    Past the limit a right secret is accepted only from a client that has sent it before; otherwise the answer would
    show a guesser which guess is right. Without Redis, and while Redis cannot be reached, each of a host's ``workers``
    allows an equal part of the 30, and at least one.
    """

    def __init__(self, kind: str, *, own: RateLimiter, shared: RateLimiter | None, workers: int) -> None:
        self._wrong = f"wrong {kind}"
        self._right = f"right {kind}"
        self._own = own
        self._shared = shared
        self._shared_limit = per_minute(_PER_MINUTE)
        self._own_limit = per_minute(max(1, _PER_MINUTE // workers))
        self._known: LRUCache[str, bool] = LRUCache(_MAX_KNOWN)

    async def accept(self, client: str, name: str) -> None:
        """Accept the right secret with this name from this client.

        Raises ``TooManyFailures`` when the client is past the limit and has never sent this secret.
        """
        pair = f"{name} {client}"
        if pair in self._known:
            return
        if not await self._is_shared(pair):
            await self._apply_limit(lambda limiter, limit: limiter.check(limit, self._wrong, client))
            await self._share(pair)
        self._known[pair] = True

    async def count_wrong(self, client: str) -> None:
        """Count a wrong secret. Raises ``TooManyFailures`` past the limit."""
        await self._apply_limit(lambda limiter, limit: limiter.take([limit], self._wrong, client))

    async def _apply_limit(self, use: Callable[[RateLimiter, RateLimitItem], Awaitable[None]]) -> None:
        try:
            if self._shared is not None:
                with suppress(LimitsUnavailable):
                    await use(self._shared, self._shared_limit)
                    return
            await use(self._own, self._own_limit)
        except TooManyRequests as error:
            raise TooManyFailures(retry_after=error.retry_after or 1) from error

    async def _is_shared(self, pair: str) -> bool:
        """Whether another replica has accepted this secret from this client."""
        if self._shared is not None:
            with suppress(LimitsUnavailable):
                return await self._shared.has_mark(self._right, pair)
        return False

    async def _share(self, pair: str) -> None:
        if self._shared is not None:
            with suppress(LimitsUnavailable):
                await self._shared.mark(self._right, pair)
