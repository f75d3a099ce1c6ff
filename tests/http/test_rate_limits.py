"""Limits: how often a caller may ask, in one process and over all replicas."""

import time
from typing import Final

import httpx
import pytest

from avatars_as_a_service.settings import WrongSetting, load_settings
from tests.conftest import Serve
from tests.support.api_keys import new_key
from tests.support.clock import stretched, wait_until
from tests.support.concurrency import ask_all, different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.fault_proxy import FaultProxy

FACES: Final = different_faces(200, seed=17)
KEY_A: Final = "key-of-the-caller-a"
KEY_B: Final = "key-of-the-caller-b"
NO_STAND_INS: Final = {"AVATARS_STAND_IN": "off"}


@pytest.fixture(params=["memory", "redis"])
def counted(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where limits are counted: in the process, and in Redis."""
    return {} if request.param == "memory" else {"AVATARS_REDIS_URL": request.getfixturevalue("counters")}


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_misses_are_limited_and_hits_are_not(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, counted: dict[str, str]
) -> None:
    client = serve(paid, **counted, AVATARS_RATE_LIMIT="3/minute").client

    misses = [client.post("/query", json=face) for face in FACES[:6]]
    hits = [client.post("/query", json=FACES[0]) for _ in range(20)]

    assert [told(answer) for answer in misses] == [(200, "")] * 3 + [(429, "too_many_requests")] * 3
    assert all(answer.json()["cache_hit"] for answer in hits)
    assert len(provider.calls) == 3
    refused = misses[-1].headers
    assert 50 <= int(refused["Retry-After"]) <= 60
    assert refused["RateLimit"] == f'"miss";r=0;t={refused["Retry-After"]}'
    assert refused["RateLimit-Policy"] == '"miss";q=3;w=60'
    legacy = [refused[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
    assert legacy == ["3", "0", refused["Retry-After"]]


def test_a_hit_that_only_the_database_has_does_not_count_as_a_miss(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    client = serve(paid, AVATARS_RATE_LIMIT="3/minute", AVATARS_FACES_IN_MEMORY="1").client

    answers = [client.post("/query", json=face) for face in FACES[:3] * 4]

    assert [told(answer) for answer in answers] == [(200, "")] * 12
    assert [answer.json()["cache_hit"] for answer in answers] == [False] * 3 + [True] * 9
    assert len(provider.calls) == 3


def test_the_wait_that_is_told_is_the_wait_that_it_takes(
    paid: dict[str, str], serve: Serve, counted: dict[str, str]
) -> None:
    client = serve(paid, **counted, AVATARS_RATE_LIMIT="100/day; 1 per 4 seconds").client
    assert client.post("/query", json=FACES[0]).status_code == 200
    time.sleep(0.6)  # so that what is left is no whole number of seconds
    # On a busy machine four seconds may have passed: then a face is drawn, and the next one refused.
    answers = (client.post("/query", json=face) for face in FACES[1:-1])
    refused = next(answer for answer in answers if answer.status_code != 200)
    assert refused.status_code == 429

    time.sleep(int(refused.headers["Retry-After"]) + 0.05)

    assert client.post("/query", json=FACES[-1]).status_code == 200


def test_of_several_limits_each_holds(paid: dict[str, str], serve: Serve) -> None:
    client = serve(paid, AVATARS_RATE_LIMIT="100/second;2/hour").client

    answers = [client.post("/query", json=face) for face in FACES[:3]]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 3500


def test_keys_are_counted_apart_from_each_other_and_from_those_without(
    paid: dict[str, str], serve: Serve, counted: dict[str, str]
) -> None:
    client = serve(paid, **counted, AVATARS_RATE_LIMIT="2/minute", AVATARS_API_KEYS=f"a:{KEY_A},b:{KEY_B}").client

    def statuses(faces: slice, headers: dict[str, str]) -> list[int]:
        return [client.post("/query", json=face, headers=headers).status_code for face in FACES[faces]]

    assert statuses(slice(0, 3), {"X-API-Key": KEY_A}) == [200, 200, 429]
    assert statuses(slice(3, 6), {"X-API-Key": KEY_B}) == [200, 200, 429]
    assert statuses(slice(6, 9), {}) == [401, 401, 429]
    assert statuses(slice(9, 10), {"X-API-Key": "guess"}) == [429]


@pytest.mark.slow
def test_a_key_has_a_limit_of_its_own(paid: dict[str, str], serve: Serve) -> None:
    key = new_key(paid, "slow", "--per-minute", "2")
    client = serve(paid, AVATARS_API_KEYS="fast:key-of-the-fast-one").client

    slow = [client.post("/query", json=face, headers={"X-API-Key": key}) for face in FACES[:3]]
    fast = [client.post("/query", json=face, headers={"X-API-Key": "key-of-the-fast-one"}) for face in FACES[3:8]]

    assert [answer.status_code for answer in slow] == [200, 200, 429]
    assert [answer.status_code for answer in fast] == [200] * 5


def test_in_redis_replicas_count_together(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, counters: str
) -> None:
    environment = {"AVATARS_REDIS_URL": counters, "AVATARS_RATE_LIMIT": "25/minute"}
    urls = [serve(paid, **environment).url for _ in range(2)]

    replies = ask_all(urls, FACES[:60])

    assert sorted(reply.status for reply in replies) == [200] * 25 + [429] * 35
    assert len(provider.calls) == 25


def test_while_redis_is_away_misses_get_a_stand_in_and_hits_go_on(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, counters: str
) -> None:
    with FaultProxy("127.0.0.1", 6379) as way:
        limits = {"AVATARS_REDIS_URL": counters.replace("6379", str(way.port)), "AVATARS_RATE_LIMIT": "100/minute"}
        client = serve(paid, **limits).client
        client.post("/query", json=FACES[0]).raise_for_status()

        way.cut()
        away = [client.post("/query", json=face).json() for face in FACES[:3]]
        uncached = client.post("/query", json=FACES[0] | {"disable_cache": True}).json()
        calls = len(provider.calls)
        way.restore()
        wait_until(lambda: not client.post("/query", json=FACES[1]).json()["provisional"])

    assert [answer["cache_hit"] for answer in away] == [True, False, False]
    assert [answer["provisional"] for answer in away] == [False, True, True]
    assert uncached["provisional"]
    assert calls == 1


def test_a_frozen_redis_holds_nobody_up_for_long(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, counters: str
) -> None:
    with FaultProxy("127.0.0.1", 6379) as way:
        limits = {"AVATARS_REDIS_URL": counters.replace("6379", str(way.port)), "AVATARS_RATE_LIMIT": "100/minute"}
        service = serve(paid, **limits, **NO_STAND_INS)
        service.client.post("/query", json=FACES[0]).raise_for_status()

        way.freeze()
        began = time.monotonic()
        replies = ask_all([service.url], FACES[1:])
        seconds = time.monotonic() - began

    assert {(reply.status, reply.body["code"]) for reply in replies} == {(503, "limits_unavailable")}
    assert seconds < stretched(10)
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AVATARS_RATE_LIMIT", "often"),
        ("AVATARS_RATE_LIMIT", "10/fortnight"),
        ("AVATARS_REDIS_URL", "http://127.0.0.1:6379"),
        ("AVATARS_API_KEYS", "no-colon"),
        ("AVATARS_API_KEYS", "a b:key"),
        ("AVATARS_API_KEYS", "shop:planted-key-of-the-shop,shop:planted-key-of-another"),
        ("AVATARS_API_KEYS", "shop:"),
        ("AVATARS_API_KEYS", "long:a-key-of-16-chars,shop:planted-15-char"),
        ("AVATARS_ADMIN_TOKEN", "planted-15-char"),
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(WrongSetting, match=rf"^{name}: ") as wrong:
        load_settings()

    assert "planted" not in str(wrong.value)
    assert "\n" not in str(wrong.value)
