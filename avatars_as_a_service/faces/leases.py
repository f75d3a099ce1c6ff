"""Leases: for ``FaceService``, the claim to draw a face, held by one process at a time over all replicas."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.errors import DatabaseUnavailable, ProviderTimeout
from avatars_as_a_service.faces.reservations import GRACE_HEARTBEATS, Reservations
from avatars_as_a_service.storage import claims, ledger
from avatars_as_a_service.storage.claims import Claim, ObservedClaim
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.database import Database

T = TypeVar("T")
Find = Callable[[Connection, datetime | None], T | None]
"""Looks for the picture. Its second argument is since when, by the database's clock, the caller waits, if it does."""

_FIRST_POLL_S: Final = 0.05
_SLOWEST_POLL_S: Final = 1.0
_BATCH_S: Final = 0.05
"""How long a poll collects subjects before it reads their claims."""
_POLL_PAUSE: Final = 2
"""The pause after a poll, at least this many times as long as the poll took."""
_RENEWAL_RETRY_S: Final = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A picture that is there. ``waited``: another task drew it while this caller waited."""

    result: T
    waited: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The picture is not there. ``since`` is when the caller's wait began, by the database's clock.

    ``seen`` is the claim on the subject as it stood then; ``None``: the subject was not claimed.
    """

    since: datetime | None = None
    seen: ObservedClaim | None = None


class Leases:
    """Takes, renews and releases this process's claims. The same heartbeat renews its unsent calls."""

    def __init__(
        self, database: Database, reservations: Reservations, *, owner: str, lease: timedelta, heartbeat: timedelta
    ) -> None:
        self._database = database
        self._reservations = reservations
        self._owner = owner
        self._lease = lease
        self._heartbeat = heartbeat
        self._poller = _ClaimPoller(database)
        self._held: set[Claim] = set()

    async def find_or_claim(
        self, subject: str, find: Find[T], *, deadline: float, is_spooled: Callable[[], bool] = lambda: False
    ) -> Found[T] | Claim:
        """Return what ``find`` finds, now or once the claim's holder has drawn it; else take the claim.

        A holder keeps its claim while the picture waits in a spool. ``is_spooled`` tells whether ``find`` finds the
        picture there.

        Raises what ``find`` raises, ``DatabaseUnavailable`` if the database is away at the first look, and
        ``ProviderTimeout`` when the deadline (the event loop's time) passes. A later outage is waited out.
        """
        expiry = _ExpiryDetector(GRACE_HEARTBEATS * self._heartbeat)
        pauses = _poll_pauses(min(_SLOWEST_POLL_S, self._heartbeat.total_seconds() / 8))
        outcome = await self._find_or_take(subject, find, _Waiting(), expiry)
        while True:
            match outcome:
                case Found():
                    return outcome
                case Claim():
                    self._held.add(outcome)
                    return outcome
                case _Waiting():
                    await _sleep(next(pauses), deadline)
                    outcome = await self._wait_on(subject, find, outcome, expiry, is_spooled)

    async def wait_for_release(self, subject: str, *, deadline: float, is_stopping: Callable[[], bool]) -> None:
        """Wait until nobody holds the claim on that subject.

        The wait ends at the deadline (the event loop's time) at the latest, and soon after the process begins to stop.
        An outage of the database is waited out.
        """
        clock, pauses = asyncio.get_running_loop().time, _poll_pauses(_SLOWEST_POLL_S)
        while (left_s := deadline - clock()) > 0 and not is_stopping():
            await asyncio.sleep(min(next(pauses), left_s))
            with suppress(DatabaseUnavailable):
                held = await self._poller.poll(subject)
                if held is None or held.expired:
                    return

    async def release(self, claim: Claim, also: Callable[[Connection], None] | None = None) -> None:
        """Give the claim up, and run ``also`` in the same transaction.

        If the database is away, the lease runs out by itself.
        """
        self.stop_renewing(claim)
        try:
            await self._database.write(partial(_release, claim=claim, also=also), urgent=True)
        except DatabaseUnavailable as error:
            log.warning("a claim is left to run out", subject=claim.subject, reason=error.reason)

    def stop_renewing(self, claim: Claim) -> None:
        """Stop renewing a claim that is released or lost, or that is left to run out."""
        self._held.discard(claim)

    async def run_heartbeat(self) -> None:
        """Renew all claims and unsent calls at each heartbeat, and retry sooner after a failure; never returns."""
        while True:
            is_renewed = await self._renew()
            await asyncio.sleep(self._heartbeat.total_seconds() if is_renewed else _RENEWAL_RETRY_S)

    async def _renew(self) -> bool:
        held, unsent = tuple(self._held), tuple(self._reservations.unsent)
        if not held and not unsent:
            return True
        renewal = partial(_renew_all, held=held, unsent=unsent, lease=self._lease)
        try:
            lost = await self._database.write(renewal, urgent=True)
        except DatabaseUnavailable:
            return False
        for claim in lost & self._held:
            log.warning("another process has taken a claim over", subject=claim.subject)
            self._held.discard(claim)
        return True

    async def _wait_on(
        self,
        subject: str,
        find: Find[T],
        waiting: _Waiting,
        expiry: "_ExpiryDetector",
        is_spooled: Callable[[], bool],
    ) -> Found[T] | Claim | _Waiting:
        """Look at the claim, by a query for all callers together, and act only when it has changed."""
        try:
            if not is_spooled():
                held = await self._poller.poll(subject)
                if held is not None and not expiry.has_expired(held):
                    return waiting
            return await self._find_or_take(subject, find, waiting, expiry)
        except DatabaseUnavailable:
            expiry.reset()  # the holder may have been cut off as well, and gets its time to renew
            return waiting

    async def _find_or_take(
        self, subject: str, find: Find[T], waiting: _Waiting, expiry: "_ExpiryDetector"
    ) -> Found[T] | Claim | _Waiting:
        outcome = await self._database.read(partial(_look, subject=subject, find=find, since=waiting.since))
        match outcome:
            case Found():
                return outcome
            case _Waiting(seen=ObservedClaim() as held) if not expiry.has_expired(held):
                return outcome
            case _Waiting():
                claim = Claim(subject, self._owner, secrets.token_hex(16))
                take = partial(_take, claim=claim, waiting=outcome, find=find, lease=self._lease)
                return await self._database.write(take)


