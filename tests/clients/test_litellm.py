"""LiteLLM's proxy in front of an image server: what it makes of each answer, and its own refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.clients.installed import tool
from tests.clients.other_servers import SETTINGS, Told, check_draws_once, told
from tests.conftest import Serve
from tests.support.fake_provider.scripted import ScriptedServer, always, reply
from tests.support.fake_provider.shapes import OPENAI, ShapedServer, error
from tests.support.ledger_checks import ledger
from tests.support.program import answers, running
from tests.support.service_runner import free_port

MASTER_KEY: Final = "sk-planted-secret"
CONFIGURATION: Final = """
model_list:
  - model_name: gpt-image-2.5-flare
    litellm_params: {{model: openai/gpt-image-2.5-flare, api_base: "{upstream}/v1", api_key: sk-upstream}}
    model_info: {{mode: image_generation}}
router_settings: {{num_retries: 0, disable_cooldowns: {without_cooldowns}}}
general_settings: {{master_key: {key}}}
"""
WRONG_KEY: Final = error(401, "invalid_api_key", "no")
ANSWERS: Final[dict[str, tuple[bytes, Told]]] = {
    "a refusal": (OPENAI.refusal, (422, "refused", "released", 1)),
    "no money": (OPENAI.no_money, (503, "provider_unavailable", "released", 3)),
    "a rate limit": (OPENAI.rate_limit, (503, "provider_unavailable", "released", 3)),
    "a wrong key upstream": (WRONG_KEY, (503, "provider_unavailable", "released", 1)),
    "a broken answer": (OPENAI.broken, (502, "provider_bad_answer", "settled", 1)),
    "no JSON": (reply(b"<html>"), (503, "provider_unavailable", "unknown", 1)),
    "400": (error(400, "invalid_value", "no such size"), (503, "provider_unavailable", "released", 1)),
    "404": (error(404, None, "no such model"), (503, "provider_unavailable", "released", 1)),
    "408": (error(408, None, "late"), (503, "provider_unavailable", "unknown", 1)),
    "500": (error(500, "server_error", "no"), (503, "provider_unavailable", "released", 3)),
    "502": (error(502, None, "no"), (503, "provider_unavailable", "unknown", 1)),
    "503": (error(503, None, "no"), (503, "provider_unavailable", "released", 3)),
    "504": (error(504, None, "no"), (503, "provider_unavailable", "unknown", 1)),
    "a connection that ends": (OPENAI.broken[:-1], (503, "provider_unavailable", "unknown", 1)),
}
"""What the server behind the proxy answers, and what it costs."""


@contextmanager
def litellm(upstream: str, folder: Path, *, without_cooldowns: bool = True) -> Iterator[str]:
    """Its base URL while it runs."""
    port = free_port()
    (folder / "litellm.yaml").write_text(
        CONFIGURATION.format(upstream=upstream, key=MASTER_KEY, without_cooldowns=str(without_cooldowns).lower())
    )
    command: list[str | Path] = [
        tool("clients", "litellm"),
        "--config",
        "litellm.yaml",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    url = f"http://127.0.0.1:{port}"
    is_up = partial(answers, f"{url}/health/liveliness")
    with running(command, folder / "litellm.txt", is_up=is_up, folder=folder, environment=environment):
        yield url


@pytest.fixture
def upstream() -> Iterator[ScriptedServer]:
    with ScriptedServer(always(reply(b"", status=404))).listening() as server:
        yield server


def test_each_answer_costs_what_it_should(
    serve: Serve, database: str, upstream: ScriptedServer, tmp_path: Path
) -> None:
    shaped = ShapedServer(OPENAI, upstream)
    with litellm(upstream.origin, tmp_path) as base_url:
        service = serve(SETTINGS, DB_STRING=database, OPENAI_BASE_URL=base_url)
        check_draws_once(service, database)
        assert len(upstream.calls) == 2

        answers = {}
        for name, (fault, _) in ANSWERS.items():
            shaped.fault = fault
            answers[name] = told(service, database, f"a cat for {name}")

    assert answers == {name: expected for name, (_, expected) in ANSWERS.items()}


def test_its_own_refusals_are_not_paid_for(
    serve: Serve, database: str, upstream: ScriptedServer, tmp_path: Path
) -> None:
    ShapedServer(OPENAI, upstream)
    with litellm(upstream.origin, tmp_path) as base_url:
        settings = SETTINGS | {"DB_STRING": database, "OPENAI_BASE_URL": base_url}
        wrong_key = told(serve(settings, OPENAI_API_KEY="sk-of-nobody"), database, "a cat for a wrong key")
        unknown = told(serve(settings, AVATARS_MODEL="gpt-image-2"), database, "a cat of another model")

    assert wrong_key == (503, "provider_unavailable", "released", 1)
    assert unknown == (503, "provider_unavailable", "released", 1)
    assert upstream.calls == []


def test_its_cooldown_after_an_error_is_not_paid_for(
    serve: Serve, database: str, upstream: ScriptedServer, tmp_path: Path
) -> None:
    shaped = ShapedServer(OPENAI, upstream)
    shaped.fault = WRONG_KEY
    with litellm(upstream.origin, tmp_path, without_cooldowns=False) as base_url:
        service = serve(SETTINGS, DB_STRING=database, OPENAI_BASE_URL=base_url)
        told(service, database, "a cat for a wrong key")
        asked = len(upstream.calls)
        shaped.fault = None

        assert told(service, database, "a cat in the cooldown") == (503, "provider_unavailable", "released", 3)

    assert len(upstream.calls) == asked
    assert {entry.state for entry in ledger(database)} == {"released"}
