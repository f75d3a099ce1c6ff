"""``GET /dashboard/data``: the data of the dashboard."""

from fastapi import APIRouter, Depends, Response

from avatars_as_a_service import errors
from avatars_as_a_service.domain.features import FULL_FACES
from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.operations.dashboard_report import Catalogue, DashboardReport, DashboardReports, Period
from avatars_as_a_service.storage.ledger import FailedCall
from avatars_as_a_service.web.admin_auth import FIGURES_ERRORS, AdminAuth
from avatars_as_a_service.web.responses.error_responses import NO_STORE, documented
from avatars_as_a_service.web.routes.monitoring_routes import stats_response
from avatars_as_a_service.web.schemas.operator_responses import (
    CatalogueResponse,
    DashboardResponse,
    FailedCallResponse,
    PeriodResponse,
)


def dashboard_router(reports: DashboardReports, admin: AdminAuth) -> APIRouter:
    """The route of the dashboard's data."""
    router = APIRouter(tags=["operations"])

    @router.get(
        "/dashboard/data",
        responses=documented(*FIGURES_ERRORS, errors.DatabaseUnavailable),
        dependencies=[Depends(admin.figures)],
        summary="The data of the dashboard",
        response_description="The figures by day, month and hour.",
    )
    async def dashboard_data(response: Response) -> DashboardResponse:
        """The figures of `GET /stats`, by day, month and hour, with the latest failed calls."""
        response.headers.update(NO_STORE)
        return _response(await reports.report())

    return router


def _response(report: DashboardReport) -> DashboardResponse:
    return DashboardResponse(
        as_of=report.as_of,
        stats=stats_response(report.stats),
        today=_period_response(report.today),
        month=_period_response(report.month),
        hours=[_period_response(hour) for hour in report.hours],
        troubles=[_failed_call_response(call) for call in report.failed_calls],
        catalogue=_catalogue_response(report.catalogue),
    )


def _period_response(period: Period) -> PeriodResponse:
    return PeriodResponse(
        begins_at=period.begins_at,
        hits=period.answers.hits,
        misses=period.answers.misses,
        stand_ins=period.answers.stand_ins,
        paid_calls=period.spending.paid_calls,
        spent_usd=usd(period.spending.spent),
        saved_usd=usd(period.answers.saved_micro_usd),
    )


def _failed_call_response(call: FailedCall) -> FailedCallResponse:
    return FailedCallResponse(
        at=call.at,
        model=call.model,
        outcome=call.outcome,
        state=call.state,
        cost_usd=usd(call.cost),
        request_id=call.request_id,
    )


def _catalogue_response(catalogue: Catalogue) -> CatalogueResponse:
    return CatalogueResponse(
        faces=FULL_FACES,
        kept=catalogue.kept,
        missing=catalogue.missing,
        price_usd=usd(catalogue.price),
        missing_usd=usd(catalogue.price_of_missing),
    )
