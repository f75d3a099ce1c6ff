"""Budgets: the cap holds whatever comes at once, and the figures tell what was paid."""

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.wiring import assemble
from tests.conftest import Serve
from tests.support.api_keys import new_key
from tests.support.clock import wait_until
from tests.support.concurrency import ask_all, different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import Use, ledger, used
from tests.support.service_runner import ThreadedService, processes

PRICE: Final = 10_000
FIXED: Final = {"AVATARS_PRICE_PER_IMAGE_USD": "0.01"}
FACES: Final = different_faces(60, seed=11)


def ask(service: ThreadedService, body: dict[str, Any]) -> dict[str, Any]:
    answer = service.client.post("/query", json=body)
    assert answer.status_code == 200, answer.text
    answered: dict[str, Any] = answer.json()
    return answered


def stats(service: ThreadedService) -> dict[str, Any]:
    answer: dict[str, Any] = service.client.get("/stats").raise_for_status().json()
    return answer


def budget(service: ThreadedService, window: str = "daily") -> dict[str, Any]:
    (found,) = [budget for budget in stats(service)["budgets"] if budget["window"] == window]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("window", ["DAILY", "MONTHLY"])
def test_exactly_as_many_are_paid_for_as_the_cap_allows(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, window: str
) -> None:
    cap, more = 12, 30
    caps = {"AVATARS_DAILY_BUDGET_USD": "none", f"AVATARS_{window}_BUDGET_USD": str(cap / 100)}
    service = serve(paid, **FIXED, **caps)
    provider.delay = 0.1

    answers = [reply.body for reply in ask_all([service.url], FACES[: cap + more])]

    assert sum(answer["provisional"] for answer in answers) == more
    assert sum(answer["cost_usd"] for answer in answers) == pytest.approx(cap * 0.01)
    assert len(provider.calls) == provider.paid == cap
    assert used(paid["DB_STRING"]) == [Use(spent=cap * PRICE, reserved=0)] * 2
    figures = stats(service)
    assert (figures["faces"], figures["paid_calls"], figures["stand_ins"]) == (cap, cap, more)
    assert figures["spent_usd"] == cap * PRICE / 1_000_000


@pytest.mark.parametrize("window", ["DAILY", "MONTHLY"])
def test_over_the_cap_the_error_says_when_the_window_ends(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, window: str
) -> None:
    caps = {"AVATARS_DAILY_BUDGET_USD": "none", f"AVATARS_{window}_BUDGET_USD": "0.01", "AVATARS_STAND_IN": "off"}
    service = serve(paid, **FIXED, **caps)
    ask(service, FACES[0])

    answer = service.client.post("/query", json=FACES[1])

    assert (answer.status_code, answer.json()["code"]) == (503, "budget_exhausted")
    resets_at = datetime.fromisoformat(budget(service, window.lower())["resets_at"])
    remaining = (resets_at - datetime.now(UTC)).total_seconds()
    assert abs(int(answer.headers["Retry-After"]) - remaining) < 10
    assert ask(service, FACES[0])["cache_hit"]
    assert len(provider.calls) == 1


def test_over_both_caps_the_later_end_is_the_one_that_counts(paid: dict[str, str], serve: Serve) -> None:
    both = {"AVATARS_DAILY_BUDGET_USD": "0.01", "AVATARS_MONTHLY_BUDGET_USD": "0.01", "AVATARS_STAND_IN": "off"}
    service = serve(paid, **FIXED, **both)
    ask(service, FACES[0])

    answer = service.client.post("/query", json=FACES[1])

    month_end = datetime.fromisoformat(budget(service, "monthly")["resets_at"])
    assert abs(int(answer.headers["Retry-After"]) - (month_end - datetime.now(UTC)).total_seconds()) < 10


def test_windows_end_at_midnight_and_at_the_first_of_the_month(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)

    ends = [budget(service, window)["resets_at"] for window in ("daily", "monthly")]

    day_end, month_end = map(datetime.fromisoformat, ends)
    now = datetime.now(UTC)
    assert now < day_end <= now + timedelta(days=1)
    assert (day_end.hour, day_end.minute, day_end.second) == (0, 0, 0)
    assert (month_end.day, month_end.hour) == (1, 0)
    assert now < month_end <= now + timedelta(days=31)


@pytest.mark.parametrize("window", ["DAILY", "MONTHLY"])
def test_a_budget_of_nothing_serves_what_is_kept_and_never_pays(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, window: str
) -> None:
    kept = ask(serve(paid), FACES[0])
    service = serve(paid, **{f"AVATARS_{window}_BUDGET_USD": "0"})

    assert ask(service, FACES[0])["data"]["image_hash"] == kept["data"]["image_hash"]
    assert ask(service, FACES[1])["provisional"]
    description = service.client.post("/query", json={"properties": {"description": "a pirate"}})
    assert (description.status_code, description.json()["code"]) == (503, "budget_exhausted")
    assert len(provider.calls) == 1


