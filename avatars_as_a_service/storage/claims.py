"""The ``claims`` table: who is drawing which face, by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import claims

_AT_ONCE: Final = 500
"""Values in one statement: Oracle takes no more than 1,000."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to draw a subject (a face, or what an idempotency key stands for), until its lease ends.

    ``fence`` is random: whoever takes the claim over has another one.
    """

    subject: str
    owner: str
    fence: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody's claim as it was seen, and whether its lease had ended by then."""

    fence: str
    expires_at: datetime
    expired: bool


def see(connection: Connection, subject: str) -> Sighting | None:
    """The claim on that subject as it stands, or ``None``."""
    now = utc_now(connection)
    row = connection.execute(select(claims).where(claims.c.subject == subject)).one_or_none()
    return None if row is None else Sighting(row.fence, row.expires_at, row.expires_at < now)


def see_all(connection: Connection, subjects: Sequence[str]) -> dict[str, Sighting]:
    """The claims on these subjects as they stand; those that nobody has claimed are missing."""
    now = utc_now(connection)
    seen: dict[str, Sighting] = {}
    for start in range(0, len(subjects), _AT_ONCE):
        some = claims.c.subject.in_(subjects[start : start + _AT_ONCE])
        for row in connection.execute(select(claims).where(some)):
            seen[row.subject] = Sighting(row.fence, row.expires_at, row.expires_at < now)
    return seen


def take(connection: Connection, claim: Claim, lease: timedelta) -> bool:
    """Claim a subject that nobody has claimed. Whether that worked."""
    values = {"subject": claim.subject, "owner": claim.owner, "fence": claim.fence}
    try:
        with connection.begin_nested():
            connection.execute(insert(claims), values | {"expires_at": utc_now(connection) + lease})
    except IntegrityError:
        return False
    return True


def take_over(connection: Connection, claim: Claim, seen: Sighting, lease: timedelta) -> bool:
    """Take the claim that was seen, if it stands as it did and its lease has ended. Whether that worked."""
    now = utc_now(connection)
    mine = (claims.c.subject == claim.subject) & (claims.c.fence == seen.fence) & (claims.c.expires_at < now)
    change = update(claims).where(mine).values(owner=claim.owner, fence=claim.fence, expires_at=now + lease)
    return connection.execute(change).rowcount == 1


def is_held(connection: Connection, claim: Claim) -> bool:
    """Whether nobody has taken it over."""
    return connection.execute(select(claims.c.subject).where(_is(claim))).one_or_none() is not None


def renew_all(connection: Connection, held: Sequence[Claim], lease: timedelta) -> set[Claim]:
    """Begin the lease of each of them anew. Returns those that were lost."""
    fences = [claim.fence for claim in held]
    now = utc_now(connection)
    connection.execute(update(claims).where(claims.c.fence.in_(fences)).values(expires_at=now + lease))
    kept = set(connection.scalars(select(claims.c.fence).where(claims.c.fence.in_(fences))))
    return {claim for claim in held if claim.fence not in kept}


def release(connection: Connection, claim: Claim) -> None:
    """Give the claim up; where it was lost, nothing happens."""
    connection.execute(delete(claims).where(_is(claim)))


def _is(claim: Claim) -> ColumnElement[bool]:
    return and_(claims.c.subject == claim.subject, claims.c.fence == claim.fence)
