"""Packed answers of a provider: an error is that error, a picture is that picture, and a bomb does not go off."""

import itertools
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.providers.content_coding import AnswerTooLarge, decoded
from tests.conftest import Serve
from tests.faults.test_provider_failures import FATES, RELEASED, SETTLED
from tests.http.test_odd_answers import OddProvider
from tests.http.test_odd_answers import answer as said
from tests.support.clock import wait_until
from tests.support.codings import LOST, Coding
from tests.support.concurrency import different_faces
from tests.support.fake_provider import BOMB_BYTES, LoopbackProvider, Mode
from tests.support.ledger_checks import Entry, ledger
from tests.support.service_runner import ThreadedService, new_service

PRICE: Final = 10_000
SHORT_S: Final = "1"
LONG_S: Final = "30"
PACKED: Final = tuple(coding for coding in Coding if coding is not Coding.NONE)
OPENED: Final = tuple(coding for coding in PACKED if coding not in LOST)
BOMBS: Final = (Coding.GZIP, Coding.GZIP_TWICE, Coding.DEFLATE, Coding.DEFLATE_RAW)
ERRORS: Final = (Mode.RATE_LIMIT, Mode.QUOTA, Mode.REFUSED, Mode.UNAUTHORIZED, Mode.BAD_GATEWAY, Mode.UNAVAILABLE)
_faces = itertools.cycle(different_faces(500, seed=11))


class Scene:
    """A provider, and services of one database before it: one that waits for long, one that does not."""

    def __init__(self, provider: LoopbackProvider, database: str, services: dict[bool, ThreadedService]) -> None:
        """With the services by whether they are in a hurry."""
        self.provider = provider
        self.database = database
        self._services = services

    def ask(self, mode: Mode, coding: Coding) -> tuple[httpx.Response, list[Entry]]:
        """What is answered for a face that nobody has asked for yet, and its rows in the ledger."""
        known = {entry.id for entry in ledger(self.database)}
        self.provider.mode, self.provider.coding = mode, coding
        hangs = mode in FATES and FATES[mode].hangs
        answer = self._services[hangs].client.post("/query", json=next(_faces))
        wait_until(lambda: {"reserved", "sent"}.isdisjoint({entry.state for entry in ledger(self.database)}))
        return answer, [entry for entry in ledger(self.database) if entry.id not in known]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("codings")
    database = f"sqlite:///{folder}/avatars.db"
    with LoopbackProvider() as provider, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in environment(provider.base_url, database).items():
            patch.setenv(name, value)
        services = {}
        for hurried, timeout in ((False, LONG_S), (True, SHORT_S)):
            patch.setenv("AVATARS_PROVIDER_TIMEOUT_S", timeout)
            services[hurried] = new_service().start()
        yield Scene(provider, database, services)
        for service in services.values():
            service.stop()


@pytest.fixture
def scene(stage: Scene) -> Scene:
    stage.provider.reset()
    stage.provider.slow_s, stage.provider.retry_after = 0.1, "0.05"
    return stage


def environment(base_url: str, database: str) -> dict[str, str]:
    return {
        "DB_STRING": database,
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": base_url,
        "AVATARS_STAND_IN": "off",
        "AVATARS_PRICE_PER_IMAGE_USD": str(PRICE / 1_000_000),
        "AVATARS_DAILY_BUDGET_USD": "1000",
        "AVATARS_RETRY_WAIT_S": "0.02",
        "AVATARS_BREAKER_PAUSE_S": "0.001",
        "AVATARS_QUOTA_PAUSE_S": "0.001",
        "AVATARS_REST_S": "500",
    }


def told(answer: httpx.Response, entries: list[Entry]) -> tuple[Any, ...]:
    """What a caller is told, and what the ledger says of it."""
    return answer.status_code, answer.json().get("code"), [(each.state, each.cost, each.outcome) for each in entries]


