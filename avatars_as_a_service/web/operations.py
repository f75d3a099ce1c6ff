"""``/healthz``, ``/readyz``, ``/stats`` and ``/metrics``."""

from datetime import UTC
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST

from avatars_as_a_service import errors
from avatars_as_a_service.money import usd
from avatars_as_a_service.service.figures import Accounts, Figures
from avatars_as_a_service.service.metrics import Metrics
from avatars_as_a_service.service.readiness import Readiness, State
from avatars_as_a_service.storage.ledger import WindowUse
from avatars_as_a_service.web.admin import ADMIN_ERRORS, AdminGate
from avatars_as_a_service.web.bodies import BudgetBody, HealthBody, ProviderBody, ReadyBody, StatsBody
from avatars_as_a_service.web.problems import documented

_NOT_READY: Final[dict[int | str, dict[str, Any]]] = {503: {"model": ReadyBody, "description": "Starting or draining."}}
_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "In Prometheus' text format."}
}
_READY: Final = {State.READY, State.DEGRADED}


def operations_router(readiness: Readiness, accounts: Accounts, metrics: Metrics, admin: AdminGate) -> APIRouter:
    """The routes for who runs the service."""
    router = APIRouter(tags=["operations"])

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz", summary="Is it alive?", response_description="The process answers.")
    async def healthz() -> HealthBody:
        """Whether the process answers at all."""
        return HealthBody(status="alive")

    @router.head("/readyz", include_in_schema=False)
    @router.get(
        "/readyz", responses=_NOT_READY, summary="Should it get requests?", response_description="Ready, or degraded."
    )
    async def readyz(response: Response) -> ReadyBody:
        """Ready from the first success of database and schema until the process begins to stop."""
        state = await readiness.state()
        if state not in _READY:
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response.headers["Cache-Control"] = "no-store"
        return ReadyBody(status=state)

    @router.get(
        "/stats",
        responses=documented(*ADMIN_ERRORS, errors.DatabaseUnavailable),
        dependencies=[Depends(admin)],
        summary="What it served, paid and saved",
        response_description="The figures, over all processes.",
    )
    async def stats(response: Response) -> StatsBody:
        """Sums over all processes since the beginning; each process adds its last two seconds when they are over."""
        response.headers["Cache-Control"] = "no-store"
        return stats_body(await accounts.figures())

    @router.get(
        "/metrics",
        dependencies=[Depends(admin)],
        response_class=Response,
        responses=_TEXT | documented(*ADMIN_ERRORS),
        summary="The same and more for Prometheus",
    )
    async def metrics_text() -> Response:
        """Counters, durations and levels, summed over the processes of this replica."""
        return Response(await metrics.told(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return router


def stats_body(figures: Figures) -> StatsBody:
    """The figures in dollars."""
    return StatsBody(
        faces=figures.faces,
        hits=figures.answers.hits,
        misses=figures.answers.misses,
        stand_ins=figures.answers.stand_ins,
        paid_calls=figures.spending.paid_calls,
        spent_usd=usd(figures.spending.spent),
        saved_usd=usd(figures.answers.saved_micro_usd),
        budgets=[_budget_body(use) for use in figures.budgets],
        provider=ProviderBody(name=figures.provider, model=figures.model, state=figures.provider_state),
    )


def _budget_body(use: WindowUse) -> BudgetBody:
    return BudgetBody(
        window=use.window.kind,
        limit_usd=None if use.window.limit is None else usd(use.window.limit),
        spent_usd=usd(use.spent),
        reserved_usd=usd(use.reserved),
        resets_at=use.window.ends_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    )