def test_none_lifts_the_cap(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid, AVATARS_PRICE_PER_IMAGE_USD="1000", AVATARS_DAILY_BUDGET_USD="none")

    answers = [ask(service, face) for face in FACES[:3]]

    assert [answer["cost_usd"] for answer in answers] == [1000, 1000, 1000]
    assert budget(service)["limit_usd"] is None


def test_the_cost_is_that_of_the_tokens(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)

    answer = ask(service, FACES[0])

    read = len(answer["prompt"]) // 4
    assert answer["cost_usd"] == (read * 5 + 125 * 30) / 1_000_000  # 196 tokens are 1024x1024, 125 are 816x816
    (entry,) = ledger(paid["DB_STRING"])
    assert entry.cost == round(answer["cost_usd"] * 1_000_000) <= entry.bound
    assert entry.request_id is not None
    assert used(paid["DB_STRING"]) == [Use(spent=entry.cost, reserved=0)] * 2


def test_without_usage_a_picture_costs_its_published_price_and_its_words(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    provider.usage = False

    answer = ask(serve(paid), FACES[0])

    assert answer["cost_usd"] == (3_747 + math.ceil(len(answer["prompt"]) / 4) * 5) / 1_000_000


def test_a_price_that_is_set_stands_above_the_usage(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    assert provider.usage
    assert ask(serve(paid, AVATARS_PRICE_PER_IMAGE_USD="0.123456"), FACES[0])["cost_usd"] == 0.123456


def test_priced_by_usage_the_spending_stays_below_the_cap(paid: dict[str, str], serve: Serve) -> None:
    cap = 0.1
    service = serve(paid, AVATARS_DAILY_BUDGET_USD=str(cap))

    answers = [reply.body for reply in ask_all([service.url], FACES[:40])]

    (day, _) = used(paid["DB_STRING"])
    assert day.spent <= cap * 1_000_000
    assert day.reserved == 0
    assert 10 < sum(not answer["provisional"] for answer in answers) < 40
    assert sum(entry.cost for entry in ledger(paid["DB_STRING"])) == day.spent


def test_what_was_not_billed_is_given_back(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid, **FIXED, AVATARS_DAILY_BUDGET_USD="0.01")
    provider.mode = Mode.BAD_REQUEST
    assert ask(service, FACES[0])["provisional"]
    assert used(paid["DB_STRING"]) == [Use(spent=0, reserved=0)] * 2

    provider.mode = Mode.OK

    assert not ask(service, FACES[0])["provisional"]
    assert stats(service)["paid_calls"] == 1


def test_what_may_have_been_billed_is_not(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid, **FIXED, AVATARS_DAILY_BUDGET_USD="0.01")
    provider.mode = Mode.BAD_GATEWAY
    assert ask(service, FACES[0])["provisional"]
    provider.mode = Mode.OK

    assert ask(service, FACES[0])["provisional"]
    assert used(paid["DB_STRING"]) == [Use(spent=PRICE, reserved=0)] * 2
    assert len(provider.calls) == 1


def test_a_call_under_way_is_reserved(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid, **FIXED)
    drawing = provider.hold_next()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, service, FACES[0])
        wait_until(lambda: len(provider.calls) == 1)
        during = budget(service)
        drawing.set()
        asked.result()

    after = budget(service)
    assert (during["spent_usd"], during["reserved_usd"]) == (0, 0.01)
    assert (after["spent_usd"], after["reserved_usd"]) == (0.01, 0)


def test_stats_and_metrics_tell_what_waits_is_under_way_paid_and_possibly_paid(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, **FIXED, AVATARS_PROVIDER_CONCURRENCY="1")
    provider.script.append(Mode.BAD_GATEWAY)
    assert ask(service, FACES[0])["provisional"]
    ask(service, FACES[1])
    drawing = provider.hold_next()
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(httpx.post, f"{service.url}/query", json=face, timeout=120) for face in FACES[2:5]]
        wait_until(lambda: (calls := stats(service)["calls"])["waiting"] == 2 and calls["under_way"] == 1)
        during = stats(service)
        drawing.set()
        for asking in asked:
            asking.result()
    after = stats(service)

    assert during["calls"] == {"waiting": 2, "under_way": 1, "paid": 1, "possibly_paid": 1}
    assert during["paid_calls"] == len(provider.calls[:3])
    assert (during["spent_usd"], during["possibly_spent_usd"]) == (0.02, 0.01)
    assert during["budgets"][0]["reserved_usd"] == 0.03
    assert after["calls"] == {"waiting": 0, "under_way": 0, "paid": 4, "possibly_paid": 1}
    assert after["paid_calls"] == len(provider.calls) == 5
    told = service.client.get("/metrics").text
    assert "avatars_paid_calls_total 5.0" in told
    assert "avatars_possibly_paid_calls_total 1.0" in told


