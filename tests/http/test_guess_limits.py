"""Guessing: wrong API keys and tokens are limited for each client, in each worker's part or in Redis for all."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import patient
from tests.support.concurrency import different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.fault_proxy import FaultProxy
from tests.support.service_runner import processes

KEY: Final = "planted-key-of-the-shop"
OTHER: Final = "planted-key-of-the-blog"
TOKEN: Final = "planted-token-of-the-operator"
SECRETS: Final = {"AVATARS_API_KEYS": f"shop:{KEY},blog:{OTHER}", "AVATARS_ADMIN_TOKEN": TOKEN}
KEPT, *FACES = different_faces(60, seed=41)
LIMIT: Final = 30
Ask = Callable[[str, str], httpx.Response]
"""Asks a service, by its address, with a secret."""


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def draw(url: str, key: str) -> httpx.Response:
    """Always to be paid for: a face that is kept would be everybody's."""
    return patient.post(f"{url}/query", json=FACES[0] | {"disable_cache": True}, headers={"X-API-Key": key})


def look(url: str, token: str) -> httpx.Response:
    return patient.get(f"{url}/stats", headers={"Authorization": f"Bearer {token}"})


def guesses(ask: Ask, urls: list[str], many: int) -> Counter[tuple[int, str]]:
    """What so many wrong secrets are told, eight at a time, each over a connection of its own."""
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, urls[number % len(urls)], f"a-guess-{number}") for number in range(many)]
        return Counter(told(answer.result()) for answer in asked)


@dataclass(frozen=True, slots=True)
class Way:
    """How a secret is sent, what a wrong one is told, the right one, and another right one where there is any."""

    ask: Ask
    wrong: str
    right: str
    other: str | None


WAYS: Final = pytest.mark.parametrize(
    "way",
    [Way(draw, "api_key_wrong", KEY, OTHER), Way(look, "admin_token_wrong", TOKEN, None)],
    ids=["key", "token"],
)


@WAYS
def test_thirty_a_minute_then_none_is_looked_at_but_one_that_was_right_before(
    paid: dict[str, str], serve: Serve, way: Way
) -> None:
    url = serve(paid, **SECRETS).url
    patient.post(f"{url}/query", json=KEPT, headers={"X-API-Key": KEY}).raise_for_status()
    assert way.ask(url, way.right).status_code == 200

    assert guesses(way.ask, [url], 40) == {(403, way.wrong): LIMIT, (429, "too_many_failures"): 10}
    refused = way.ask(url, "another-guess")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert way.ask(url, way.right).status_code == 200
    if way.other is not None:
        assert told(way.ask(url, way.other)) == (429, "too_many_failures")
    hit = patient.post(f"{url}/query", json=KEPT, headers={"X-API-Key": "a-guess"})
    assert (hit.status_code, hit.json()["cache_hit"]) == (200, True)
    assert told(patient.post(f"{url}/query", json=FACES[9])) == (401, "api_key_needed")


def test_guesses_from_elsewhere_keep_nobody_out(paid: dict[str, str], serve: Serve) -> None:
    client = serve(paid, **SECRETS, AVATARS_TRUSTED_PROXIES="127.0.0.1").client

    def status(key: str, address: str) -> int:
        said = {"X-API-Key": key, "X-Forwarded-For": address}
        return client.post("/query", json=FACES[0] | {"disable_cache": True}, headers=said).status_code

    assert [status(f"a-guess-{n}", "203.0.113.9") for n in range(32)] == [403] * 30 + [429] * 2
    assert status(KEY, "203.0.113.10") == 200


def test_a_client_that_is_turned_away_for_asking_too_often_learns_nothing_by_guessing(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    url = serve(paid, **SECRETS, AVATARS_RATE_LIMIT="1/minute").url
    assert [patient.post(f"{url}/query", json=FACES[0]).status_code for _ in range(2)] == [401, 429]

    assert guesses(draw, [url], 40) == {(429, "too_many_requests"): 40}

    assert told(draw(url, KEY)) == (429, "too_many_requests")
    assert provider.calls == []


def test_in_private_mode_looking_at_what_is_kept_is_no_way_to_guess(paid: dict[str, str], serve: Serve) -> None:
    url = serve(paid, **SECRETS, AVATARS_PRIVATE="on").url

    def see(url: str, key: str) -> httpx.Response:
        return patient.get(f"{url}/avatar", headers={"X-API-Key": key})

    assert guesses(see, [url], 35) == {(403, "api_key_wrong"): LIMIT, (429, "too_many_failures"): 5}
    assert told(see(url, KEY)) == (429, "too_many_failures")


@pytest.mark.slow
@WAYS
def test_four_workers_together_allow_no_more(paid: dict[str, str], tmp_path: Path, way: Way) -> None:
    with processes({**paid, **SECRETS}, tmp_path, workers=4) as [service]:
        began = time.monotonic()
        seen = guesses(way.ask, [service.url], 150)
        seconds = time.monotonic() - began

    assert set(seen) == {(403, way.wrong), (429, "too_many_failures")}
    minutes_begun = 1 + seconds // 60
    assert LIMIT // 4 <= seen[403, way.wrong] <= LIMIT * minutes_begun


@WAYS
def test_with_redis_two_replicas_allow_as_many_as_one_and_know_each_other_s_clients(
    paid: dict[str, str],
    serve: Serve,
    counters: str,
    way: Way,
) -> None:
    urls = [serve(paid, **SECRETS, AVATARS_REDIS_URL=counters).url for _ in range(2)]
    assert way.ask(urls[0], way.right).status_code == 200

    assert guesses(way.ask, urls, 50) == {(403, way.wrong): LIMIT, (429, "too_many_failures"): 20}

    assert way.ask(urls[1], way.right).status_code == 200
    if way.other is not None:
        assert told(way.ask(urls[1], way.other)) == (429, "too_many_failures")


def test_while_redis_is_away_right_keys_work_and_each_process_counts_for_itself(
    paid: dict[str, str],
    serve: Serve,
    counters: str,
) -> None:
    with FaultProxy("127.0.0.1", 6379) as redis:
        url = serve(paid, **SECRETS, AVATARS_REDIS_URL=counters.replace("6379", str(redis.port))).url
        redis.cut()

        assert draw(url, KEY).status_code == 200
        assert guesses(draw, [url], 35) == {(403, "api_key_wrong"): LIMIT, (429, "too_many_failures"): 5}
        assert draw(url, KEY).status_code == 200
