"""Every way in which a provider fails: what it answers, what it costs, and what happens afterwards."""

import itertools
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import patient
from tests.support.clock import stretched, wait_until
from tests.support.concurrency import different_faces
from tests.support.databases import SERVERS, on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import Entry, claims_held, faces_kept, ledger
from tests.support.service_runner import ThreadedService, free_port, new_service

PRICE: Final = 10_000
REST_S: Final = 500
SHORT_S: Final = 1.0
LONG_S: Final = 30.0
SLACK_S: Final = 3.0

RELEASED, UNKNOWN, SETTLED = "released", "unknown", "settled"
_faces = itertools.cycle(different_faces(2000, seed=3))


@dataclass(frozen=True, slots=True)
class Fate:
    """What a fault is answered with, in which state it leaves each of its calls, and whether the face cools down."""

    status: int
    code: str
    calls: tuple[str, ...]
    cools_down: bool = False
    hangs: bool = False


UNAVAILABLE = Fate(503, "provider_unavailable", (RELEASED,))
RETRIED = replace(UNAVAILABLE, calls=(RELEASED,) * 3)
IN_DOUBT = replace(UNAVAILABLE, calls=(UNKNOWN,))
TOO_LATE = Fate(504, "provider_timeout", (UNKNOWN,), hangs=True)
OUT_OF_QUOTA = Fate(503, "provider_quota", (RELEASED,))
REFUSED = Fate(422, "refused", (RELEASED,), cools_down=True)
UNUSABLE = Fate(502, "provider_bad_answer", (SETTLED,), cools_down=True)

DRAWN: Final = (Mode.OK, Mode.SLOW, Mode.URL, Mode.URL_RELATIVE, Mode.URL_REDIRECT, Mode.URL_BROKEN_ONCE)
FATES: Final = {
    Mode.URL_ELSEWHERE: UNUSABLE,
    Mode.URL_PRIVATE: UNUSABLE,
    Mode.URL_ENDLESS: UNUSABLE,
    Mode.RATE_LIMIT: RETRIED,
    Mode.QUOTA: OUT_OF_QUOTA,
    Mode.SPEND_LIMIT: OUT_OF_QUOTA,
    Mode.HARD_LIMIT: OUT_OF_QUOTA,
    Mode.REFUSED: REFUSED,
    Mode.REFUSED_OLD: REFUSED,
    Mode.BAD_REQUEST: UNAVAILABLE,
    Mode.UNAUTHORIZED: UNAVAILABLE,
    Mode.FORBIDDEN: UNAVAILABLE,
    Mode.NOT_FOUND: UNAVAILABLE,
    Mode.CONFLICT: RETRIED,
    Mode.SERVER_ERROR: RETRIED,
    Mode.BAD_GATEWAY: IN_DOUBT,
    Mode.UNAVAILABLE: RETRIED,
    Mode.GATEWAY_TIMEOUT: IN_DOUBT,
    Mode.HTML: UNUSABLE,
    Mode.NOT_JSON: UNUSABLE,
    Mode.EMPTY_DATA: UNUSABLE,
    Mode.NO_PICTURE: UNUSABLE,
    Mode.BAD_BASE64: UNUSABLE,
    Mode.NOT_A_PICTURE: UNUSABLE,
    Mode.TRUNCATED: UNUSABLE,
    Mode.ANIMATED: UNUSABLE,
    Mode.SVG: UNUSABLE,
    Mode.BOMB: UNUSABLE,
    Mode.OVERSIZE: UNUSABLE,
    Mode.HUGE_BODY: UNUSABLE,
    Mode.HANGS: TOO_LATE,
    Mode.CLOSES: IN_DOUBT,
    Mode.CLOSES_MIDWAY: IN_DOUBT,
    Mode.RESET: IN_DOUBT,
    Mode.TRICKLE: TOO_LATE,
}
FAULT_OF_EACH_FATE: Final = {fate: mode for mode, fate in FATES.items()}.values()
# A mark for each parameter: parametrized together, the database would be made anew for each mode.
on_one_file = pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
on_each_server = pytest.mark.parametrize("shared_database", list(SERVERS), indirect=True)
every_fault = pytest.mark.parametrize("mode", list(FATES))
each_fate = pytest.mark.parametrize("mode", list(FAULT_OF_EACH_FATE))
"""Statuses and codes are those of any database; what a fault leaves in the ledger differs by fate alone."""


