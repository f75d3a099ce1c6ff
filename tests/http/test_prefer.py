"""``Prefer`` on ``POST /query``: who would rather not wait is told when to come back, and the drawing goes on."""

from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.web.requests.prefer import WaitPreference, wait_preference
from tests.conftest import Serve
from tests.support import patient
from tests.support.clock import wait_until
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import faces_kept
from tests.support.service_runner import ThreadedService

FACE: Final = {"properties": {"mood": "official", "eye_color": "green"}}
KNIGHT: Final = {"properties": {"description": "a knight", "eye_color": "green"}}
ANEW: Final = {"properties": {"mood": "official"}, "disable_cache": True}


@pytest.fixture
def lite(provider: LoopbackProvider, tmp_path: Path) -> dict[str, str]:
    """The environment of a service whose model takes two seconds, on SQLite alone."""
    provider.delay = 2
    return {
        "DB_STRING": f"sqlite:///{tmp_path}/lite.db",
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
    }


def ask(service: ThreadedService, body: dict[str, Any], prefer: str, **headers: str) -> httpx.Response:
    return httpx.post(f"{service.url}/query", json=body, headers={"Prefer": prefer, **headers}, timeout=120)


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("respond-async", "respond-async"),
        ("wait=0", "wait=0"),
        ("wait=1", "wait=1"),
        ("respond-async, wait=1", "respond-async, wait=1"),
        ("Respond-Async; foo=bar , WAIT = 001", "respond-async, wait=1"),
    ],
)
@pytest.mark.slow
def test_a_face_that_takes_longer_is_stood_in_for_while_it_is_drawn(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve, prefer: str, applied: str
) -> None:
    service = serve(lite)

    early = ask(service, FACE, prefer)
    stand_in = patient.get(early.json()["data"]["image_url"])
    late = httpx.post(f"{service.url}/query", json=FACE, timeout=120)

    assert early.status_code == 202
    assert early.headers["preference-applied"] == applied
    assert int(early.headers["retry-after"]) >= 1
    assert early.headers["cache-control"] == "no-store"
    assert early.json() | {"data": 0, "prompt": 0} == {
        "data": 0,
        "cache_hit": False,
        "prompt": 0,
        "provisional": True,
        "cost_usd": 0,
        "reason": "still_drawing",
        "status_url": f"{service.url}/faces/{early.json()['data']['image_hash']}",
    }
    assert "size=256" in early.json()["data"]["image_url"]
    assert stand_in.headers["x-avatar-status"] == "provisional"
    assert (late.status_code, late.json()["provisional"]) == (200, False)
    assert late.json()["data"]["image_hash"] == early.json()["data"]["image_hash"]
    assert len(provider.calls) == 1


