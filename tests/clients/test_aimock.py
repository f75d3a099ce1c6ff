"""aimock, a server of recorded answers, with each error that it can be told to make."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from tests.clients.installed import node_modules
from tests.clients.other_servers import SETTINGS, Told, check_draws_once, told
from tests.conftest import Serve
from tests.support.ledger_checks import faces_kept
from tests.support.program import answers, running
from tests.support.service_runner import free_port

COMMAND: Final = Path("@copilotkit", "aimock", "dist", "cli.js")
ERRORS: Final = {
    "a refused cat": {"code": "moderation_blocked", "status": 400},
    "a cat for no money": {"code": "insufficient_quota", "status": 429},
    "a cat too many": {"code": "rate_limit_exceeded", "status": 429},
    "a cat in a broken server": {"code": "server_error", "status": 500},
}
FAULTS: Final = {
    "a dropped cat": {"dropRate": 1},
    "a malformed cat": {"malformedRate": 1},
    "a disconnected cat": {"disconnectRate": 1},
    "a limited cat": {"rateLimitRate": 1},
    "a slow cat": {"latencyMs": 30_000},
}
EXPECTED: Final[dict[str, Told]] = {
    "a refused cat": (422, "refused", "released", 1),
    "a cat for no money": (503, "provider_quota", "released", 1),
    "a cat too many": (503, "provider_unavailable", "released", 3),
    "a cat in a broken server": (503, "provider_unavailable", "released", 3),
    "a dropped cat": (503, "provider_unavailable", "released", 3),
    "a malformed cat": (502, "provider_bad_answer", "settled", 1),
    "a disconnected cat": (503, "provider_unavailable", "unknown", 1),
    "a limited cat": (503, "provider_unavailable", "released", 3),
    "a slow cat": (504, "provider_timeout", "unknown", 1),
}


def fixtures() -> list[dict[str, Any]]:
    """What the server is told to answer, by words of the prompt; the last one is for all others."""
    file = BytesIO()
    Image.new("RGB", (256, 256), "teal").save(file, "PNG")
    picture = {"image": {"b64Json": base64.b64encode(file.getvalue()).decode()}}

    errors = [
        {"match": _prompt(words), "response": {"error": {"message": "no", **error}, "status": error["status"]}}
        for words, error in ERRORS.items()
    ]
    faults = [{"match": _prompt(words), "response": picture, "chaos": chaos} for words, chaos in FAULTS.items()]
    return [*errors, *faults, {"match": {"endpoint": "image"}, "response": picture}]


def _prompt(words: str) -> dict[str, str]:
    """Matches the prompts that hold these words."""
    return {"endpoint": "image", "userMessage": words}


@contextmanager
def aimock(folder: Path, known: list[dict[str, Any]], *options: str, keys: str | None = None) -> Iterator[str]:
    """Its base URL while it runs with these fixtures."""
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": known}))
    port = free_port()
    command = ["node", str(node_modules() / COMMAND), "--port", str(port), "--fixtures", "fixtures.json", *options]
    environment = {} if keys is None else {"AIMOCK_API_KEYS": keys}
    url = f"http://127.0.0.1:{port}"
    is_up = partial(answers, f"{url}/health")
    with running(command, folder / "aimock.txt", is_up=is_up, folder=folder, environment=environment):
        yield f"{url}/v1"


def test_each_answer_costs_what_it_should(serve: Serve, database: str, tmp_path: Path) -> None:
    with aimock(tmp_path, fixtures(), "--validate-on-load") as base_url:
        service = serve(SETTINGS, DB_STRING=database, OPENAI_BASE_URL=base_url)
        check_draws_once(service, database)

        answers = {words: told(service, database, words) for words in EXPECTED}

    assert answers == EXPECTED
    assert faces_kept(database) == 1


@pytest.mark.parametrize(
    ("options", "keys", "expected"),
    [
        ((), "another-key", (503, "provider_unavailable", "released", 1)),
        ((), None, (503, "provider_unavailable", "released", 1)),
        (("--strict",), None, (503, "provider_unavailable", "released", 3)),
    ],
    ids=["a key that it does not know", "a prompt that it does not know", "the same, told to be strict"],
)
def test_what_it_refuses_is_not_paid_for(
    *, serve: Serve, database: str, tmp_path: Path, options: tuple[str, ...], keys: str | None, expected: Told
) -> None:
    only_dogs = [{"match": _prompt("a dog"), "response": {"image": {"b64Json": ""}}}]
    with aimock(tmp_path, only_dogs, *options, keys=keys) as base_url:
        service = serve(SETTINGS, DB_STRING=database, OPENAI_BASE_URL=base_url)

        assert told(service, database, "a cat") == expected
