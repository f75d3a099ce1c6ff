"""``Idempotency-Key``: what is not cached is paid for once for each key, at once, across processes, after failures."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any, Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import patient
from tests.support.clock import wait_until
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import ledger
from tests.support.service_runner import ThreadedService

Body = dict[str, Any]
PIRATE: Final[Body] = {"properties": {"description": "a pirate with a parrot"}}
ANEW: Final[Body] = {"properties": {"mood": "official"}, "disable_cache": True}


def ask(service: ThreadedService, body: Body = PIRATE, *, key: str = "one") -> httpx.Response:
    return httpx.post(f"{service.url}/query", json=body, headers={"Idempotency-Key": key}, timeout=120)


def ask_at_once(services: Sequence[ThreadedService], count: int, body: Body = PIRATE) -> list[httpx.Response]:
    with ThreadPoolExecutor(count) as pool:
        asked = zip(cycle(services), range(count), strict=False)
        return [future.result() for future in [pool.submit(ask, service, body) for service, _ in asked]]


def contents(answer: httpx.Response) -> Body:
    """The answer without the host that it was asked of."""
    assert answer.status_code == 200, answer.text
    body: Body = answer.json()
    body["data"]["image_url"] = httpx.URL(body["data"]["image_url"]).path
    return body


@pytest.mark.parametrize("body", [PIRATE, ANEW], ids=["description", "disable_cache"])
def test_ten_retries_five_of_them_at_once_over_two_services_are_one_call(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, body: Body
) -> None:
    services = [serve(paid), serve(paid)]
    provider.delay = 0.3

    answers = ask_at_once(services, 5, body)
    answers += [ask(service, body) for service, _ in zip(cycle(services), range(5), strict=False)]

    first = contents(answers[0])
    assert all(contents(answer) == first for answer in answers)
    assert first["cost_usd"] > 0
    assert (first["provisional"], first["cache_hit"]) == (False, False)
    assert patient.get(answers[-1].json()["data"]["image_url"]).status_code == 200
    assert len(provider.calls) == 1
    assert [entry.state for entry in ledger(paid["DB_STRING"])] == ["settled"]


def test_a_restarted_service_gives_the_same_answer(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    before = serve(paid)
    first = contents(ask(before))
    before.stop()

    assert contents(ask(serve(paid))) == first
    assert len(provider.calls) == 1


def test_another_key_and_no_key_pay_for_themselves(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)

    pictures = {contents(ask(service, key=key))["data"]["image_url"] for key in ("one", "two", "ONE")}
    pictures |= {contents(service.client.post("/query", json=PIRATE))["data"]["image_url"] for _ in range(2)}

    assert len(pictures) == len(provider.calls) == 5


@pytest.mark.parametrize(
    "other",
    [
        {"properties": {"description": "a pirate with a parro"}},
        {"properties": {"description": "a pirate with a parrot", "mood": "official"}},
        {"properties": {"description": "a pirate with a parrot"}, "disable_cache": True},
        ANEW,
    ],
)
def test_the_same_key_with_another_body_is_refused(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, other: Body
) -> None:
    here, there = serve(paid), serve(paid)
    first = contents(ask(here))

    for service in (here, there):
        answer = ask(service, other)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert contents(ask(there)) == first
    assert len(provider.calls) == 1


def test_of_two_bodies_at_once_with_one_key_one_is_refused(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    services = [serve(paid), serve(paid)]
    provider.delay = 0.5

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(ask, services, [PIRATE, ANEW]))

    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert len(provider.calls) == 1


def test_the_same_body_in_other_words_is_the_same(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    first = contents(ask(service, {"properties": {"mood": "official"}, "disable_cache": True}))

    again = ask(service, {"disable_cache": True, "properties": {"glasses": None, "variant": 0, "mood": "OFFICIAL"}})

    assert contents(again) == first
    assert len(provider.calls) == 1


def test_a_key_has_one_to_255_characters(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid)

    answers = {length: ask(service, key="k" * length) for length in (0, 1, 255, 256, 4000)}

    assert {length: answer.status_code for length, answer in answers.items()} == {
        0: 422,
        1: 200,
        255: 200,
        256: 422,
        4000: 422,
    }
    assert {answers[length].json()["code"] for length in (0, 256, 4000)} == {"idempotency_key_invalid"}
    assert len(provider.calls) == 2


def test_two_long_keys_that_differ_in_their_last_character_are_two(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)

    contents(ask(service, key="k" * 254 + "a"))
    contents(ask(service, key="k" * 254 + "b"))

    assert len(provider.calls) == 2


def test_a_face_that_is_cached_needs_no_key(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid)

    first = contents(ask(service, {"properties": {"mood": "fun"}}))
    hit = contents(ask(service, {"properties": {"mood": "fun"}}))
    other = contents(ask(service, {"properties": {"mood": "official"}}))

    assert (first["cache_hit"], hit["cache_hit"], other["cache_hit"]) == (False, True, False)
    assert first["data"]["image_hash"] != other["data"]["image_hash"]
    assert len(provider.calls) == 2


@pytest.mark.parametrize("mode", [Mode.BAD_GATEWAY, Mode.RESET, Mode.CLOSES_MIDWAY, Mode.HANGS, Mode.NOT_A_PICTURE])
@pytest.mark.slow
def test_after_a_call_that_may_be_billed_the_key_never_pays_again(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, mode: Mode
) -> None:
    hasty = {"AVATARS_PROVIDER_TIMEOUT_S": "3", "AVATARS_REST_S": "0.01", "AVATARS_BREAKER_PAUSE_S": "0.01"}
    here, there = serve(paid, **hasty), serve(paid, **hasty)
    provider.script.append(mode)

    first = ask(here)
    # Until the failure is written down, a retry shares the answer of the first one.
    wait_until(lambda: all(int(ask(service).headers["Retry-After"]) > 80_000 for service in (here, there)))
    retries = [ask(service) for service in (here, there, here)]

    assert first.status_code in {502, 503, 504}
    assert all(answer.status_code == first.status_code for answer in retries)
    assert all(answer.json()["code"] == first.json()["code"] for answer in retries)
    assert all(int(answer.headers["Retry-After"]) > 80_000 for answer in retries)
    assert len(provider.calls) == 1
    assert contents(ask(here, key="two"))["cost_usd"] > 0


@pytest.mark.parametrize("mode", [Mode.BAD_REQUEST, Mode.UNAUTHORIZED, Mode.RATE_LIMIT, Mode.UNAVAILABLE])
def test_after_a_call_that_was_not_billed_the_key_may_pay(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, mode: Mode
) -> None:
    service = serve(paid)
    provider.mode = mode
    assert ask(service).status_code == 503
    provider.mode = Mode.OK

    answer = contents(ask(service))

    assert answer["cost_usd"] > 0
    assert contents(ask(service)) == answer
    assert provider.paid == 1


def test_a_stand_in_is_no_answer_to_be_repeated(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid)
    provider.mode = Mode.BAD_REQUEST
    assert contents(ask(service, ANEW))["provisional"]
    provider.mode = Mode.OK

    assert not contents(ask(service, ANEW))["provisional"]
    assert provider.paid == 1
