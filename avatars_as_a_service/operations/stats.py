"""Stats: what was served, paid and saved, and what the budgets still allow."""

from dataclasses import dataclass

from sqlalchemy import Connection

from avatars_as_a_service.concurrency.circuit_breaker import CircuitBreaker
from avatars_as_a_service.metrics.answer_counts import AnswerCounts
from avatars_as_a_service.providers.base import Provider
from avatars_as_a_service.storage import avatars, hourly_counts, ledger
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.hourly_counts import HourlyCounts
from avatars_as_a_service.storage.ledger import Calls, Caps, Spending, WindowUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Totals over all time and all processes; the other processes' last few seconds may be missing.

    ``faces`` counts those of the current edition.
    """

    faces: int
    answers: HourlyCounts
    calls: Calls
    budgets: list[WindowUse]
    provider: str
    model: str
    provider_state: str

    @property
    def spending(self) -> Spending:
        """The paid calls and their cost."""
        return self.calls.spending


class StatsReader:
    """Reads the stats from the database. It never calls the provider."""

    def __init__(
        self,
        *,
        database: Database,
        answer_counts: AnswerCounts,
        edition: str,
        caps: Caps,
        provider: Provider,
        breaker: CircuitBreaker,
    ) -> None:
        self._database = database
        self._answer_counts = answer_counts
        self._edition = edition
        self._caps = caps
        self._provider = provider
        self._breaker = breaker

    async def stats(self) -> Stats:
        """Return the stats as of now. Raises ``DatabaseUnavailable``."""
        await self.flush()
        return await self._database.read(self.read)

    async def flush(self) -> None:
        """Write this process's own counts to the database, so that ``read`` includes them."""
        await self._answer_counts.flush()

    def read(self, connection: Connection) -> Stats:
        """Return the stats in the database."""
        return Stats(
            faces=avatars.count(connection, edition=self._edition),
            answers=hourly_counts.total(connection),
            calls=ledger.calls(connection),
            budgets=ledger.window_uses(connection, self._caps),
            provider=self._provider.info.name,
            model=self._provider.info.model,
            provider_state=self._breaker.state,
        )
