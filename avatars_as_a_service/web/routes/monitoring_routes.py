"""``/healthz``, ``/readyz``, ``/stats`` and ``/metrics``."""

from datetime import UTC
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST

from avatars_as_a_service import errors
from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.metrics.exporter import Metrics
from avatars_as_a_service.operations.readiness import Readiness, State
from avatars_as_a_service.operations.stats import Stats, StatsReader
from avatars_as_a_service.storage.ledger import WindowUse
from avatars_as_a_service.web.admin_auth import FIGURES_ERRORS, AdminAuth
from avatars_as_a_service.web.responses.error_responses import NO_STORE, documented
from avatars_as_a_service.web.route_access import Access, declare
from avatars_as_a_service.web.schemas.operator_responses import (
    BudgetResponse,
    CallsResponse,
    HealthResponse,
    ProviderResponse,
    ReadyResponse,
    StatsResponse,
)

_NOT_READY: Final[dict[int | str, dict[str, Any]]] = {
    503: {"model": ReadyResponse, "description": "Starting or draining."}
}
_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text format."}
}
_READY: Final = {State.READY, State.DEGRADED}


def monitoring_router(readiness: Readiness, stats_reader: StatsReader, metrics: Metrics, admin: AdminAuth) -> APIRouter:
    """The routes that probes, Prometheus and the operator ask."""
    router = APIRouter(tags=["operations"])

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz", summary="Is the process alive?", response_description="The process answers.")
    @declare(Access.PROBE)
    async def healthz() -> HealthResponse:
        """Whether the process answers."""
        return HealthResponse(status="alive")

    @router.head("/readyz", include_in_schema=False)
    @router.get(
        "/readyz",
        responses=_NOT_READY,
        summary="Can the process take requests?",
        response_description="Ready, or degraded.",
    )
    @declare(Access.PROBE)
    async def readyz(response: Response) -> ReadyResponse:
        """Ready once the database and its schema were found, until the process begins to stop."""
        state = await readiness.state()
        if state not in _READY:
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response.headers.update(NO_STORE)
        return ReadyResponse(status=state)

    @router.get(
        "/stats",
        responses=documented(*FIGURES_ERRORS, errors.DatabaseUnavailable),
        dependencies=[Depends(admin.figures)],
        summary="Requests served, money spent and saved",
        response_description="The figures, over all processes.",
    )
    async def stats(response: Response) -> StatsResponse:
        """Sums over all processes since the first start. Each process adds its counts every two seconds."""
        response.headers.update(NO_STORE)
        return stats_response(await stats_reader.stats())

    @router.get(
        "/metrics",
        dependencies=[Depends(admin.figures)],
        response_class=Response,
        responses=_TEXT | documented(*FIGURES_ERRORS),
        summary="Metrics for Prometheus",
    )
    async def metrics_page() -> Response:
        """Counters, durations and gauges, summed over the processes of this replica."""
        return Response(await metrics.render(), media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)

    return router


def stats_response(stats: Stats) -> StatsResponse:
    """The answer of ``GET /stats``, with money in dollars."""
    return StatsResponse(
        faces=stats.faces,
        hits=stats.answers.hits,
        misses=stats.answers.misses,
        stand_ins=stats.answers.stand_ins,
        paid_calls=stats.spending.paid_calls,
        calls=CallsResponse(
            waiting=stats.calls.waiting,
            under_way=stats.calls.under_way,
            paid=stats.calls.paid,
            possibly_paid=stats.calls.possibly_paid,
        ),
        spent_usd=usd(stats.spending.spent),
        possibly_spent_usd=usd(stats.calls.possibly_spent),
        saved_usd=usd(stats.answers.saved_micro_usd),
        budgets=[_budget_response(use) for use in stats.budgets],
        provider=ProviderResponse(name=stats.provider, model=stats.model, state=stats.provider_state),
    )


def _budget_response(use: WindowUse) -> BudgetResponse:
    return BudgetResponse(
        window=use.window.kind,
        limit_usd=None if use.window.limit is None else usd(use.window.limit),
        spent_usd=usd(use.spent),
        reserved_usd=usd(use.reserved),
        resets_at=use.window.ends_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    )
