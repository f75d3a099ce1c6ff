"""The ``refusals`` table: failed drawings and their cooldowns."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import refusals


@dataclass(frozen=True, slots=True)
class Refusal:
    """The last failed drawing of a subject. ``cooldown`` is the time until the next allowed try; zero allows it now."""

    code: str
    reason: str
    refused_at: datetime
    cooldown: timedelta


def get(connection: Connection, subject: str) -> Refusal | None:
    """Return the last failure of this subject, or ``None``."""
    row = connection.execute(select(refusals).where(refusals.c.subject == subject)).one_or_none()
    if row is None:
        return None
    return Refusal(row.code, row.reason, row.refused_at, max(row.ends_at - utc_now(connection), timedelta()))


def put(connection: Connection, subject: str, *, code: str, reason: str, cooldown: timedelta) -> None:
    """Record a failure; it replaces an older one. The reason is stored in ASCII: not every database has all letters."""
    now = utc_now(connection)
    ascii_reason = reason.encode("ascii", "backslashreplace").decode()[:200]
    connection.execute(delete(refusals).where(refusals.c.subject == subject))
    connection.execute(
        insert(refusals),
        {"subject": subject, "code": code, "reason": ascii_reason, "refused_at": now, "ends_at": now + cooldown},
    )


def delete_ended(connection: Connection, age: timedelta) -> None:
    """Delete failures whose cooldown ended longer ago than this age."""
    connection.execute(delete(refusals).where(refusals.c.ends_at < utc_now(connection) - age))