@on_sqlite
def test_a_budget_that_reaches_80_percent_is_reported_once_whoever_s_it_is(
    paid: dict[str, str], tmp_path: Path
) -> None:
    environment = {**paid, **FIXED, "AVATARS_DAILY_BUDGET_USD": "0.1", "AVATARS_MONTHLY_BUDGET_USD": "10"}
    small = {"Authorization": f"Bearer {new_key(environment, 'small', '--daily-usd', '0.05')}"}
    large = {"Authorization": f"Bearer {new_key(environment, 'large')}"}
    with processes(environment, tmp_path) as [service]:

        def alerts(window: str, key: str = "") -> float:
            line = f'avatars_budget_alerts_total{{key="{key}",window="{window}"}} '
            told = httpx.get(f"{service.url}/metrics", timeout=120).text
            found = [float(each.removeprefix(line)) for each in told.splitlines() if each.startswith(line)]
            return sum(found)

        assert {reply.status for reply in ask_all([service.url], FACES[:3], headers=[small])} == {200}
        time.sleep(3)  # it has looked by now
        assert alerts("daily", "small") == alerts("daily") == 0
        ask_all([service.url], FACES[3:4], headers=[small])
        wait_until(lambda: alerts("daily", "small") == 1)
        assert alerts("daily") == 0
        ask_all([service.url], FACES[4:8], headers=[large])
        wait_until(lambda: alerts("daily") == 1)
        ask_all([service.url], FACES[8:20], headers=[small, large])
        time.sleep(3)  # as above
        assert (alerts("daily"), alerts("daily", "small"), alerts("monthly")) == (1, 1, 0)
        lines = [json.loads(line) for line in service.log().splitlines() if "reached 80 %" in line]

    assert [(line["window"], line["key"], line["limit_usd"]) for line in lines] == [
        ("daily", "small", 0.05),
        ("daily", None, 0.1),
    ]
    assert lines[1]["spent_usd"] + lines[1]["reserved_usd"] == pytest.approx(0.08)


@pytest.mark.parametrize(("daily", "starts"), [("5", False), ("none", True)])
def test_a_model_without_a_price_needs_one_where_a_budget_is_set(
    paid: dict[str, str], monkeypatch: pytest.MonkeyPatch, daily: str, *, starts: bool
) -> None:
    environment = {**paid, "AVATARS_MODEL": "unheard-of", "AVATARS_DAILY_BUDGET_USD": daily}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    if starts:
        assemble(load_settings())
        return
    with pytest.raises(WrongSetting, match="AVATARS_PRICE_PER_IMAGE_USD"):
        assemble(load_settings())


@pytest.fixture
def history(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> list[ThreadedService]:
    """Two services that have had two faces drawn, three hits, a picture anew, a description and a stand-in."""
    here, there = services = [serve(paid, **FIXED), serve(paid, **FIXED)]
    ask(here, FACES[0])
    ask(there, FACES[1])
    for service, face in ((there, FACES[0]), (here, FACES[1]), (here, FACES[0])):
        assert ask(service, face)["cache_hit"]
    ask(here, FACES[0] | {"disable_cache": True})
    ask(there, {"properties": {"description": "a pirate"}})
    provider.mode = Mode.BAD_REQUEST
    assert ask(there, FACES[2])["provisional"]
    provider.mode = Mode.OK
    return services


EXPECTED: Final = {
    "faces": 2,
    "hits": 3,
    "misses": 3,
    "stand_ins": 1,
    "paid_calls": 4,
    "spent_usd": 0.04,
    "saved_usd": 0.03,
}


def figures(service: ThreadedService) -> dict[str, Any]:
    return {name: value for name, value in stats(service).items() if name in EXPECTED}


def test_the_figures_are_those_of_all_services(history: list[ThreadedService]) -> None:
    for service in history:
        wait_until(lambda service=service: figures(service) == EXPECTED)  # type: ignore[misc]


def test_the_figures_outlive_a_restart_and_cost_no_call(
    history: list[ThreadedService], paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    calls = len(provider.calls)
    for service in history:
        service.stop()

    again = serve(paid)

    assert figures(again) == EXPECTED
    assert budget(again)["spent_usd"] == budget(again, "monthly")["spent_usd"] == 0.04
    assert (budget(again)["limit_usd"], budget(again, "monthly")["limit_usd"]) == (5, None)
    assert stats(again)["provider"] == {"name": "openai", "model": "gpt-image-2.5-flare", "state": "ok"}
    assert len(provider.calls) == calls
