"""``GET /dashboard/data``: its figures are those of ``/stats``, by day, month and hour, on each database."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, update
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import hourly_sums, paid_calls
from benchmarks.catalogue import all_faces, fill
from tests.conftest import Serve
from tests.support.databases import on_every_database
from tests.support.fake_provider import LoopbackProvider, Mode

FIXED = {"AVATARS_PRICE_PER_IMAGE_USD": "0.01"}
SUMS = ("hits", "misses", "stand_ins", "paid_calls", "spent_usd", "saved_usd")


def sums(period: dict[str, Any]) -> dict[str, Any]:
    return {name: round(period[name], 6) for name in SUMS}


def total(hours: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: round(sum(hour[name] for hour in hours), 6) for name in SUMS}


@on_every_database
def test_it_says_what_stats_says(serve: Serve, paid: dict[str, str], provider: LoopbackProvider) -> None:
    client = serve(paid, **FIXED).client
    for variant in (0, 1, 2, 0, 1, 0):
        client.post("/query", json={"properties": {"variant": variant}})
    provider.mode = Mode.HTML  # billed or not, nobody knows: counted
    client.post("/query", json={"properties": {"variant": 3}})

    data = client.get("/dashboard/data").json()

    assert data["stats"] == client.get("/stats").json()
    assert sums(data["today"]) == sums(data["month"]) == sums(data["stats"]) == total(data["hours"])
    assert (data["stats"]["hits"], data["stats"]["misses"]) == (3, 4)
    assert data["stats"]["spent_usd"] == data["stats"]["budgets"][0]["spent_usd"]


@on_every_database
def test_what_was_long_ago_is_in_no_hour_and_not_in_this_month(serve: Serve, paid: dict[str, str]) -> None:
    client = serve(paid, **FIXED).client
    client.post("/query", json={})
    client.get("/stats")  # writes down what this process has counted
    long_ago = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=40)
    engine = create_engine(database_url(paid["DB_STRING"]), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(update(hourly_sums).values(hour=long_ago))
        connection.execute(update(paid_calls).values(reserved_at=long_ago, day="2026-01-01", month="2026-01"))

    data = client.get("/dashboard/data").json()

    nothing = dict.fromkeys(SUMS, 0)
    assert sums(data["stats"]) == nothing | {"misses": 1, "paid_calls": 1, "spent_usd": 0.01}
    assert sums(data["today"]) == sums(data["month"]) == total(data["hours"]) == nothing


@on_every_database
def test_it_has_every_hour_of_seven_days(serve: Serve, database: str) -> None:
    data = serve({"DB_STRING": database}).client.get("/dashboard/data").json()

    hours = [datetime.fromisoformat(hour["begins_at"]) for hour in data["hours"]]
    assert len(hours) == 168
    assert {later - earlier for earlier, later in pairwise(hours)} == {timedelta(hours=1)}
    assert hours[-1] <= datetime.fromisoformat(data["as_of"]) < hours[-1] + timedelta(hours=1)


@on_every_database
def test_it_tells_the_last_troubles(serve: Serve, paid: dict[str, str], provider: LoopbackProvider) -> None:
    client = serve(paid, **FIXED).client
    provider.script.extend([Mode.OK, Mode.REFUSED, Mode.NOT_A_PICTURE])
    for variant in range(3):
        client.post("/query", json={"properties": {"variant": variant}})

    last, first = client.get("/dashboard/data").json()["troubles"]

    assert (first["state"], first["cost_usd"]) == ("released", 0)
    assert (last["state"], last["cost_usd"]) == ("settled", 0.01)
    assert last["at"] >= first["at"]


@on_every_database
def test_it_knows_how_much_of_the_catalogue_is_kept(serve: Serve, paid: dict[str, str]) -> None:
    fill(paid["DB_STRING"], all_faces()[:100])
    client = serve(paid, **FIXED).client
    client.post("/query", json={"properties": {"mood": "fun"}})  # kept, but not of the catalogue

    catalogue = client.get("/dashboard/data").json()["catalogue"]

    assert catalogue == {"faces": 12_960, "kept": 100, "missing": 12_860, "price_usd": 0.01, "missing_usd": 128.6}


@pytest.mark.parametrize("path", ["/dashboard/data", "/stats"])
def test_its_figures_are_for_who_runs_the_service(serve: Serve, tmp_path: Path, path: str) -> None:
    environment = {"DB_STRING": f"sqlite:///{tmp_path}/x.db", "AVATARS_ADMIN_TOKEN": "the-right-token-of-32-characters"}
    client = serve(environment).client

    assert client.get("/dashboard").status_code == 200
    assert client.get(path).status_code == 401
    right = {"Authorization": "Bearer the-right-token-of-32-characters"}
    assert client.get(path, headers=right).status_code == 200
