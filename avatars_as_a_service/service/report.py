"""The report: the figures by day, month and hour, the last troubles, and what the rest of the catalogue would cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from avatars_as_a_service.features import FULL_FACES
from avatars_as_a_service.key import Artist
from avatars_as_a_service.service.figures import Accounts, Figures
from avatars_as_a_service.storage import avatars, ledger, sums
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Spending, Trouble
from avatars_as_a_service.storage.sums import Sums

DAYS: Final = 7
_HOUR: Final = timedelta(hours=1)
_TROUBLES: Final = 10


@dataclass(frozen=True, slots=True)
class Period:
    """What was answered and paid since ``begins_at``, in UTC."""

    begins_at: datetime
    answers: Sums
    spending: Spending


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How many of the catalogue's faces are kept, and what one that is not would cost, in micro-dollars."""

    kept: int
    price: int

    @property
    def missing(self) -> int:
        """How many are not kept."""
        return FULL_FACES - self.kept

    @property
    def price_of_missing(self) -> int:
        """What those would cost in all, in micro-dollars."""
        return self.missing * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``hours`` has each of the last days' hours, the present one last, whether anything happened in it or not."""

    as_of: datetime
    figures: Figures
    today: Period
    month: Period
    hours: list[Period]
    troubles: list[Trouble]
    catalogue: Catalogue


class Reports:
    """Reads a report in one transaction. ``price`` is that of one picture, in micro-dollars."""

    def __init__(self, *, accounts: Accounts, database: Database, edition: str, artist: Artist, price: int) -> None:
        self._accounts = accounts
        self._database = database
        self._edition = edition
        self._artist = artist
        self._price = price

    async def report(self) -> Report:
        """The report as of now. Raises ``DatabaseUnavailable``."""
        await self._accounts.write_down()
        return await self._database.read(self._read)

    def _read(self, connection: Connection) -> Report:
        now = utc_now(connection)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        kept = avatars.count_full(connection, edition=self._edition, artist=self._artist)
        return Report(
            as_of=now,
            figures=self._accounts.read(connection),
            today=_period(connection, midnight),
            month=_period(connection, midnight.replace(day=1)),
            hours=_hours(connection, now.replace(minute=0, second=0, microsecond=0)),
            troubles=ledger.troubles(connection, since=now - timedelta(days=DAYS), limit=_TROUBLES),
            catalogue=Catalogue(kept, self._price),
        )


def _period(connection: Connection, begins_at: datetime) -> Period:
    return Period(begins_at, sums.total(connection, begins_at), ledger.spending(connection, begins_at))


def _hours(connection: Connection, present: datetime) -> list[Period]:
    first = present - timedelta(days=DAYS) + _HOUR
    answers, spendings = sums.by_hour(connection, first), ledger.spending_by_hour(connection, first)
    hours = [first + number * _HOUR for number in range(DAYS * 24)]
    return [Period(hour, answers.get(hour, Sums()), spendings.get(hour, Spending(0, 0))) for hour in hours]
