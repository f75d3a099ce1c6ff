"""``GET /dashboard/data``: what the dashboard shows."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from avatars_as_a_service import errors
from avatars_as_a_service.features import FULL_FACES
from avatars_as_a_service.money import usd
from avatars_as_a_service.service.report import Catalogue, Period, Report, Reports
from avatars_as_a_service.storage.ledger import Trouble
from avatars_as_a_service.web.admin import ADMIN_ERRORS, AdminGate
from avatars_as_a_service.web.bodies import StatsBody
from avatars_as_a_service.web.operations import stats_body
from avatars_as_a_service.web.problems import documented

_MOMENT: Final = "2026-11-22T15:00:00Z"
_PERIOD: Final = {
    "begins_at": _MOMENT,
    "hits": 41,
    "misses": 1,
    "stand_ins": 0,
    "paid_calls": 1,
    "spent_usd": 0.0059,
    "saved_usd": 0.2419,
}


class PeriodBody(BaseModel):
    """What was answered and paid from a moment on: in an hour, or until now."""

    begins_at: datetime = Field(description="Its beginning.", examples=[_MOMENT])
    hits: int = Field(description="Faces served that were kept.", examples=[41])
    misses: int = Field(description="Faces asked for that were not kept.", examples=[1])
    stand_ins: int = Field(description="Provisional answers.", examples=[0])
    paid_calls: int = Field(description="Calls that were or may have been billed.", examples=[1])
    spent_usd: float = Field(description="What they cost.", examples=[0.0059])
    saved_usd: float = Field(description="What the hits would have cost.", examples=[0.2419])


class TroubleBody(BaseModel):
    """A call to the provider that brought no picture."""

    at: datetime = Field(description="When it was made.", examples=[_MOMENT])
    model: str = Field(description="The model.", examples=["gpt-image-2.5-flare"])
    outcome: str = Field(description="What happened.", examples=["timeout"])
    state: str = Field(description="released (it costs nothing), settled or unknown (counted).", examples=["unknown"])
    cost_usd: float = Field(description="What it is counted at.", examples=[0.0059])
    request_id: str | None = Field(description="The provider's own name for it.", examples=["req_1"])


class CatalogueBody(BaseModel):
    """The faces in which nothing is left out."""

    faces: int = Field(description="How many there are.", examples=[FULL_FACES])
    kept: int = Field(description="How many of them are kept.", examples=[1])
    missing: int = Field(description="How many are not.", examples=[FULL_FACES - 1])
    price_usd: float = Field(description="What one picture costs now.", examples=[0.0059])
    missing_usd: float = Field(description="What the missing ones would cost.", examples=[76.4581])


class DashboardBody(BaseModel):
    """What ``GET /dashboard/data`` answers."""

    as_of: datetime = Field(description="The database's time.", examples=[_MOMENT])
    stats: StatsBody = Field(description="The same as `GET /stats`.", examples=[{"faces": 1}])
    today: PeriodBody = Field(description="Since midnight, UTC.", examples=[_PERIOD])
    month: PeriodBody = Field(description="Since the month began, UTC.", examples=[_PERIOD])
    hours: list[PeriodBody] = Field(description="The last seven days, hour by hour.", examples=[[_PERIOD]])
    troubles: list[TroubleBody] = Field(description="The last ones of seven days, newest first.", examples=[[]])
    catalogue: CatalogueBody = Field(description="How much of it is kept.", examples=[{"kept": 1}])


def dashboard_router(reports: Reports, admin: AdminGate) -> APIRouter:
    """The route of the dashboard's figures."""
    router = APIRouter(tags=["operations"])

    @router.get(
        "/dashboard/data",
        responses=documented(*ADMIN_ERRORS, errors.DatabaseUnavailable),
        dependencies=[Depends(admin)],
        summary="What the dashboard shows",
        response_description="The figures by day, month and hour.",
    )
    async def data(response: Response) -> DashboardBody:
        """The figures of `GET /stats`, and how they came about."""
        response.headers["Cache-Control"] = "no-store"
        return _body(await reports.report())

    return router


def _body(report: Report) -> DashboardBody:
    return DashboardBody(
        as_of=report.as_of,
        stats=stats_body(report.figures),
        today=_period_body(report.today),
        month=_period_body(report.month),
        hours=[_period_body(hour) for hour in report.hours],
        troubles=[_trouble_body(trouble) for trouble in report.troubles],
        catalogue=_catalogue_body(report.catalogue),
    )


def _period_body(period: Period) -> PeriodBody:
    return PeriodBody(
        begins_at=period.begins_at,
        hits=period.answers.hits,
        misses=period.answers.misses,
        stand_ins=period.answers.stand_ins,
        paid_calls=period.spending.paid_calls,
        spent_usd=usd(period.spending.spent),
        saved_usd=usd(period.answers.saved_micro_usd),
    )


def _trouble_body(trouble: Trouble) -> TroubleBody:
    return TroubleBody(
        at=trouble.at,
        model=trouble.model,
        outcome=trouble.outcome,
        state=trouble.state,
        cost_usd=usd(trouble.cost),
        request_id=trouble.request_id,
    )


def _catalogue_body(catalogue: Catalogue) -> CatalogueBody:
    return CatalogueBody(
        faces=FULL_FACES,
        kept=catalogue.kept,
        missing=catalogue.missing,
        price_usd=usd(catalogue.price),
        missing_usd=usd(catalogue.price_of_missing),
    )
