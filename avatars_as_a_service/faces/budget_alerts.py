"""Budget alerts: for the operator, a log line and a metric when 80 % of a budget is used."""

from collections.abc import Iterable
from functools import partial
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import Connection

from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage import ledger
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Caps, Payer, Window, WindowUse

_HIGH: Final = 0.8
"""The part of a budget, spent and reserved together, that is reported."""

log = structlog.get_logger(__name__)


class BudgetAlerts:
    """Checks the budgets that calls use, in the background. Each process reports each window once."""

    def __init__(self, database: Database, *, caps: Caps, registry: CollectorRegistry) -> None:
        self._database = database
        self._caps = caps
        self._used: set[Payer | None] = set()
        self._reported: dict[tuple[str, str | None], tuple[str, int | None]] = {}
        self._alerts = Counter(
            "avatars_budget_alerts",
            "Budgets that reached 80 %: everybody's, or that of an API key.",
            ["window", "key"],
            registry=registry,
        )
        for kind, limit in (("daily", caps.daily), ("monthly", caps.monthly)):
            if limit is not None:
                self._alerts.labels(kind, "")  # a counter that is there from the start can be seen to rise

    def add_use(self, payer: Payer | None) -> None:
        """Have the next ``look`` check everybody's budget, and the payer's: a call uses them."""
        self._used.add(payer)

    async def look(self) -> None:
        """Report the budgets that have become high since the last look. Raises ``DatabaseUnavailable``."""
        used, self._used = self._used, set()
        if not used:
            return
        try:
            uses = await self._database.read(partial(_window_uses, caps=self._caps, payers=used))
        except DatabaseUnavailable:
            self._used |= used
            raise
        for use in uses:
            if _is_high(use) and self._is_new(use.window):
                self._report(use)

    def _is_new(self, window: Window) -> bool:
        """Whether this process has not reported this window with this limit yet."""
        budget, current = (window.kind, window.payer), (window.name, window.limit)
        is_new = self._reported.get(budget) != current
        self._reported[budget] = current
        return is_new

    def _report(self, use: WindowUse) -> None:
        window = use.window
        self._alerts.labels(window.kind, window.payer or "").inc()
        log.warning(
            "a budget has reached 80 %",
            window=window.kind,
            key=window.payer,
            spent_usd=usd(use.spent),
            reserved_usd=usd(use.reserved),
            limit_usd=usd(window.limit or 0),
            resets_at=window.ends_at.isoformat(),
        )


def _window_uses(connection: Connection, *, caps: Caps, payers: Iterable[Payer | None]) -> list[WindowUse]:
    uses = ledger.window_uses(connection, caps)
    for payer in payers:
        if payer is not None:
            uses += ledger.window_uses(connection, payer.caps, payer.name)
    return uses


def _is_high(use: WindowUse) -> bool:
    """A budget of zero is never reported: nothing can be spent."""
    limit = use.window.limit
    return bool(limit) and use.spent + use.reserved >= _HIGH * (limit or 0)
