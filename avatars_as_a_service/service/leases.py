"""Leases: the right to draw, held by one process at a time, across processes and replicas."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.errors import DatabaseUnavailable, ProviderTimeout
from avatars_as_a_service.service.sightings import Sightings
from avatars_as_a_service.storage import claims
from avatars_as_a_service.storage.claims import Claim, Sighting
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.database import Database

T = TypeVar("T")
Find = Callable[[Connection, datetime | None], T | None]
"""Looks for what is wanted. It is told since when, by the database's clock, its asker waits, if it does."""

_FIRST_POLL_S: Final = 0.05
_SLOWEST_POLL_S: Final = 1.0
_RENEWAL_RETRY_S: Final = 0.5
_PATIENCE: Final = 1.5
"""Heartbeats between the two sightings: after an outage an owner whose last renewal still hangs renews before."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was looked for, and whether somebody else drew it while this asker waited."""

    thing: T
    waited: bool


class Leases:
    """Takes, renews and gives back this process's claims."""

    def __init__(self, database: Database, *, owner: str, lease: timedelta, heartbeat: timedelta) -> None:
        self._database = database
        self._owner = owner
        self._lease = lease
        self._heartbeat = heartbeat
        self._sightings = Sightings(database)
        self._held: set[Claim] = set()

    async def find_or_claim(self, subject: str, find: Find[T], *, deadline: float) -> Found[T] | Claim:
        """What ``find`` finds, at once or once whoever claimed the subject has drawn it; else the claim, now ours.

        Raises what ``find`` raises, ``DatabaseUnavailable`` where the database is away at the first look, and
        ``ProviderTimeout`` when the deadline (the event loop's time) passes. While it waits, an outage is waited out.
        """
        watch = _Watch(_PATIENCE * self._heartbeat)
        step = await self._step(subject, find, _Wait(), watch)
        polls = _polls(min(_SLOWEST_POLL_S, self._heartbeat.total_seconds() / 8))
        while isinstance(step, _Wait):
            await _sleep(next(polls), deadline)
            try:
                if not await self._is_being_drawn(subject, watch):
                    step = await self._step(subject, find, step, watch)
            except DatabaseUnavailable:
                watch.forget()  # its owner may have been cut off as well, and gets its time to say that it lives
        if isinstance(step, Claim):
            self._held.add(step)
        return step

    async def release(self, claim: Claim, also: Callable[[Connection], None] | None = None) -> None:
        """Give the claim up, and write ``also`` in the same transaction.

        Where the database is away, the lease runs out by itself.
        """
        self.forget(claim)
        try:
            await self._database.write(partial(_release, claim=claim, also=also), urgent=True)
        except DatabaseUnavailable as away:
            log.warning("claim left to run out", subject=claim.subject, reason=away.reason)

    def forget(self, claim: Claim) -> None:
        """Renew it no longer: it is released already."""
        self._held.discard(claim)

    async def renew_for_ever(self) -> None:
        """Say every heartbeat that this process is at work on what it has claimed; sooner after a failure."""
        while True:
            renewed = await self._renew()
            await asyncio.sleep(self._heartbeat.total_seconds() if renewed else _RENEWAL_RETRY_S)

    async def _renew(self) -> bool:
        held = tuple(self._held)
        if not held:
            return True
        renewal = partial(claims.renew_all, held=held, lease=self._lease)
        try:
            lost = await self._database.write(renewal, urgent=True)
        except DatabaseUnavailable:
            return False
        for claim in lost & self._held:
            log.warning("claim lost to another process", subject=claim.subject)
            self._held.discard(claim)
        return True

    async def _is_being_drawn(self, subject: str, watch: "_Watch") -> bool:
        """Whether nothing has changed for who waits: asked often, and so for all subjects together."""
        sighting = await self._sightings.see(subject)
        return sighting is not None and not watch.is_abandoned(sighting)

    async def _step(self, subject: str, find: Find[T], wait: "_Wait", watch: "_Watch") -> "Found[T] | Claim | _Wait":
        look = partial(_look, subject=subject, find=find, wait=wait)
        seen = await self._database.read(look)
        if isinstance(seen, Found):
            return seen
        wait, sighting = seen
        if sighting is not None and not watch.is_abandoned(sighting):
            return wait
        claim = Claim(subject, self._owner, secrets.token_hex(16))
        take = partial(_take, claim=claim, sighting=sighting, lease=self._lease, find=find, wait=wait)
        return await self._database.write(take)


@dataclass(frozen=True, slots=True)
class _Wait:
    """Somebody else is drawing; since when this asker waits, by the database's clock."""

    since: datetime | None = None


class _Watch:
    """Tells a claim that its owner has abandoned: seen twice with its lease ended, more than a heartbeat apart."""

    def __init__(self, patience: timedelta) -> None:
        self._patience = patience.total_seconds()
        self._expired: tuple[str, datetime] | None = None
        self._first_seen = 0.0

    def is_abandoned(self, sighting: Sighting) -> bool:
        now = asyncio.get_running_loop().time()
        identity = (sighting.fence, sighting.expires_at)
        if not sighting.expired:
            self.forget()
        elif self._expired != identity:
            self._expired, self._first_seen = identity, now
        return self._expired is not None and now - self._first_seen >= self._patience

    def forget(self) -> None:
        self._expired = None


def _look(
    connection: Connection, *, subject: str, find: Find[T], wait: _Wait
) -> Found[T] | tuple[_Wait, Sighting | None]:
    found = find(connection, wait.since)
    if found is not None:
        return Found(found, waited=wait.since is not None)
    return _Wait(wait.since or utc_now(connection)), claims.see(connection, subject)


def _take(
    connection: Connection, *, claim: Claim, sighting: Sighting | None, lease: timedelta, find: Find[T], wait: _Wait
) -> Found[T] | Claim | _Wait:
    """The claim, unless somebody was faster; what they drew meanwhile is found, since its row came with the release."""
    if sighting is None:
        taken = claims.take(connection, claim, lease)
    else:
        taken = claims.take_over(connection, claim, sighting, lease)
    if not taken:
        return wait
    found = find(connection, wait.since)
    if found is None:
        return claim
    claims.release(connection, claim)
    return Found(found, waited=True)


def _release(connection: Connection, *, claim: Claim, also: Callable[[Connection], None] | None) -> None:
    if also is not None:
        also(connection)
    claims.release(connection, claim)


def _polls(slowest: float) -> Iterator[float]:
    """Often at first, for what is drawn in no time; then as seldom as a takeover in time allows."""
    pause = _FIRST_POLL_S
    while True:
        yield pause
        pause = min(pause * 1.5, slowest)


async def _sleep(seconds: float, deadline: float) -> None:
    remaining = deadline - asyncio.get_running_loop().time()
    if remaining <= 0:
        raise ProviderTimeout
    await asyncio.sleep(min(seconds, remaining))
