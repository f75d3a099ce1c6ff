"""The ``hourly_sums`` table: the number of answers of each kind, by hour."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import hourly_sums


@dataclass(frozen=True, slots=True)
class HourlyCounts:
    """The number of answers of each kind, and the money that the hits saved, in micro-dollars."""

    hits: int = 0
    misses: int = 0
    stand_ins: int = 0
    saved_micro_usd: int = 0

    def __sub__(self, other: "HourlyCounts") -> "HourlyCounts":
        """The growth since the other counts."""
        return HourlyCounts(*(getattr(self, field.name) - getattr(other, field.name) for field in fields(HourlyCounts)))


def add(connection: Connection, counts: HourlyCounts) -> None:
    """Add these counts to the current hour."""
    hour = utc_now(connection).replace(minute=0, second=0, microsecond=0)
    values = {field.name: getattr(counts, field.name) for field in fields(HourlyCounts)}
    change = (
        update(hourly_sums)
        .where(hourly_sums.c.hour == hour)
        .values({name: hourly_sums.c[name] + count for name, count in values.items()})
    )
    if connection.execute(change).rowcount == 1:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(hourly_sums), {"hour": hour, **values})
    except IntegrityError:
        connection.execute(change)


def total(connection: Connection, since: datetime | None = None) -> HourlyCounts:
    """Return the counts of all hours, or of those that begin at ``since`` or later."""
    query = select(*(func.coalesce(func.sum(hourly_sums.c[field.name]), 0) for field in fields(HourlyCounts)))
    if since is not None:
        query = query.where(hourly_sums.c.hour >= since)
    return HourlyCounts(*(int(value) for value in connection.execute(query).one()))


def by_hour(connection: Connection, since: datetime) -> dict[datetime, HourlyCounts]:
    """Return the counts of each hour from ``since`` on; hours without an answer are missing."""
    rows = connection.execute(select(hourly_sums).where(hourly_sums.c.hour >= since))
    return {row.hour: HourlyCounts(*(getattr(row, field.name) for field in fields(HourlyCounts))) for row in rows}
