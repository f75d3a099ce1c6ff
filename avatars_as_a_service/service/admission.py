"""Admission: the one place that decides who may have a drawing paid for, before anything that costs is begun."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem

from avatars_as_a_service.errors import (
    ApiKeyNeeded,
    ApiKeyRevoked,
    ApiKeyWrong,
    LimitsUnavailable,
    NoLeave,
    OriginNotAllowed,
    TooManyRequests,
)
from avatars_as_a_service.service.keyring import Keyring
from avatars_as_a_service.service.rates import Rates, per_minute
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.ledger import Payer

_MOST_TURNED_AWAY: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, as the request says: the address that limits count, the key, the origin of the page that asks.

    ``has_leave``: what was asked for is signed, and the signature is the leave.
    """

    address: str
    key: str | None = None
    origin: str | None = None
    has_leave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Whether drawings are paid for, whether what is kept is for those with a key alone, and how often who may ask."""

    pays: bool
    private: bool
    misses: Sequence[RateLimitItem]
    hits: Sequence[RateLimitItem]


class Admission:
    """``payer`` is asked for each request that memory does not answer; ``visit`` only where a rule needs it."""

    def __init__(self, *, keyring: Keyring, rates: Rates, rules: Rules) -> None:
        self._keyring = keyring
        self._rates = rates
        self._rules = rules
        self._turned_away: dict[str, tuple[float, TooManyRequests]] = {}

    @property
    def has_visitors(self) -> bool:
        """Whether ``visit`` is to be asked at all."""
        return self._rules.private or bool(self._rules.hits)

    @property
    def is_private(self) -> bool:
        """Whether nothing is public."""
        return self._rules.private

    async def payer(self, caller: Caller) -> Payer | None:
        """Whose budget a drawing for this caller takes from, beside everybody's.

        Raises ``TooManyRequests``, ``LimitsUnavailable``, one of the errors of ``NoLeave``, ``DatabaseUnavailable``.
        """
        key = None if caller.key is None else await self._keyring.find(caller.key)
        problem = await self._problem(caller, key)
        await self._count(caller, None if problem else key)
        if problem is not None:
            raise problem
        return None if key is None or not self._rules.pays else Payer(key.name, key.caps)

    def turned_away(self, caller: Caller) -> TooManyRequests | None:
        """What this caller was told who has asked too often and may not ask yet: in a flood, the cheapest no."""
        key = None if caller.key is None else self._keyring.known(caller.key)
        until, refused = self._turned_away.get(_counted_as(caller, key), (0.0, None))
        remaining = until - time.monotonic()
        return refused.again(remaining) if refused is not None and remaining > 0 else None

    async def visit(self, caller: Caller) -> None:
        """Let somebody ask for what may be kept, at no cost.

        Raises ``TooManyRequests``, and one of ``NoLeave`` where nothing is public. Where limits cannot be counted, hits
        go on.
        """
        key = None if caller.key is None else await self._keyring.recall(caller.key)
        problem = self._problem_of_seeing(caller, key)
        if self._rules.hits:
            with suppress(LimitsUnavailable):
                await self._rates.take(self._rules.hits, "hit", _counted_as(caller, None if problem else key))
        if problem is not None and self._rules.private:
            raise problem

    def _problem_of_seeing(self, caller: Caller, key: ApiKey | None) -> NoLeave | None:
        if caller.has_leave:
            return None
        if key is not None:
            return _problem_with(key, caller.origin)
        return ApiKeyNeeded() if caller.key is None else ApiKeyWrong()

    def _turn_away(self, counted_as: str, refused: TooManyRequests) -> None:
        if len(self._turned_away) >= _MOST_TURNED_AWAY:
            self._turned_away.clear()
        self._turned_away[counted_as] = (time.monotonic() + (refused.retry_after or 0), refused)

    async def _problem(self, caller: Caller, key: ApiKey | None) -> NoLeave | None:
        """What keeps this caller from having anything paid for."""
        if not self._rules.pays or caller.has_leave:
            return None
        if key is not None:
            return _problem_with(key, caller.origin)
        if not await self._keyring.holds_any():
            return None
        return ApiKeyNeeded() if caller.key is None else ApiKeyWrong()

    async def _count(self, caller: Caller, key: ApiKey | None) -> None:
        if self._rules.misses:
            counted_as = _counted_as(caller, key)
            try:
                await self._rates.take(self._rules.misses, "miss", counted_as)
            except TooManyRequests as refused:
                self._turn_away(counted_as, refused)
                raise
        if key is not None and key.per_minute is not None:
            await self._rates.take([per_minute(key.per_minute)], "key", key.name)


def _problem_with(key: ApiKey, origin: str | None) -> NoLeave | None:
    if key.revoked_at is not None:
        return ApiKeyRevoked()
    return None if key.is_for(origin) else OriginNotAllowed()


def _counted_as(caller: Caller, key: ApiKey | None) -> str:
    """A key is one caller wherever it comes from, unless it stands in a web page: then each visitor is one."""
    if key is None:
        return caller.address
    return f"{key.name} {caller.address}" if key.origins else f"{key.name} "
