"""The ``claims`` table: which process draws which face. All times are of the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import claims

_BATCH: Final = 500
"""Values in one statement; Oracle takes at most 1,000."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to draw a subject (the key of a face or of an idempotent request) until its lease ends.

    ``fence`` is random; each takeover sets a new one.
    """

    subject: str
    owner: str
    fence: str


@dataclass(frozen=True, slots=True)
class ObservedClaim:
    """A claim as it was read, and whether its lease had ended by then."""

    fence: str
    expires_at: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class LeasedClaim:
    """A claim, and the end of its lease."""

    claim: Claim
    expires_at: datetime


def get(connection: Connection, subject: str) -> ObservedClaim | None:
    """Return the claim on this subject, or ``None``."""
    now = utc_now(connection)
    row = connection.execute(select(claims).where(claims.c.subject == subject)).one_or_none()
    return None if row is None else ObservedClaim(row.fence, row.expires_at, row.expires_at < now)


def get_many(connection: Connection, subjects: Sequence[str]) -> dict[str, ObservedClaim]:
    """Return the claims on these subjects, by subject; unclaimed ones are missing."""
    now = utc_now(connection)
    observed: dict[str, ObservedClaim] = {}
    for start in range(0, len(subjects), _BATCH):
        in_batch = claims.c.subject.in_(subjects[start : start + _BATCH])
        for row in connection.execute(select(claims).where(in_batch)):
            observed[row.subject] = ObservedClaim(row.fence, row.expires_at, row.expires_at < now)
    return observed


def acquire(connection: Connection, claim: Claim, lease: timedelta) -> bool:
    """Claim an unclaimed subject. Return whether that succeeded, now or in an earlier try with the same claim."""
    values = {"subject": claim.subject, "owner": claim.owner, "fence": claim.fence}
    try:
        with connection.begin_nested():
            connection.execute(insert(claims), values | {"expires_at": utc_now(connection) + lease})
    except IntegrityError:
        return is_held(connection, claim)
    return True


def take_over(connection: Connection, claim: Claim, observed: ObservedClaim, lease: timedelta) -> bool:
    """Take over the observed claim if its lease has ended and its fence is unchanged. Return whether that succeeded."""
    now = utc_now(connection)
    unchanged = (claims.c.subject == claim.subject) & (claims.c.fence == observed.fence) & (claims.c.expires_at < now)
    change = update(claims).where(unchanged).values(owner=claim.owner, fence=claim.fence, expires_at=now + lease)
    return connection.execute(change).rowcount == 1


def is_held(connection: Connection, claim: Claim) -> bool:
    """Whether no other process has taken the claim over."""
    return connection.execute(select(claims.c.subject).where(_is(claim))).one_or_none() is not None


def renew_all(connection: Connection, held: Sequence[Claim], lease: timedelta) -> set[Claim]:
    """Renew the leases of these claims. Return the claims that other processes have taken over."""
    fences = [claim.fence for claim in held]
    now = utc_now(connection)
    connection.execute(update(claims).where(claims.c.fence.in_(fences)).values(expires_at=now + lease))
    kept = set(connection.scalars(select(claims.c.fence).where(claims.c.fence.in_(fences))))
    return {claim for claim in held if claim.fence not in kept}


def release(connection: Connection, claim: Claim) -> None:
    """Delete the claim, unless another process has taken it over."""
    connection.execute(delete(claims).where(_is(claim)))


def unexpired(connection: Connection) -> list[LeasedClaim]:
    """Return all claims whose leases last."""
    rows = connection.execute(select(claims).where(claims.c.expires_at >= utc_now(connection)))
    return [LeasedClaim(Claim(row.subject, row.owner, row.fence), row.expires_at) for row in rows]


def restore(connection: Connection, leased: LeasedClaim) -> None:
    """Write a claim that another database has, unless the subject has one here whose lease lasts."""
    claim = leased.claim
    lasts = (claims.c.subject == claim.subject) & (claims.c.expires_at >= utc_now(connection))
    if connection.execute(select(claims.c.subject).where(lasts)).one_or_none():
        return
    connection.execute(delete(claims).where(claims.c.subject == claim.subject))
    values = {"subject": claim.subject, "owner": claim.owner, "fence": claim.fence, "expires_at": leased.expires_at}
    connection.execute(insert(claims), values)


def _is(claim: Claim) -> ColumnElement[bool]:
    return and_(claims.c.subject == claim.subject, claims.c.fence == claim.fence)
