"""Budgets: the cap holds whatever comes at once, and the figures tell what was paid."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.wiring import assemble
from tests.books import Use, ledger, used
from tests.conftest import Serve
from tests.crowds import ask_all, different_faces
from tests.provider import LoopbackProvider, Mode
from tests.services import ThreadedService, wait_until

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
    assert answer["cost_usd"] == (read * 5 + 196 * 30) / 1_000_000
    (entry,) = ledger(paid["DB_STRING"])
    assert entry.cost == round(answer["cost_usd"] * 1_000_000) <= entry.bound
    assert entry.request_id is not None
    assert used(paid["DB_STRING"]) == [Use(spent=entry.cost, reserved=0)] * 2


def test_without_usage_a_picture_costs_its_published_price(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    provider.usage = False

    assert ask(serve(paid), FACES[0])["cost_usd"] == 0.0059


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
    provider.delay = 1.0
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.post, f"{service.url}/query", json=FACES[0])
        wait_until(lambda: len(provider.calls) == 1, 30)
        during = budget(service)
        asked.result()

    after = budget(service)
    assert (during["spent_usd"], during["reserved_usd"]) == (0, 0.01)
    assert (after["spent_usd"], after["reserved_usd"]) == (0.01, 0)


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
        wait_until(lambda service=service: figures(service) == EXPECTED, 8)  # type: ignore[misc]


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
