"""Admission: decides which caller may have a drawing paid for and see kept faces, before anything costs money."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from limits import RateLimitItem

from avatars_as_a_service.access.api_key_cache import ApiKeyCache
from avatars_as_a_service.access.guess_limits import GuessLimits
from avatars_as_a_service.access.known_hosts import KnownHosts
from avatars_as_a_service.access.rate_limits import RateLimiter, per_minute
from avatars_as_a_service.access.recent_rejections import RecentRejections
from avatars_as_a_service.errors import (
    ApiKeyNeeded,
    ApiKeyRevoked,
    ApiKeyWrong,
    AvatarsError,
    LimitsUnavailable,
    NotAuthorized,
    OriginNotAllowed,
    TooManyFailures,
    TooManyRequests,
)
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.ledger import Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The caller of a request: the IP address that limits count, the API key, the origin of the page that sent it.

    ``is_signed``: the URL has a valid signature, or another permission of its own. ``local_hosts``: for a connection
    from this machine, the host that it was made to and the one that a trusted proxy reports; otherwise empty.
    """

    address: str
    key: str | None = None
    origin: str | None = None
    is_signed: bool = False
    local_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionPolicy:
    """Whether drawings cost money, whether kept faces need an API key, and the rate limits of misses and of hits.

    ``known_hosts``: where requests from this machine are paid for while there is no API key.
    """

    pays: bool
    private: bool
    misses: Sequence[RateLimitItem]
    hits: Sequence[RateLimitItem]
    known_hosts: KnownHosts


class Admission:
    """Answers for each request that memory does not answer; for hits only where a setting restricts them."""

    def __init__(
        self, *, api_keys: ApiKeyCache, rate_limiter: RateLimiter, guess_limits: GuessLimits, policy: AdmissionPolicy
    ) -> None:
        self._api_keys = api_keys
        self._rate_limiter = rate_limiter
        self._guess_limits = guess_limits
        self._policy = policy
        self._rejections = RecentRejections()

    @property
    def limits_views(self) -> bool:
        """Whether hits need ``authorize_view``."""
        return self._policy.private or bool(self._policy.hits)

    @property
    def limits_misses(self) -> bool:
        """Whether ``recent_rejection`` can ever find one."""
        return bool(self._policy.misses)

    @property
    def is_private(self) -> bool:
        """Whether kept faces need an API key or a signature."""
        return self._policy.private

    async def authorize_draw(self, caller: Caller) -> Payer | None:
        """Count a miss, and return the API key whose budget a drawing uses beside the service's own.

        Raises ``TooManyRequests``, ``TooManyFailures``, ``LimitsUnavailable``, ``UnknownHost``, one of the errors of
        ``NotAuthorized``, ``DatabaseUnavailable``.
        """
        key = await self._accept(caller, await self._api_keys.find(caller.key))
        problem = await self._draw_problem(caller, key)
        await self._count_miss(caller, None if problem else key)
        if problem is not None:
            raise problem
        return None if key is None or not self._policy.pays else Payer(key.name, key.caps)

    async def recent_rejection(self, caller: Caller) -> TooManyRequests | None:
        """The error for a caller that exceeded the rate limit of misses and has not waited; nothing is counted."""
        if not self._rejections:
            return None
        key = await self._accept(caller, await self._api_keys.find(caller.key, stale=True))
        rejection = self._rejections.find(_limited_as(caller, key))
        if rejection is not None and key is None and caller.key is not None:
            await self._count_guess(caller)  # the right key would not be rejected, so this answer says that it is wrong
        return rejection

    async def authorize_view(self, caller: Caller) -> None:
        """Let the caller see kept faces. Where limits cannot be counted, hits are served.

        Raises ``TooManyRequests``; in private mode also ``TooManyFailures`` and the errors of ``NotAuthorized``.
        """
        key = await self._accept(caller, await self._api_keys.find(caller.key, stale=True))
        problem = await self._view_problem(caller, key)
        if self._policy.hits:
            await self._count_hit(caller, None if key is None or _key_problem(key, caller.origin) else key)
        if problem is not None:
            raise problem

    async def _draw_problem(self, caller: Caller, key: ApiKey | None) -> AvatarsError | None:
        if not self._policy.pays or caller.is_signed:
            return None
        if key is not None:
            return _key_problem(key, caller.origin)
        if await self._api_keys.has_active():
            return await self._reject_key(caller)
        return self._policy.known_hosts.problem(caller.local_hosts, caller.origin)

    async def _view_problem(self, caller: Caller, key: ApiKey | None) -> AvatarsError | None:
        if not self._policy.private or caller.is_signed:
            return None
        return await self._reject_key(caller) if key is None else _key_problem(key, caller.origin)

    async def _accept(self, caller: Caller, key: ApiKey | None) -> ApiKey | None:
        """The key, or ``None`` where the client has sent too many wrong keys and never this one."""
        if key is not None:
            try:
                await self._guess_limits.accept(caller.address, key.name)
            except TooManyFailures:
                return None
        return key

    async def _reject_key(self, caller: Caller) -> AvatarsError:
        """The error for a caller without a right key; a wrong one counts as a guess."""
        if caller.key is None:
            return ApiKeyNeeded()
        return await self._count_guess(caller) or ApiKeyWrong()

    async def _count_guess(self, caller: Caller) -> TooManyFailures | None:
        try:
            await self._guess_limits.count_wrong(caller.address)
        except TooManyFailures as error:
            return error
        return None

    async def _count_miss(self, caller: Caller, key: ApiKey | None) -> None:
        if self._policy.misses:
            limited_as = _limited_as(caller, key)
            try:
                await self._rate_limiter.take(self._policy.misses, "miss", limited_as)
            except TooManyRequests as error:
                self._rejections.record(limited_as, error)
                raise
        if key is not None and key.per_minute is not None:
            await self._rate_limiter.take([per_minute(key.per_minute)], "key", key.name)

    async def _count_hit(self, caller: Caller, key: ApiKey | None) -> None:
        try:
            with suppress(LimitsUnavailable):
                await self._rate_limiter.take(self._policy.hits, "hit", _limited_as(caller, key))
        except TooManyRequests:
            if key is None and caller.key is not None and not self._policy.private:
                await self._count_guess(caller)  # the right key would be counted apart, so this answer says so too
            raise


def _key_problem(key: ApiKey, origin: str | None) -> NotAuthorized | None:
    if key.revoked_at is not None:
        return ApiKeyRevoked()
    return None if key.is_for(origin) else OriginNotAllowed()


def _limited_as(caller: Caller, key: ApiKey | None) -> str:
    """The name that rate limits count: the key for all its clients, but each visitor of a page that carries it."""
    if key is None:
        return caller.address
    return f"{key.name} {caller.address}" if key.origins else f"{key.name} "
