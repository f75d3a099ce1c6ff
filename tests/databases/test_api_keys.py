"""API keys: what may be paid for needs one where there is any, and each has its own budget."""

import random
import re
import time
from collections import Counter
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import ledger_checks
from tests.support.api_keys import new_key
from tests.support.clock import stretched, wait_until
from tests.support.command_line import avatars
from tests.support.concurrency import Caller, ask_all, different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import processes

FIXED: Final = {"AVATARS_PRICE_PER_IMAGE_USD": "0.01"}
FACES: Final = different_faces(40, seed=8)
KEYS: Final = {"AVATARS_API_KEYS": "shop:key-of-the-web-shop,blog:key-of-the-weblog"}


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} | more


# --- who may ask ---


@on_sqlite
def test_where_there_is_a_key_what_may_cost_needs_one(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    client = serve(paid, **KEYS).client
    described = {"properties": {"description": "a pirate"}}
    for body in (FACES[0], described, FACES[0] | {"disable_cache": True}):
        without, wrong = client.post("/query", json=body), client.post("/query", json=body, headers=bearer("key"))
        assert told(without) == (401, "api_key_needed")
        assert without.headers["WWW-Authenticate"].startswith("Bearer")
        assert told(wrong) == (403, "api_key_wrong")

    assert provider.calls == []
    for n, headers in enumerate((bearer("key-of-the-web-shop"), {"X-API-Key": "key-of-the-weblog"})):
        assert client.post("/query", json=FACES[n], headers=headers).json()["cost_usd"] > 0
    assert [entry.payer for entry in ledger_checks.ledger(paid["DB_STRING"])] == ["shop", "blog"]


@on_sqlite
def test_hits_are_everybody_s_whatever_key_they_send(paid: dict[str, str], serve: Serve) -> None:
    drawn = serve(paid, **KEYS).client.post("/query", json=FACES[0], headers=bearer("key-of-the-web-shop")).json()
    forgetful = serve(paid, AVATARS_FACES_IN_MEMORY="1").client
    forgetful.post("/query", json=FACES[1], headers=bearer("key-of-the-web-shop")).raise_for_status()

    for headers in ({}, bearer("wrong"), bearer("key-of-the-weblog")):
        hit = forgetful.post("/query", json=FACES[0], headers=headers).json()
        assert (hit["cache_hit"], hit["cost_usd"]) == (True, 0)
        assert hit["data"]["image_hash"] == drawn["data"]["image_hash"]
        assert forgetful.get(hit["data"]["image_url"]).status_code == 200


@on_sqlite
def test_without_any_key_nothing_is_asked_for_one(paid: dict[str, str], serve: Serve) -> None:
    client = serve(paid).client

    assert client.post("/query", json=FACES[0]).json()["cost_usd"] > 0
    assert client.post("/query", json=FACES[1], headers=bearer("whatever")).json()["cost_usd"] > 0


def test_what_the_local_artist_draws_costs_nothing_and_needs_none(serve: Serve, tmp_path: Path) -> None:
    client = serve({"DB_STRING": f"sqlite:///{tmp_path}/x.db"}, **KEYS).client

    assert client.post("/query", json=FACES[0]).status_code == 200


@pytest.mark.slow
@on_sqlite
def test_a_key_for_web_pages_works_from_them_alone(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    key = new_key(paid, "page", "--origin", "https://a.example", "--origin", "https://b.example/")
    client = serve(paid).client

    for headers in (bearer(key), bearer(key, Origin="https://evil.example"), bearer(key, Origin="https://a.example.x")):
        assert told(client.post("/query", json=FACES[0], headers=headers)) == (403, "origin_not_allowed")
    assert provider.calls == []
    for n, origin in enumerate(("https://a.example", "https://b.example")):
        answer = client.post("/query", json=FACES[n], headers=bearer(key, Origin=origin))
        assert answer.json()["cost_usd"] > 0


@on_sqlite
def test_one_s_idempotency_key_is_not_another_s(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    client = serve(paid, **KEYS).client
    body = {"properties": {"description": "a pirate"}}

    answers = [
        client.post("/query", json=body, headers=bearer(key, **{"Idempotency-Key": "one"})).json()
        for key in ("key-of-the-web-shop", "key-of-the-weblog", "key-of-the-web-shop")
    ]

    assert len(provider.calls) == 2
    assert answers[0] == answers[2]


# --- the command ---


@pytest.mark.slow
@on_sqlite
def test_the_list_shows_what_a_key_has_spent_though_it_is_less_than_a_cent(paid: dict[str, str], serve: Serve) -> None:
    key = new_key(paid, "blog", "--monthly-usd", "5")
    serve(paid, AVATARS_PRICE_PER_IMAGE_USD="0.0046").client.post(
        "/query", json=FACES[0], headers=bearer(key)
    ).raise_for_status()

    _, line = avatars(paid, "keys", "list").stdout.splitlines()
    assert line.split("  ")[0] == "blog"
    assert "$0.0046 of $5.00" in line


@pytest.mark.slow
def test_a_key_is_shown_once_kept_as_a_hash_and_refused_within_five_seconds_of_its_end(
    database: str, paid: dict[str, str], serve: Serve
) -> None:
    key = new_key(paid, "shop")
    assert re.fullmatch(r"avk_[\w-]{43}", key)
    client = serve(paid, AVATARS_PRICE_PER_IMAGE_USD="0.01").client
    assert client.post("/query", json=FACES[0], headers=bearer(key)).json()["cost_usd"] > 0

    listed = avatars(paid, "keys", "list")
    revoked = avatars(paid, "keys", "revoke", "shop")
    since = time.monotonic()
    others = iter(different_faces(200, seed=3))
    wait_until(lambda: told(client.post("/query", json=next(others), headers=bearer(key)))[0] == 403)

    assert time.monotonic() - since < stretched(5)
    assert told(client.post("/query", json=next(others), headers=bearer(key))) == (403, "api_key_revoked")
    assert re.search(r"^shop +valid +\$0\.01", listed.stdout, re.MULTILINE)
    assert revoked.returncode == 0
    assert key not in listed.stdout + listed.stderr + revoked.stdout + revoked.stderr + repr(
        ledger_checks.everything(database)
    )


@pytest.mark.slow
def test_a_name_is_taken_for_good(tmp_path: Path) -> None:
    environment = {"DB_STRING": f"sqlite:///{tmp_path}/x.db"}
    new_key(environment, "shop")
    avatars(environment, "keys", "revoke", "shop")

    again = avatars(environment, "keys", "add", "shop")

    assert (again.returncode, again.stdout) == (1, "")
    assert "shop" in again.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "two words"],
        ["add", "a/b"],
        ["add", "x" * 41],
        ["add", "shop", "--daily-usd", "lots"],
        ["add", "shop", "--daily-usd", "-1"],
        ["add", "shop", "--origin", "*"],
        ["add", "shop", "--origin", "shop.example"],
        ["add", "shop", "--per-minute", "0"],
        ["revoke", "nobody"],
    ],
)
@pytest.mark.slow
def test_what_cannot_be_is_said_and_changes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    environment = {"DB_STRING": f"sqlite:///{tmp_path}/x.db"}

    ended = avatars(environment, "keys", *arguments)

    assert ended.returncode in {1, 2}
    assert ended.stdout == ""
    assert ended.stderr
    assert len(avatars(environment, "keys", "list").stdout.splitlines()) == 1


