"""llmock, whose pictures are all SVG, which no model sends and the service refuses, with the errors that it injects."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.clients.installed import tool
from tests.clients.other_servers import SETTINGS, Told, told
from tests.conftest import Serve
from tests.support.ledger_checks import faces_kept
from tests.support.program import answers, running
from tests.support.service_runner import free_port


@contextmanager
def llmock(folder: Path, *options: str) -> Iterator[str]:
    """Its base URL while it runs."""
    port = free_port()
    command: list[str | Path] = [tool("clients", "llmock"), "serve", "--port", str(port), *options]
    url = f"http://127.0.0.1:{port}"
    with running(command, folder / "llmock.txt", is_up=partial(answers, f"{url}/health"), folder=folder):
        yield f"{url}/v1"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", (502, "provider_bad_answer", "settled", 1)),
        ("--latency-ms=30000", (504, "provider_timeout", "unknown", 1)),
        ("--rpm=1", (503, "provider_unavailable", "released", 1)),
        ("--error-rate=400=1", (503, "provider_unavailable", "released", 1)),
        ("--error-rate=401=1", (503, "provider_unavailable", "released", 1)),
        ("--error-rate=402=1", (503, "provider_quota", "released", 1)),
        ("--error-rate=403=1", (503, "provider_unavailable", "released", 1)),
        ("--error-rate=404=1", (503, "provider_unavailable", "released", 1)),
        ("--error-rate=408=1", (503, "provider_unavailable", "unknown", 1)),
        ("--error-rate=409=1", (503, "provider_unavailable", "released", 3)),
        ("--error-rate=413=1", (503, "provider_unavailable", "released", 1)),
        ("--error-rate=422=1", (503, "provider_unavailable", "released", 1)),
        ("--error-rate=429=1", (503, "provider_unavailable", "released", 3)),
        ("--error-rate=500=1", (503, "provider_unavailable", "released", 3)),
        ("--error-rate=502=1", (503, "provider_unavailable", "unknown", 1)),
        ("--error-rate=503=1", (503, "provider_unavailable", "released", 3)),
        ("--error-rate=504=1", (503, "provider_unavailable", "unknown", 1)),
        ("--error-rate=529=1", (503, "provider_unavailable", "unknown", 1)),
    ],
)
def test_each_answer_costs_what_it_should(
    serve: Serve, database: str, tmp_path: Path, options: str, expected: Told
) -> None:
    with llmock(tmp_path, *options.split()) as base_url:
        service = serve(SETTINGS, DB_STRING=database, OPENAI_BASE_URL=base_url)
        if "rpm" in options:
            told(service, database, "the one of this minute")

        assert told(service, database, "a cat") == expected

    assert faces_kept(database) == 0
