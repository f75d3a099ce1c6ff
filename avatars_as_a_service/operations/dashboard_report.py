"""The dashboard report: stats by day, month and hour, recent failed calls, and the cost of the missing faces."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from avatars_as_a_service.domain.features import FULL_FACES
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.operations.stats import Stats, StatsReader
from avatars_as_a_service.storage import avatars, hourly_counts, ledger
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.hourly_counts import HourlyCounts
from avatars_as_a_service.storage.ledger import FailedCall, Spending

DAYS: Final = 7
_HOUR: Final = timedelta(hours=1)
_MAX_FAILED_CALLS: Final = 10


@dataclass(frozen=True, slots=True)
class Period:
    """Answers and spending since ``begins_at``, in UTC; of one of ``hours``, within that hour."""

    begins_at: datetime
    answers: HourlyCounts
    spending: Spending


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How many faces of the catalogue are kept, and the price of one more, in micro-dollars."""

    kept: int
    price: int

    @property
    def missing(self) -> int:
        """How many faces are not kept."""
        return FULL_FACES - self.kept

    @property
    def price_of_missing(self) -> int:
        """The price of all missing faces, in micro-dollars."""
        return self.missing * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardReport:
    """The dashboard's data. ``hours`` has each hour of the last 7 days, even an empty one; the present one is last."""

    as_of: datetime
    stats: Stats
    today: Period
    month: Period
    hours: list[Period]
    failed_calls: list[FailedCall]
    catalogue: Catalogue


class DashboardReports:
    """Reads a report in one transaction. ``price`` is the price of one picture, in micro-dollars."""

    def __init__(
        self, *, stats_reader: StatsReader, database: Database, edition: str, artist: Artist, price: int
    ) -> None:
        self._stats_reader = stats_reader
        self._database = database
        self._edition = edition
        self._artist = artist
        self._price = price

    async def report(self) -> DashboardReport:
        """Return the report as of now. Raises ``DatabaseUnavailable``."""
        await self._stats_reader.flush()
        return await self._database.read(self._read)

    def _read(self, connection: Connection) -> DashboardReport:
        now = utc_now(connection)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        kept = avatars.count_full(connection, edition=self._edition, artist=self._artist)
        return DashboardReport(
            as_of=now,
            stats=self._stats_reader.read(connection),
            today=_period(connection, midnight),
            month=_period(connection, midnight.replace(day=1)),
            hours=_hours(connection, now.replace(minute=0, second=0, microsecond=0)),
            failed_calls=ledger.failed_calls(connection, since=now - timedelta(days=DAYS), limit=_MAX_FAILED_CALLS),
            catalogue=Catalogue(kept, self._price),
        )


def _period(connection: Connection, begins_at: datetime) -> Period:
    return Period(begins_at, hourly_counts.total(connection, begins_at), ledger.spending(connection, begins_at))


def _hours(connection: Connection, present: datetime) -> list[Period]:
    first = present - timedelta(days=DAYS) + _HOUR
    answers, spendings = hourly_counts.by_hour(connection, first), ledger.spending_by_hour(connection, first)
    hours = [first + number * _HOUR for number in range(DAYS * 24)]
    return [Period(hour, answers.get(hour, HourlyCounts()), spendings.get(hour, Spending(0, 0))) for hour in hours]