# --- budgets ---


def test_each_key_spends_its_own_budget_and_all_the_cap_to_the_cent_whatever_comes_at_once(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    """600 faces of two keys at once over four processes; then a third key's, which has no limit but everybody's."""
    small, large = new_key(paid, "small", "--daily-usd", "0.30"), new_key(paid, "large", "--monthly-usd", "0.25")
    callers = [bearer(small), bearer(large)] * 300
    random.Random(9).shuffle(callers)
    faces = different_faces(640, seed=5)
    environment = {**paid, **FIXED, "AVATARS_DAILY_BUDGET_USD": "0.70", "AVATARS_API_KEYS": "rest:key-of-all-the-rest"}
    with processes(environment, tmp_path, count=4) as services:
        urls = [service.url for service in services]
        replies = ask_all(urls, faces[:600], headers=callers)
        replies += ask_all(urls, faces[600:], headers=[bearer("key-of-all-the-rest")])

    assert {reply.status for reply in replies} == {200}
    assert sum(reply.body["cost_usd"] == 0.01 for reply in replies) == provider.paid == len(provider.calls) == 70
    paid_by = Counter(entry.payer for entry in ledger_checks.ledger(paid["DB_STRING"]) if entry.may_be_billed)
    assert paid_by == {"small": 30, "large": 25, "rest": 15}
    windows = ledger_checks.windows(paid["DB_STRING"])
    day, month = sorted((name for name in windows if "/" not in name), key=len, reverse=True)
    of_keys = {f"{window}/{name}": count * 10_000 for window in (day, month) for name, count in paid_by.items()}
    assert {name: use.spent for name, use in windows.items()} == {day: 700_000, month: 700_000, **of_keys}
    assert all(use.reserved == 0 for use in windows.values())


@on_sqlite
@pytest.mark.parametrize("window", ["daily", "monthly"])
@pytest.mark.slow
def test_a_key_whose_budget_is_used_up_says_so_and_others_go_on(
    paid: dict[str, str], serve: Serve, window: str
) -> None:
    key = new_key(paid, "shop", f"--{window}-usd", "0.01")
    client = serve(paid, **FIXED, AVATARS_STAND_IN="off", AVATARS_API_KEYS="blog:key-of-the-weblog").client
    assert client.post("/query", json=FACES[0], headers=bearer(key)).json()["cost_usd"] == 0.01

    over = client.post("/query", json=FACES[1], headers=bearer(key))

    assert told(over) == (503, "budget_exhausted")
    assert "'shop'" in over.json()["detail"]
    assert window in over.json()["detail"]
    assert client.post("/query", json=FACES[1], headers=bearer("key-of-the-weblog")).json()["cost_usd"] == 0.01


@on_sqlite
def test_who_may_pay_is_not_turned_back_with_one_who_may_not_and_asks_for_the_same(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    poor = new_key(paid, "poor", "--daily-usd", "0")
    service = serve(paid, **FIXED, AVATARS_API_KEYS="rich:key-of-those-with-money")
    callers: list[Caller] = [bearer(poor), bearer("key-of-those-with-money")] * 10

    replies = ask_all([service.url], [FACES[0]] * 20, headers=callers)

    assert {reply.body["provisional"] for reply in replies[1::2]} == {False}
    assert len(provider.calls) == 1