class _ExpiryDetector:
    """Detects an abandoned claim: the same expired lease is seen twice, more than ``grace`` apart."""

    def __init__(self, grace: timedelta) -> None:
        self._grace_s = grace.total_seconds()
        self._expired: tuple[str, datetime] | None = None
        self._first_seen = 0.0

    def has_expired(self, sighting: ObservedClaim) -> bool:
        now = asyncio.get_running_loop().time()
        identity = (sighting.fence, sighting.expires_at)
        if not sighting.expired:
            self.reset()
        elif self._expired != identity:
            self._expired, self._first_seen = identity, now
        return self._expired is not None and now - self._first_seen >= self._grace_s

    def reset(self) -> None:
        self._expired = None


class _ClaimPoller:
    """Reads the claims of all subjects that this process waits for, by one query at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, asyncio.Future[ObservedClaim | None]] = {}
        self._polling: asyncio.Task[None] | None = None

    async def poll(self, subject: str) -> ObservedClaim | None:
        """The claim on that subject, read a moment from now. Raises ``DatabaseUnavailable``."""
        loop = asyncio.get_running_loop()
        future = self._waiting.setdefault(subject, loop.create_future())
        if self._polling is None:
            self._polling = loop.create_task(self._poll_all())
        return await asyncio.shield(future)

    async def _poll_all(self) -> None:
        clock, pause = asyncio.get_running_loop().time, _BATCH_S
        while self._waiting:
            await asyncio.sleep(pause)
            started_at = clock()
            waiting, self._waiting = self._waiting, {}
            await self._answer(waiting)
            pause = max(_BATCH_S, _POLL_PAUSE * (clock() - started_at))
        self._polling = None

    async def _answer(self, waiting: dict[str, asyncio.Future[ObservedClaim | None]]) -> None:
        try:
            seen = await self._database.read(partial(claims.get_many, subjects=list(waiting)))
        except Exception as error:  # noqa: BLE001 - every caller that waits for this query gets its error
            for future in waiting.values():
                future.set_exception(error)
        else:
            for subject, future in waiting.items():
                future.set_result(seen.get(subject))


def _look(connection: Connection, *, subject: str, find: Find[T], since: datetime | None) -> Found[T] | _Waiting:
    found = find(connection, since)
    if found is not None:
        return Found(found, waited=since is not None)
    return _Waiting(since or utc_now(connection), claims.get(connection, subject))


def _take(
    connection: Connection, *, claim: Claim, waiting: _Waiting, find: Find[T], lease: timedelta
) -> Found[T] | Claim | _Waiting:
    """Take the claim, unless another process is faster.

    A holder writes its picture and its release in one transaction, so the picture is looked for once more.
    """
    if waiting.seen is None:
        is_taken = claims.acquire(connection, claim, lease)
    else:
        is_taken = claims.take_over(connection, claim, waiting.seen, lease)
    if not is_taken:
        return waiting
    found = find(connection, waiting.since)
    if found is None:
        return claim
    claims.release(connection, claim)
    return Found(found, waited=True)


def _renew_all(connection: Connection, *, held: Sequence[Claim], unsent: Sequence[str], lease: timedelta) -> set[Claim]:
    """Renew claims and unsent calls. Returns the claims that were lost."""
    lost = claims.renew_all(connection, held, lease) if held else set()
    if unsent:
        ledger.renew(connection, unsent, lease)
    return lost


def _release(connection: Connection, *, claim: Claim, also: Callable[[Connection], None] | None) -> None:
    if also is not None:
        also(connection)
    claims.release(connection, claim)


def _poll_pauses(slowest_s: float) -> Iterator[float]:
    """Short pauses at first, for quick drawings; then as long as a takeover in time allows."""
    pause = _FIRST_POLL_S
    while True:
        yield pause
        pause = min(pause * 1.5, slowest_s)


async def _sleep(seconds: float, deadline: float) -> None:
    remaining = deadline - asyncio.get_running_loop().time()
    if remaining <= 0:
        raise ProviderTimeout
    await asyncio.sleep(min(seconds, remaining))
