"""The figures: what was served, what was paid and saved, and what the budgets still allow."""

from dataclasses import dataclass

from sqlalchemy import Connection

from avatars_as_a_service.providers.contract import Provider
from avatars_as_a_service.service.breaker import Breaker
from avatars_as_a_service.service.tally import Tally
from avatars_as_a_service.storage import avatars, ledger, sums
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Caps, Spending, WindowUse
from avatars_as_a_service.storage.sums import Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Since the beginning and over all processes; each process adds its last few seconds when it next writes them."""

    faces: int
    answers: Sums
    spending: Spending
    budgets: list[WindowUse]
    provider: str
    model: str
    provider_state: str


class Accounts:
    """Adds the figures up from the database. It never calls the provider."""

    def __init__(self, *, database: Database, tally: Tally, caps: Caps, provider: Provider, breaker: Breaker) -> None:
        self._database = database
        self._tally = tally
        self._caps = caps
        self._provider = provider
        self._breaker = breaker

    async def figures(self) -> Figures:
        """The figures as of now. Raises ``DatabaseUnavailable``."""
        await self.write_down()
        return await self._database.read(self.read)

    async def write_down(self) -> None:
        """Put what this process has counted into the database, so that it is among the figures."""
        await self._tally.flush()

    def read(self, connection: Connection) -> Figures:
        """The figures that the database has."""
        return Figures(
            faces=avatars.count(connection),
            answers=sums.total(connection),
            spending=ledger.spending(connection),
            budgets=ledger.window_uses(connection, self._caps),
            provider=self._provider.about.name,
            model=self._provider.about.model,
            provider_state=self._breaker.state,
        )
