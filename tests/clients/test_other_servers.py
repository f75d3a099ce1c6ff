"""An image server that others wrote, with each error that it can be told to make."""

import base64
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import httpx
from PIL import Image

from tests.clients.test_programs import node_modules
from tests.conftest import Serve
from tests.support.clock import wait_until
from tests.support.ledger_checks import faces_kept, ledger
from tests.support.service_runner import free_port

AIMOCK: Final = Path("@copilotkit", "aimock", "dist", "cli.js")
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
}
EXPECTED: Final = {
    "a refused cat": (422, "refused", "released", 1),
    "a cat for no money": (503, "provider_quota", "released", 1),
    "a cat too many": (503, "provider_unavailable", "released", 3),
    "a cat in a broken server": (503, "provider_unavailable", "released", 3),
    "a dropped cat": (503, "provider_unavailable", "released", 3),
    "a malformed cat": (502, "provider_bad_answer", "settled", 1),
    "a disconnected cat": (503, "provider_unavailable", "unknown", 1),
}
"""For each description: the status, the code, the state of its calls in the ledger, and how many calls there are."""


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
def aimock(folder: Path) -> Iterator[str]:
    """Its base URL while it runs."""
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": fixtures()}))
    port = free_port()
    command = ["node", str(node_modules() / AIMOCK), "--port", str(port), "--fixtures", "fixtures.json"]
    with (folder / "aimock.txt").open("wb") as log:
        process = subprocess.Popen([*command, "--validate-on-load"], cwd=folder, stdout=log, stderr=log)
    try:
        wait_until(lambda: _listens(port) or process.poll() is not None)
        assert process.poll() is None, (folder / "aimock.txt").read_text()
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/health", timeout=5)
    except httpx.TransportError:
        return False
    return True


def test_each_answer_of_aimock_costs_what_it_should(serve: Serve, database: str, tmp_path: Path) -> None:
    with aimock(tmp_path) as base_url:
        client = serve(
            {
                "DB_STRING": database,
                "OPENAI_API_KEY": "sk-planted-secret",
                "OPENAI_BASE_URL": base_url,
                "AVATARS_PRICE_PER_IMAGE_USD": "0.01",
                "AVATARS_STAND_IN": "off",
                "AVATARS_MODERATION": "off",
                "AVATARS_RETRY_WAIT_S": "0.05",
                "AVATARS_QUOTA_PAUSE_S": "0.001",
                "AVATARS_BREAKER_PAUSE_S": "0.001",
            }
        ).client
        drawn = [client.post("/query", json={"properties": {"mood": "fun"}}).json() for _ in range(2)]
        described = client.post("/query", json={"properties": {"description": "a cat"}}).json()
        spent = Counter(entry.state for entry in ledger(database))
        told = {}
        for words in ERRORS | FAULTS:
            before = {entry.id for entry in ledger(database)}
            answer = client.post("/query", json={"properties": {"description": words}})
            new = [entry.state for entry in ledger(database) if entry.id not in before]
            (state,) = set(new)
            told[words] = (answer.status_code, answer.json()["code"], state, len(new))

    assert [(answer["cache_hit"], answer["cost_usd"]) for answer in drawn] == [(False, 0.01), (True, 0)]
    assert described["cost_usd"] == 0.01
    assert spent == {"settled": 2}
    assert told == EXPECTED
    assert faces_kept(database) == 1