@pytest.mark.parametrize("mode", FATES)
def test_a_fault_in_gzip_is_the_same_fault(scene: Scene, mode: Mode) -> None:
    fate = FATES[mode]

    plain = told(*scene.ask(mode, Coding.NONE))
    calls = len(scene.provider.calls)
    packed = told(*scene.ask(mode, Coding.GZIP))

    assert packed == plain
    assert (plain[0], plain[1]) == (fate.status, fate.code)
    assert tuple(state for state, _, _ in packed[2]) == fate.calls
    assert len(scene.provider.calls) == 2 * calls


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("mode", ERRORS)
def test_an_error_has_its_status_however_it_is_packed(scene: Scene, mode: Mode, coding: Coding) -> None:
    """The words of a quota or a refusal are in the body: where that is lost, the status alone decides."""
    words_matter = mode in {Mode.QUOTA, Mode.REFUSED}

    answer, entries = scene.ask(mode, coding)

    status, code, rows = told(answer, entries)
    assert {state for state, _, _ in rows} == set(FATES[mode].calls)
    if coding in LOST and words_matter:
        assert (status, code) == (503, "provider_unavailable")
    else:
        assert (status, code) == (FATES[mode].status, FATES[mode].code)
        assert len(rows) == len(FATES[mode].calls)


@pytest.mark.parametrize("coding", OPENED)
@pytest.mark.parametrize("mode", [Mode.OK, Mode.URL])
def test_a_picture_is_kept_however_it_is_packed(scene: Scene, mode: Mode, coding: Coding) -> None:
    answer, entries = scene.ask(mode, coding)

    assert (answer.status_code, answer.json()["provisional"]) == (200, False)
    assert [entry.state for entry in entries] == [SETTLED]
    assert httpx.get(answer.json()["data"]["image_url"], timeout=120).headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize("coding", sorted(LOST))
@pytest.mark.parametrize("mode", [Mode.OK, Mode.URL])
def test_a_picture_that_cannot_be_unpacked_is_a_bad_answer(scene: Scene, mode: Mode, coding: Coding) -> None:
    answer, entries = scene.ask(mode, coding)

    assert (answer.status_code, answer.json()["code"]) == (502, "provider_bad_answer")
    assert [entry.state for entry in entries] == [SETTLED]


@pytest.mark.parametrize("coding", BOMBS)
@pytest.mark.parametrize("mode", [Mode.HUGE_BODY, Mode.URL_ENDLESS])
def test_a_bomb_is_a_bad_answer(scene: Scene, mode: Mode, coding: Coding) -> None:
    """What the provider packs here grows to 64 MiB."""
    answer, entries = scene.ask(mode, coding)

    assert (answer.status_code, answer.json()["code"]) == (502, "provider_bad_answer")
    assert [entry.state for entry in entries] == [SETTLED]


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_refused_before_it_has_grown(coding: Coding) -> None:
    bomb = coding.pack(bytes(BOMB_BYTES))
    tracemalloc.start()

    with pytest.raises(AnswerTooLarge):
        decoded(bomb, coding.header["Content-Encoding"], most=2**20)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_an_error_in_a_bomb_is_that_error(serve: Serve, tmp_path: Path) -> None:
    bomb = Coding.GZIP.pack(b'{"error": {"code": "insufficient_quota"}}'.ljust(BOMB_BYTES))
    odd = OddProvider(said(bomb, status="429 Too Many Requests", headers="Content-Encoding: gzip\r\n"))
    with odd.listening() as base_url:
        paid = environment(base_url, f"sqlite:///{tmp_path}/avatars.db")

        answer = serve(paid).client.post("/query", json={})

    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert {entry.state for entry in ledger(paid["DB_STRING"])} == {RELEASED}


def test_more_codings_than_any_server_uses_are_not_taken_off() -> None:
    body = b"x" * 100
    for _ in range(50):
        body = Coding.GZIP.pack(body)

    assert decoded(body, "gzip," * 50, most=2**20) == body


def test_a_quota_in_gzip_pauses_all_calls(provider: LoopbackProvider, serve: Serve, database: str) -> None:
    service = serve(environment(provider.base_url, database), AVATARS_QUOTA_PAUSE_S="60")
    provider.mode, provider.coding = Mode.QUOTA, Coding.GZIP

    answers = [service.client.post("/query", json=next(_faces)) for _ in range(2)]

    assert [answer.json()["code"] for answer in answers] == ["provider_quota"] * 2
    assert len(provider.calls) == 1
    assert [entry.state for entry in ledger(database)] == [RELEASED]
