"""The ``refusals`` table: how a drawing failed, for those who waited on it, and how long its subject rests."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import refusals


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the last drawing of a subject failed. ``rest`` is how much longer it must not be tried; zero: it may be."""

    code: str
    reason: str
    refused_at: datetime
    rest: timedelta


def get(connection: Connection, subject: str) -> Refusal | None:
    """The last failure of that subject, or ``None``."""
    row = connection.execute(select(refusals).where(refusals.c.subject == subject)).one_or_none()
    if row is None:
        return None
    return Refusal(row.code, row.reason, row.refused_at, max(row.ends_at - utc_now(connection), timedelta()))


def put(connection: Connection, subject: str, *, code: str, reason: str, rest: timedelta) -> None:
    """Note a failure in place of an older one."""
    now = utc_now(connection)
    connection.execute(delete(refusals).where(refusals.c.subject == subject))
    connection.execute(
        insert(refusals),
        {"subject": subject, "code": code, "reason": reason[:200], "refused_at": now, "ends_at": now + rest},
    )


def delete_ended(connection: Connection, age: timedelta) -> None:
    """Forget failures whose rest ended that long ago."""
    connection.execute(delete(refusals).where(refusals.c.ends_at < utc_now(connection) - age))
