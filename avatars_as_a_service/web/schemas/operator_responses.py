"""What the operator's URLs answer: health, statistics and the dashboard's data."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, Field

from avatars_as_a_service.domain.features import FULL_FACES

_TIME: Final = "2026-11-22T15:00:00Z"
_PERIOD: Final = {
    "begins_at": _TIME,
    "hits": 41,
    "misses": 1,
    "stand_ins": 0,
    "paid_calls": 1,
    "spent_usd": 0.0059,
    "saved_usd": 0.2419,
}


class HealthResponse(BaseModel):
    """The answer of `GET /healthz`."""

    status: str = Field(description="Always `alive`.", examples=["alive"])


class ReadyResponse(BaseModel):
    """The answer of `GET /readyz`."""

    status: str = Field(
        description="`starting`, `ready`, `degraded` (the database is away or takes no writes; faces in memory are "
        "served) or `draining`.",
        examples=["ready"],
    )


class BudgetResponse(BaseModel):
    """A budget window."""

    window: str = Field(description="`daily` or `monthly`, in UTC.", examples=["daily"])
    limit_usd: float | None = Field(description="The cap; null: there is none.", examples=[5.0])
    spent_usd: float = Field(description="The cost of the calls in this window.", examples=[0.0059])
    reserved_usd: float = Field(description="The money reserved for calls under way.", examples=[0.0])
    resets_at: str = Field(description="When the next window begins.", examples=["2026-11-23T00:00:00Z"])


class CallsResponse(BaseModel):
    """Calls to the provider by state. All but the waiting ones count as `paid_calls`."""

    waiting: int = Field(description="Reserved and not sent; they cost nothing yet.", examples=[0])
    under_way: int = Field(description="Sent, and not answered yet.", examples=[0])
    paid: int = Field(description="Billed.", examples=[1])
    possibly_paid: int = Field(
        description="Sent, and it is unknown whether they were billed; each counts at the most that it can cost.",
        examples=[0],
    )


class ProviderResponse(BaseModel):
    """The provider, which draws the faces."""

    name: str = Field(description="`openai` or `local`.", examples=["openai"])
    model: str = Field(description="The model.", examples=["gpt-image-2.5-flare"])
    state: str = Field(
        description="`ok`, `paused`, `out_of_quota` or `trial`, as this process sees it.", examples=["ok"]
    )


class StatsResponse(BaseModel):
    """The answer of `GET /stats`: sums over all processes since the first start."""

    faces: int = Field(description="Faces that are kept.", examples=[1])
    hits: int = Field(description="Requests for faces that were kept.", examples=[41])
    misses: int = Field(description="Requests for faces that were not kept.", examples=[1])
    stand_ins: int = Field(description="Provisional answers.", examples=[0])
    paid_calls: int = Field(description="Calls that were billed, or may have been.", examples=[1])
    calls: CallsResponse = Field(
        description="Calls to the provider by state.",
        examples=[{"waiting": 0, "under_way": 0, "paid": 1, "possibly_paid": 0}],
    )
    spent_usd: float = Field(description="The cost of these calls.", examples=[0.0059])
    possibly_spent_usd: float = Field(
        description="The part of `spent_usd` that may not have been billed.", examples=[0.0]
    )
    saved_usd: float = Field(description="What the hits would have cost.", examples=[0.2419])
    budgets: list[BudgetResponse] = Field(
        description="The daily and the monthly budget.",
        examples=[
            [
                {
                    "window": "daily",
                    "limit_usd": 5.0,
                    "spent_usd": 0.0059,
                    "reserved_usd": 0.0,
                    "resets_at": "2026-11-23T00:00:00Z",
                }
            ]
        ],
    )
    provider: ProviderResponse = Field(
        description="The current provider.",
        examples=[{"name": "openai", "model": "gpt-image-2.5-flare", "state": "ok"}],
    )


class PeriodResponse(BaseModel):
    """Answers and costs of an hour, or from a moment until now."""

    begins_at: datetime = Field(description="The beginning of the period.", examples=[_TIME])
    hits: int = Field(description="Requests for faces that were kept.", examples=[41])
    misses: int = Field(description="Requests for faces that were not kept.", examples=[1])
    stand_ins: int = Field(description="Provisional answers.", examples=[0])
    paid_calls: int = Field(description="Calls that were billed, or may have been.", examples=[1])
    spent_usd: float = Field(description="The cost of these calls.", examples=[0.0059])
    saved_usd: float = Field(description="What the hits would have cost.", examples=[0.2419])


class FailedCallResponse(BaseModel):
    """A call to the provider that returned no picture."""

    at: datetime = Field(description="When the call was made.", examples=[_TIME])
    model: str = Field(description="The model.", examples=["gpt-image-2.5-flare"])
    outcome: str = Field(description="How the call ended.", examples=["timeout"])
    state: str = Field(
        description="`released` (it costs nothing), `settled` or `unknown` (both count).", examples=["unknown"]
    )
    cost_usd: float = Field(description="The cost that the budgets count.", examples=[0.0059])
    request_id: str | None = Field(description="The provider's id of the call.", examples=["req_1"])


class CatalogueResponse(BaseModel):
    """The faces that give every feature."""

    faces: int = Field(description="The number of these faces.", examples=[FULL_FACES])
    kept: int = Field(description="The number of them that are kept.", examples=[1])
    missing: int = Field(description="The number of them that are not kept.", examples=[FULL_FACES - 1])
    price_usd: float = Field(description="The current price of one picture.", examples=[0.0059])
    missing_usd: float = Field(description="What the missing faces would cost.", examples=[76.4581])


class DashboardResponse(BaseModel):
    """The answer of `GET /dashboard/data`."""

    as_of: datetime = Field(description="The database's time.", examples=[_TIME])
    stats: StatsResponse = Field(description="The answer of `GET /stats`.", examples=[{"faces": 1}])
    today: PeriodResponse = Field(description="Since midnight, UTC.", examples=[_PERIOD])
    month: PeriodResponse = Field(description="Since the month began, UTC.", examples=[_PERIOD])
    hours: list[PeriodResponse] = Field(description="The last seven days, hour by hour.", examples=[[_PERIOD]])
    troubles: list[FailedCallResponse] = Field(
        description="The latest failed calls of the last seven days, the newest first.", examples=[[]]
    )
    catalogue: CatalogueResponse = Field(description="How much of the catalogue is kept.", examples=[{"kept": 1}])
