"""``GET /faces/{image_hash}``: what has become of a face, told at once or when a drawing of any process has ended."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.faces import states
from tests.conftest import Serve
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import ThreadedService

FACE: Final[dict[str, Any]] = {"properties": {"mood": "official", "eye_color": "green"}}
ABSENT: Final = "0" * 32


@pytest.fixture
def lite(provider: LoopbackProvider, tmp_path: Path) -> dict[str, str]:
    """The environment of a service whose model takes a second, on SQLite alone."""
    provider.delay = 1
    return {
        "DB_STRING": f"sqlite:///{tmp_path}/lite.db",
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_RETRY_WAIT_S": "0.01",
    }


def begin(service: ThreadedService) -> httpx.Response:
    """Have the face drawn without waiting for it."""
    answer = service.client.post("/query", json=FACE, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    return answer


def state(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, Any] = answer.json()
    assert [*told] == ["image_hash", "state", "image_url", "reason", "retry_after_s"]
    return told


def test_a_face_is_absent_then_drawing_then_kept_in_every_process(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    drawing, other = serve(lite), serve(lite)
    never = state(other.client.get(f"/faces/{ABSENT}?wait=30"))
    early = begin(drawing)
    path = httpx.URL(early.json()["status_url"]).path

    at_once = state(other.client.get(path))
    briefly = state(other.client.get(path, params={"wait": 0}))
    with ThreadPoolExecutor(8) as pool:
        waited = [*pool.map(lambda service: state(service.client.get(f"{path}?wait=30")), [drawing, other] * 4)]
    kept = drawing.client.post("/query", json=FACE).json()

    assert never == {
        "image_hash": ABSENT, "state": "absent", "image_url": None, "reason": None, "retry_after_s": None
    }  # fmt: skip
    assert at_once["state"] == briefly["state"] == "drawing"
    assert (at_once["image_url"], at_once["reason"]) == (None, "still_drawing")
    assert at_once["retry_after_s"] >= 1
    assert {(each["state"], each["reason"], each["retry_after_s"]) for each in waited} == {("kept", None, None)}
    for each in waited:
        assert each["image_hash"] == kept["data"]["image_hash"]
        assert httpx.URL(each["image_url"]).path == httpx.URL(kept["data"]["image_url"]).path
    assert kept["cache_hit"] is True
    assert len(provider.calls) == 1


def test_a_drawing_that_fails_ends_the_wait_with_its_reason(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(lite, AVATARS_REST_S="600")
    provider.mode = Mode.NOT_A_PICTURE
    path = httpx.URL(begin(service).json()["status_url"]).path

    failed = state(service.client.get(f"{path}?wait=30"))
    again = service.client.post("/query", json=FACE)

    assert (failed["state"], failed["reason"]) == ("cooldown", "provider_bad_answer")
    assert 500 < failed["retry_after_s"] <= 600
    assert again.json()["provisional"] is True
    assert (again.json()["reason"], again.json()["status_url"]) == ("provider_bad_answer", f"{service.url}{path}")
    assert 500 < int(again.headers["retry-after"]) <= 600
    assert len(provider.calls) == 1


def test_a_drawing_that_has_not_claimed_its_face_yet_is_under_way(
    lite: dict[str, str], serve: Serve, tmp_path: Path
) -> None:
    service = serve(lite)
    with closing(sqlite3.connect(tmp_path / "lite.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # no claim can be written, and all can be read
        path = httpx.URL(begin(service).json()["status_url"]).path

        begun = [state(service.client.get(path, params={"wait": wait}))["state"] for wait in (0, 1)]
        other.execute("ROLLBACK")

        ended = state(service.client.get(f"{path}?wait=30"))["state"]

    assert (begun, ended) == (["drawing", "drawing"], "kept")


@pytest.mark.in_process("the number that may wait is a constant of the process")
def test_past_so_many_that_wait_others_are_answered_at_once(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "_MAX_WAITING", 2)
    service, answer = serve(lite), provider.hold_next()
    path = httpx.URL(begin(service).json()["status_url"]).path
    ended: list[str] = []
    first = threading.Event()

    def wait() -> None:
        ended.append(state(httpx.get(f"{service.url}{path}?wait=30", timeout=60))["state"])
        first.set()

    with ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            pool.submit(wait)
        first.wait(60)
        answer.set()

    assert sorted(ended) == ["drawing", "kept", "kept"]
    assert ended[0] == "drawing"


@pytest.mark.parametrize("name", ["x", "0" * 31, "0" * 33, "A" * 32, "g" * 32, f"{ABSENT}.webp", f"{ABSENT} "])
def test_what_is_no_key_is_no_face(local: httpx.Client, name: str) -> None:
    answer = local.get(f"/faces/{name}?wait=30")

    assert (answer.status_code, answer.json()["code"]) == (404, "face_not_found")


@pytest.mark.parametrize("wait", ["-1", "31", "1.5", "soon"])
def test_a_wait_is_from_0_to_30_seconds(local: httpx.Client, wait: str) -> None:
    answer = local.get(f"/faces/{ABSENT}", params={"wait": wait})

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "wait"]