@dataclass(slots=True)
class Scene:
    """A provider, and services over one database: with stand-ins and without, patient and in a hurry."""

    provider: LoopbackProvider
    database: str
    services: dict[tuple[bool, bool], ThreadedService]
    known: set[str]

    def ask(self, body: dict[str, Any], mode: Mode, *, stand_ins: bool = False) -> httpx.Response:
        """What is answered while the provider is in that mode."""
        self.provider.mode = mode
        hangs = mode in FATES and FATES[mode].hangs
        return self.services[stand_ins, hangs].client.post("/query", json=body)

    def new_entries(self) -> list[Entry]:
        """What has come into the ledger since the test began."""
        return [entry for entry in ledger(self.database) if entry.id not in self.known]


@pytest.fixture(scope="module")
def stage(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The services of all tests of this table; their pauses are over at once."""
    folder, database = tmp_path_factory.mktemp("faults"), shared_database
    with LoopbackProvider() as provider, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in environment(provider.base_url, database, folder).items():
            patch.setenv(name, value)
        services = {}
        for stand_ins, hurried in itertools.product((False, True), repeat=2):
            patch.setenv("AVATARS_STAND_IN", "on" if stand_ins else "off")
            patch.setenv("AVATARS_PROVIDER_TIMEOUT_S", str(SHORT_S if hurried else LONG_S))
            services[stand_ins, hurried] = new_service().start()
        yield Scene(provider, database, services, set())
        for service in services.values():
            service.stop()


def environment(base_url: str, database: str, folder: Path) -> dict[str, str]:
    return {
        "DB_STRING": database,
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": base_url,
        "AVATARS_SPOOL": str(folder / "spool"),
        "AVATARS_PRICE_PER_IMAGE_USD": str(PRICE / 1_000_000),
        "AVATARS_DAILY_BUDGET_USD": "1000",
        "AVATARS_RETRY_WAIT_S": "0.02",
        "AVATARS_BREAKER_PAUSE_S": "0.001",
        "AVATARS_QUOTA_PAUSE_S": "0.001",
        "AVATARS_REST_S": str(REST_S),
    }


@pytest.fixture
def scene(stage: Scene) -> Scene:
    """The stage with a provider that has forgotten what it was asked, and breakers that let the next call through."""
    stage.provider.reset()
    stage.provider.slow_s, stage.provider.retry_after = 0.1, "0.05"
    stage.known = {entry.id for entry in ledger(stage.database)}
    return stage


def face() -> dict[str, Any]:
    """A face that nobody has asked for yet."""
    return next(_faces)


def drawn(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and not answer.json()["provisional"]


def retry_after(answer: httpx.Response) -> int:
    seconds = int(answer.headers["Retry-After"])
    assert seconds >= 1
    return seconds


def test_the_table_names_every_mode() -> None:
    assert {*FATES, *DRAWN, Mode.URL_HANGS, Mode.LARGE} == set(Mode)


@on_one_file
@every_fault
def test_a_fault_has_its_status_its_code_and_its_place_in_the_ledger(scene: Scene, mode: Mode) -> None:
    check_answer_and_ledger(scene, mode)


@on_each_server
@each_fate
def test_each_fate_has_its_place_in_the_ledger_of_a_server(scene: Scene, mode: Mode) -> None:
    check_answer_and_ledger(scene, mode)


def check_answer_and_ledger(scene: Scene, mode: Mode) -> None:
    fate, asked, faces_before = FATES[mode], face(), faces_kept(scene.database)
    began = time.monotonic()

    answer = scene.ask(asked, mode)

    assert time.monotonic() - began < stretched((SHORT_S if fate.hangs else LONG_S) + SLACK_S)
    assert (answer.status_code, answer.json()["code"]) == (fate.status, fate.code)
    assert retry_after(answer) <= (REST_S if fate.cools_down else 10)
    wait_until(lambda: claims_held(scene.database) == 0)
    entries = scene.new_entries()
    assert tuple(entry.state for entry in entries) == fate.calls
    assert all(entry.cost == (PRICE if entry.may_be_billed else 0) for entry in entries)
    assert len(scene.provider.calls) == len(fate.calls)
    assert sum(entry.may_be_billed for entry in entries) >= scene.provider.paid
    assert scene.provider.intrusions == 0
    assert faces_kept(scene.database) == faces_before


@on_one_file
@every_fault
def test_after_a_fault_the_face_is_drawn_unless_it_rests(scene: Scene, mode: Mode) -> None:
    check_next_request(scene, mode)


@on_each_server
@each_fate
def test_after_each_fate_the_face_is_drawn_unless_it_rests(scene: Scene, mode: Mode) -> None:
    check_next_request(scene, mode)


def check_next_request(scene: Scene, mode: Mode) -> None:
    fate, asked = FATES[mode], face()
    scene.ask(asked, mode)
    wait_until(lambda: claims_held(scene.database) == 0)

    again = scene.ask(asked, Mode.OK)

    if fate.cools_down:
        assert (again.status_code, again.json()["code"]) == (fate.status, fate.code)
        assert REST_S - 30 < retry_after(again) <= REST_S
        assert len(scene.provider.calls) == len(fate.calls)
    else:
        assert drawn(again)
        assert len(scene.provider.calls) == len(fate.calls) + 1


@on_one_file
@every_fault
def test_a_stand_in_answers_in_place_of_a_fault_but_not_of_a_refusal(scene: Scene, mode: Mode) -> None:
    fate = FATES[mode]

    answer = scene.ask(face(), mode, stand_ins=True)

    if fate is REFUSED:
        assert (answer.status_code, answer.json()["code"]) == (422, "refused")
        return
    body = answer.json()
    assert (answer.status_code, body["provisional"], body["cache_hit"], body["cost_usd"]) == (200, True, False, 0)
    picture = patient.get(body["data"]["image_url"])
    assert "/avatar?" in body["data"]["image_url"]
    assert (picture.status_code, picture.headers["X-Avatar-Status"]) == (200, "provisional")
    assert picture.headers["Content-Type"] == "image/png"  # for a client that takes anything


@on_one_file
@every_fault
def test_a_description_has_no_stand_in(scene: Scene, mode: Mode) -> None:
    fate = FATES[mode]

    answer = scene.ask({"properties": {"description": f"a face of {mode}"}}, mode, stand_ins=True)

    assert (answer.status_code, answer.json()["code"]) == (fate.status, fate.code)
    assert retry_after(answer) >= 1
    wait_until(lambda: {"reserved", "sent"}.isdisjoint({entry.state for entry in scene.new_entries()}))
    assert tuple(entry.state for entry in scene.new_entries()) == fate.calls


@on_one_file
@pytest.mark.parametrize("mode", DRAWN)
def test_a_picture_that_comes_in_any_form_is_kept(scene: Scene, mode: Mode) -> None:
    answer = scene.ask(face(), mode)

    assert drawn(answer)
    assert patient.get(answer.json()["data"]["image_url"]).headers["Content-Type"] == "image/webp"
    assert [entry.state for entry in scene.new_entries()] == [SETTLED]
    assert len(scene.provider.calls) == 1


@pytest.mark.slow
def test_a_picture_that_is_paid_for_is_fetched_past_the_deadline(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    provider.mode = Mode.URL_HANGS
    service = serve(alone, AVATARS_PROVIDER_TIMEOUT_S="1", AVATARS_STAND_IN="off")
    asked = face()

    late = service.client.post("/query", json=asked)
    wait_until(lambda: ledger(alone["DB_STRING"])[0].state == SETTLED)
    again = service.client.post("/query", json=asked)

    assert (late.status_code, late.json()["code"]) == (504, "provider_timeout")
    assert (again.status_code, again.json()["code"]) == (502, "provider_bad_answer")
    assert len(provider.calls) == 1


def test_a_download_that_fails_is_repeated_by_itself(scene: Scene) -> None:
    answer = scene.ask(face(), Mode.URL_BROKEN_ONCE)

    assert drawn(answer)
    assert (len(scene.provider.calls), scene.provider.downloads) == (1, 2)


# What follows has a service of its own, since it is about pauses.


@pytest.fixture
def alone(database: str, provider: LoopbackProvider, tmp_path: Path) -> dict[str, str]:
    """The environment of a service without stand-ins."""
    return environment(provider.base_url, database, tmp_path) | {"AVATARS_STAND_IN": "off"}


def code(answer: httpx.Response) -> str:
    return str(answer.json().get("code", "drawn"))


def detail(answer: httpx.Response) -> str:
    return str(answer.json()["detail"])


def ask_at_once(service: ThreadedService, count: int) -> list[httpx.Response]:
    """So many different faces, asked for at the same time."""
    bodies = [face() for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda body: httpx.post(f"{service.url}/query", json=body, timeout=120), bodies))


@on_sqlite
def test_a_wait_that_the_provider_asks_for_is_kept(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(alone)
    provider.script.extend([Mode.RATE_LIMIT, Mode.OK])
    provider.retry_after = "0.7"

    answer = service.client.post("/query", json=face())

    first, second = provider.calls
    assert drawn(answer)
    assert second.at - first.at >= 0.69


@on_sqlite
def test_a_wait_past_the_deadline_is_not_begun(alone: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(alone)
    provider.mode, provider.retry_after = Mode.RATE_LIMIT, "3600"
    began = time.monotonic()

    answer = service.client.post("/query", json=face())

    assert time.monotonic() - began < stretched(SLACK_S)
    assert (answer.status_code, code(answer), retry_after(answer)) == (503, "provider_unavailable", 3600)
    assert len(provider.calls) == 1


@on_sqlite
@pytest.mark.parametrize("said", ["nan", "inf", "-inf", "1e999", "-5", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_senseless_wait_does_no_harm(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve, said: str
) -> None:
    service = serve(alone)
    provider.mode, provider.retry_after = Mode.RATE_LIMIT, said

    answer = service.client.post("/query", json=face())

    assert (answer.status_code, code(answer)) == (503, "provider_unavailable")
    assert 1 <= retry_after(answer) <= 10
    assert len(provider.calls) == 3


@on_sqlite
@pytest.mark.parametrize("mode", [Mode.QUOTA, Mode.SPEND_LIMIT, Mode.HARD_LIMIT])
@pytest.mark.slow
def test_out_of_quota_pauses_all_calls_and_then_tries_one(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve, mode: Mode
) -> None:
    service = serve(alone, AVATARS_QUOTA_PAUSE_S="1.5")
    provider.mode = mode

    first, paused = (service.client.post("/query", json=face()) for _ in range(2))
    assert {code(first), code(paused)} == {"provider_quota"}
    assert retry_after(first) == math.ceil(1.5)
    assert len(provider.calls) == 1

    time.sleep(1.6)
    provider.delay = 0.3
    assert {code(answer) for answer in ask_at_once(service, 5)} == {"provider_quota"}
    assert len(provider.calls) == 2

    time.sleep(1.6)
    provider.mode = Mode.OK
    assert drawn(service.client.post("/query", json=face()))
    assert {code(answer) for answer in ask_at_once(service, 3)} == {"drawn"}


@on_sqlite
def test_what_fails_late_does_not_shorten_the_pause_of_a_quota(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(alone, AVATARS_QUOTA_PAUSE_S="60", AVATARS_BREAKER_PAUSE_S="0.05", AVATARS_PROVIDER_TIMEOUT_S="1.5")
    provider.script.extend([Mode.HANGS] * 6)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(ask_at_once, service, 6)
        wait_until(lambda: len(provider.calls) == 6)
        provider.mode = Mode.QUOTA
        service.client.post("/query", json=face())
        hanging.result()
    wait_until(lambda: UNKNOWN in {entry.state for entry in ledger(alone["DB_STRING"])})
    time.sleep(0.2)
    provider.mode = Mode.OK

    answer = service.client.post("/query", json=face())

    assert code(answer) == "provider_quota"
    assert retry_after(answer) > 30
    assert len(provider.calls) == 7


@on_sqlite
def test_what_was_begun_before_does_not_end_the_pause_of_a_quota(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(alone, AVATARS_QUOTA_PAUSE_S="60")
    provider.script.append(Mode.SLOW)
    provider.slow_s, provider.mode = 0.8, Mode.QUOTA
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask_at_once, service, 1)
        wait_until(lambda: len(provider.calls) == 1)
        assert code(service.client.post("/query", json=face())) == "provider_quota"
        assert drawn(slow.result()[0])

    answer = service.client.post("/query", json=face())

    assert code(answer) == "provider_quota"
    assert len(provider.calls) == 2


@on_sqlite
def test_the_breaker_opens_after_five_failures_and_tries_one(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(alone, AVATARS_BREAKER_PAUSE_S="1.5")
    provider.mode = Mode.BAD_GATEWAY
    for _ in range(5):
        service.client.post("/query", json=face())

    paused = service.client.post("/query", json=face())
    assert code(paused) == "provider_unavailable"
    assert retry_after(paused) <= 2
    assert len(provider.calls) == 5
    assert service.client.get("/stats").json()["provider"]["state"] == "paused"

    time.sleep(1.6)
    provider.delay = 0.3
    assert {code(answer) for answer in ask_at_once(service, 5)} == {"provider_unavailable"}
    assert len(provider.calls) == 6

    time.sleep(1.6)
    provider.mode = Mode.OK
    assert "drawn" in {code(answer) for answer in ask_at_once(service, 5)}
    assert {code(answer) for answer in ask_at_once(service, 3)} == {"drawn"}
    assert service.client.get("/stats").json()["provider"]["state"] == "ok"


@on_sqlite
@pytest.mark.parametrize("ending", [Mode.REFUSED, Mode.NOT_A_PICTURE, Mode.HANGS, Mode.RESET, Mode.RATE_LIMIT])
@pytest.mark.slow
def test_a_trial_that_ends_in_any_way_lets_another_follow(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve, ending: Mode
) -> None:
    service = serve(alone, AVATARS_QUOTA_PAUSE_S="0.2", AVATARS_BREAKER_PAUSE_S="0.2", AVATARS_PROVIDER_TIMEOUT_S="1.5")
    provider.script.extend([Mode.QUOTA, ending])
    service.client.post("/query", json=face())
    time.sleep(0.3)
    service.client.post("/query", json=face())

    wait_until(lambda: drawn(service.client.post("/query", json=face())))


@pytest.mark.parametrize(("mode", "fate"), [(Mode.REFUSED, REFUSED), (Mode.NOT_A_PICTURE, UNUSABLE)])
@pytest.mark.slow
def test_a_face_rests_for_every_service_on_the_database_and_then_is_drawn(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve, mode: Mode, fate: Fate
) -> None:
    asked, here, there = face(), serve(alone, AVATARS_REST_S="3"), serve(alone, AVATARS_REST_S="3")
    provider.script.append(mode)
    here.client.post("/query", json=asked)

    resting = there.client.post("/query", json=asked)
    assert (resting.status_code, code(resting)) == (fate.status, fate.code)
    assert len(provider.calls) == 1
    assert drawn(there.client.post("/query", json=face()))

    time.sleep(retry_after(resting))
    assert drawn(there.client.post("/query", json=asked))


@on_sqlite
def test_a_provider_that_nobody_answers_for_costs_nothing(alone: dict[str, str], serve: Serve) -> None:
    service = serve(alone, OPENAI_BASE_URL=f"http://127.0.0.1:{free_port()}/v1")

    answer = service.client.post("/query", json=face())

    assert (answer.status_code, code(answer)) == (503, "provider_unavailable")
    assert detail(answer) == "The image provider is not available: it could not be reached. Try again later."
    assert [(entry.state, entry.outcome) for entry in ledger(alone["DB_STRING"])] == [(RELEASED, "ConnectError")] * 3


@on_sqlite
@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (Mode.UNAUTHORIZED, "it answered '401 invalid_api_key'"),
        (Mode.BAD_GATEWAY, "it answered '502'"),
        (Mode.CLOSES, "its answer did not arrive"),
        (Mode.RESET, "its answer did not arrive"),
    ],
)
def test_a_client_reads_how_the_provider_failed(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve, mode: Mode, reason: str
) -> None:
    provider.mode = mode

    answer = serve(alone).client.post("/query", json=face())

    assert detail(answer) == f"The image provider is not available: {reason}. Try again later."


@on_sqlite
def test_a_provider_that_comes_up_between_two_tries_draws(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    port = free_port()
    service = serve(alone, OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1", AVATARS_RETRY_WAIT_S="1")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask_at_once, service, 1)
        wait_until(lambda: RELEASED in {entry.state for entry in ledger(alone["DB_STRING"])})
        with LoopbackProvider(port=port) as late:
            assert drawn(asked.result()[0])
            assert late.paid == 1
    assert provider.calls == []


@on_sqlite
def test_a_full_queue_is_said_at_once_and_costs_nothing(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(alone, AVATARS_PROVIDER_CONCURRENCY="1", AVATARS_PROVIDER_QUEUE="1")
    provider.delay = 1.0

    answers = ask_at_once(service, 4)

    assert sorted(code(answer) for answer in answers) == ["busy", "busy", "drawn", "drawn"]
    busy = [answer for answer in answers if code(answer) == "busy"]
    assert {answer.status_code for answer in busy} == {503}
    assert all(retry_after(answer) >= 1 for answer in busy)
    assert len(provider.calls) == 2
    assert sorted(entry.state for entry in ledger(alone["DB_STRING"])) == [RELEASED, RELEASED, SETTLED, SETTLED]


def test_a_deadline_that_passes_in_the_queue_costs_nothing(
    alone: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    """On a busy machine, who comes later may still have time for a call of its own when the first one has ended."""
    service = serve(alone, AVATARS_PROVIDER_CONCURRENCY="1", AVATARS_PROVIDER_TIMEOUT_S="1.5")
    provider.mode = Mode.HANGS
    began = time.monotonic()

    answers = ask_at_once(service, 3)

    assert time.monotonic() - began < stretched(1.5 + SLACK_S)
    assert {answer.status_code for answer in answers} == {504}
    wait_until(lambda: {"reserved", "sent"}.isdisjoint({entry.state for entry in ledger(alone["DB_STRING"])}))
    states = [entry.state for entry in ledger(alone["DB_STRING"])]
    assert set(states) == {RELEASED, UNKNOWN}
    assert len(states) == 3
    assert len(provider.calls) == states.count(UNKNOWN)
