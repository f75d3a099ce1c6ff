"""Moderation: a description is checked before anything is paid, and where nobody checks it nothing is paid."""

import time

import httpx
import pytest

from avatars_as_a_service.settings import load_settings
from avatars_as_a_service.wiring import assemble
from tests.conftest import Serve
from tests.support.clock import stretched
from tests.support.fake_provider import LoopbackProvider, ModerationMode
from tests.support.ledger_checks import claims_held, ledger
from tests.support.service_runner import ThreadedService

MODERATED = {"AVATARS_MODERATION": "on"}
BODY = {"properties": {"description": "a pirate with a parrot"}}


def ask(service: ThreadedService, body: object = BODY, **headers: str) -> httpx.Response:
    return service.client.post("/query", json=body, headers=headers)


def test_what_is_flagged_is_refused_with_its_categories_and_not_paid_for(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, **MODERATED)
    provider.moderation = "flagged"

    answer = ask(service)

    assert (answer.status_code, answer.json()["code"]) == (422, "flagged")
    assert "harassment" in answer.json()["detail"]
    assert "violence" in answer.json()["detail"]
    assert provider.calls == []
    assert ledger(paid["DB_STRING"]) == []


def test_what_is_flagged_is_not_paid_for_by_way_of_a_key_either(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, **MODERATED)
    provider.moderation = "flagged"

    answers = [ask(service, **{"Idempotency-Key": "one"}) for _ in range(2)]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "flagged")}
    assert provider.calls == []
    assert claims_held(paid["DB_STRING"]) == 0


@pytest.mark.in_process("shortens how long moderation is waited for")
@pytest.mark.parametrize("fault", ["down", "hangs"])
def test_without_moderation_nothing_is_paid_for(
    paid: dict[str, str],
    provider: LoopbackProvider,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    fault: ModerationMode,
) -> None:
    monkeypatch.setattr("avatars_as_a_service.providers.openai_images._MODERATION_S", 1)
    service = serve(paid, **MODERATED)
    provider.moderation = fault
    began = time.monotonic()

    answer = ask(service)

    assert (answer.status_code, answer.json()["code"]) == (503, "moderation_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert time.monotonic() - began < stretched(5)
    assert provider.calls == []
    assert ledger(paid["DB_STRING"]) == []

    provider.moderation = "ok"
    assert ask(service).status_code == 200


def test_moderation_that_outlasts_the_deadline_is_no_reason_to_pay(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, **MODERATED, AVATARS_PROVIDER_TIMEOUT_S="1")
    provider.moderation = "hangs"

    answer = ask(service)

    assert answer.status_code in {503, 504}
    assert answer.json()["code"] in {"moderation_unavailable", "provider_timeout"}
    assert provider.calls == []


def test_what_passes_is_drawn(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid, **MODERATED)

    answer = ask(service)

    assert answer.status_code == 200
    assert [body["input"] for body in provider.moderations] == ["a pirate with a parrot"]
    assert len(provider.calls) == 1


def test_features_need_no_moderation(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid, **MODERATED)
    provider.moderation = "flagged"

    answers = [ask(service, {"properties": {"mood": "official"}}), ask(service, {"disable_cache": True})]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert provider.moderations == []


def test_auto_leaves_other_servers_than_openai_alone(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    provider.moderation = "flagged"

    answer = ask(serve(paid))

    assert answer.status_code == 200
    assert provider.moderations == []


def test_off_is_off(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    provider.moderation = "flagged"

    answer = ask(serve(paid, AVATARS_MODERATION="off"))

    assert answer.status_code == 200
    assert provider.moderations == []


@pytest.mark.parametrize("value", ["maybe", "sometimes"])
def test_another_word_stops_the_start(paid: dict[str, str], monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    for name, setting in {**paid, "AVATARS_MODERATION": value}.items():
        monkeypatch.setenv(name, setting)

    with pytest.raises(Exception, match="AVATARS_MODERATION"):
        assemble(load_settings())
