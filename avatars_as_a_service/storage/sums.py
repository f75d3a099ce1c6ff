"""The ``hourly_sums`` table: what was answered, by hour."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import hourly_sums


@dataclass(frozen=True, slots=True)
class Sums:
    """Answers of each kind, and what the hits would have cost, in micro-dollars."""

    hits: int = 0
    misses: int = 0
    stand_ins: int = 0
    saved_micro_usd: int = 0

    def __sub__(self, other: "Sums") -> "Sums":
        """What has been added since the other."""
        return Sums(*(getattr(self, field.name) - getattr(other, field.name) for field in fields(Sums)))


def add(connection: Connection, sums: Sums) -> None:
    """Add to the sums of the present hour."""
    hour = utc_now(connection).replace(minute=0, second=0, microsecond=0)
    counts = {field.name: getattr(sums, field.name) for field in fields(Sums)}
    change = (
        update(hourly_sums)
        .where(hourly_sums.c.hour == hour)
        .values({name: hourly_sums.c[name] + count for name, count in counts.items()})
    )
    if connection.execute(change).rowcount == 1:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(hourly_sums), {"hour": hour, **counts})
    except IntegrityError:
        connection.execute(change)


def total(connection: Connection, since: datetime | None = None) -> Sums:
    """The sums since the beginning, or since the hour that begins then."""
    query = select(*(func.coalesce(func.sum(hourly_sums.c[field.name]), 0) for field in fields(Sums)))
    if since is not None:
        query = query.where(hourly_sums.c.hour >= since)
    return Sums(*(int(value) for value in connection.execute(query).one()))


def by_hour(connection: Connection, since: datetime) -> dict[datetime, Sums]:
    """The sums of each hour from that one on; an hour in which nothing was answered is left out."""
    rows = connection.execute(select(hourly_sums).where(hourly_sums.c.hour >= since))
    return {row.hour: Sums(*(getattr(row, field.name) for field in fields(Sums))) for row in rows}