def test_coming_back_when_one_was_told_to_gets_the_face(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    """The first guess is ten seconds; once drawings have been seen, it is what they took."""
    service = serve(lite)
    first = ask(service, FACE, "respond-async")
    wait_until(lambda: faces_kept(lite["DB_STRING"]) == 1)
    again = ask(service, FACE, "respond-async")
    provider.delay = 0.1
    for variant in range(1, 9):
        httpx.post(f"{service.url}/query", json={"properties": {"variant": variant}}, timeout=120)
    provider.delay = 1
    second = ask(service, {"properties": {"variant": 9}}, "respond-async")

    assert 5 <= int(first.headers["retry-after"]) <= 10
    assert (again.status_code, again.json()["cache_hit"]) == (200, True)
    assert 1 <= int(second.headers["retry-after"]) <= 5


def test_what_is_there_in_time_is_no_matter_of_patience(lite: dict[str, str], serve: Serve) -> None:
    service = serve(lite)

    drawn = ask(service, FACE, "wait=30")
    hit = ask(service, FACE, "respond-async")

    assert [answer.status_code for answer in (drawn, hit)] == [200, 200]
    assert [answer.json()["provisional"] for answer in (drawn, hit)] == [False, False]
    assert not any("retry-after" in answer.headers for answer in (drawn, hit))


def test_a_kept_face_that_nobody_remembers_is_no_202(lite: dict[str, str], serve: Serve) -> None:
    httpx.post(f"{serve(lite).url}/query", json=FACE, timeout=120)
    forgetful = serve(lite, AVATARS_FACES_IN_MEMORY="1")

    assert ask(forgetful, FACE, "respond-async").status_code == 200


def test_the_local_artist_draws_faster_than_one_can_come_back(tmp_path: Path, serve: Serve) -> None:
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/local.db"})

    answer = ask(service, FACE, "respond-async")

    assert (answer.status_code, answer.json()["provisional"]) == (200, False)


@pytest.mark.parametrize("body", [KNIGHT, ANEW], ids=["description", "disable_cache"])
@pytest.mark.slow
def test_what_is_not_cached_is_waited_for_unless_it_can_be_asked_for_again(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve, body: dict[str, Any]
) -> None:
    service = serve(lite)

    unkeyed = ask(service, body, "respond-async")
    keyed = ask(service, body, "respond-async", **{"Idempotency-Key": "one"})
    later = httpx.post(f"{service.url}/query", json=body, headers={"Idempotency-Key": "one"}, timeout=120)
    again = ask(service, body, "respond-async", **{"Idempotency-Key": "one"})

    assert (unkeyed.status_code, unkeyed.json()["provisional"]) == (200, False)
    assert "preference-applied" not in unkeyed.headers
    assert (keyed.status_code, keyed.json()["provisional"]) == (202, True)
    assert patient.get(keyed.json()["data"]["image_url"]).headers["x-avatar-status"] == "provisional"
    assert (later.status_code, later.json()["provisional"]) == (200, False)
    assert keyed.json()["data"]["image_hash"] == later.json()["data"]["image_hash"]
    assert keyed.json()["prompt"] == later.json()["prompt"]
    assert (again.status_code, again.json()) == (200, later.json())
    assert len(provider.calls) == 2


def test_without_stand_ins_a_202_is_given_all_the_same_and_an_error_is_one(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(lite, AVATARS_STAND_IN="off", AVATARS_RETRY_WAIT_S="0.01")

    early = ask(service, FACE, "respond-async")
    provider.delay, provider.mode = 0, Mode.BAD_REQUEST
    refused = ask(service, {"properties": {"variant": 2}}, "respond-async")

    assert (early.status_code, early.json()["provisional"]) == (202, True)
    assert (refused.status_code, refused.json()["code"]) == (503, "provider_unavailable")


@pytest.mark.parametrize(
    "prefer", ["", "wait", "wait=", "wait=-1", "wait=1.5", "wait=soon", "handling=lenient", "wait=٣"]
)
@pytest.mark.slow
def test_what_is_no_preference_of_ours_changes_nothing(lite: dict[str, str], serve: Serve, prefer: str) -> None:
    service = serve(lite)

    answer = httpx.post(f"{service.url}/query", json=FACE, headers=[(b"prefer", prefer.encode())], timeout=120)

    assert (answer.status_code, answer.json()["provisional"]) == (200, False)
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        ([], None),
        (["return=minimal"], None),
        (["wait=5"], WaitPreference(5, "wait=5")),
        (["wait=5, wait=7"], WaitPreference(5, "wait=5")),
        (["handling=lenient", "wait=5"], WaitPreference(5, "wait=5")),
        (['foo="a, wait=1", wait=2'], WaitPreference(2, "wait=2")),
        (['foo="a\\", wait=1", wait=2; x="y, wait=3"'], WaitPreference(2, "wait=2")),
        (['wait="5"'], WaitPreference(5, "wait=5")),
        (["respond-async;wait=5"], WaitPreference(0, "respond-async")),
        (["respond-async, wait=x"], WaitPreference(0, "respond-async")),
        (["respond-async=1"], WaitPreference(0, "respond-async")),
        (["respond-asynchronously"], None),
        (["wait=" + "9" * 30], None),
        (["wait=999999999"], WaitPreference(999_999_999, "wait=999999999")),
        ([",,, ;=, wait=3 ,"], WaitPreference(3, "wait=3")),
        (["a" * 60_000], None),
        (["wait=1, " + "x" * 60_000], None),
    ],
)
def test_preferences_are_read_as_the_standard_writes_them(headers: list[str], wish: WaitPreference | None) -> None:
    assert wait_preference(headers) == wish
