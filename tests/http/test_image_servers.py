"""Servers of other makers: the lines of ``.env`` in the docs work with each, and its row in the docs' table is true.

A test that fails shows the row as it should stand there.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from tests.support.fake_provider.scripted import ScriptedServer, always, reply
from tests.support.fake_provider.shapes import SHAPES, Shape, ShapedServer
from tests.support.ledger_checks import ledger
from tests.support.markdown import ROOT, blocks
from tests.support.service_runner import ThreadedService, new_service

PAGE = ROOT / "docs/providers.md"
URLS = {"OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"}
FIXED = {
    "AVATARS_STAND_IN": "off",
    "AVATARS_RETRY_WAIT_S": "0.01",
    "AVATARS_BREAKER_PAUSE_S": "0.001",
    "AVATARS_QUOTA_PAUSE_S": "0.001",
}


def lines_of(name: str) -> dict[str, str]:
    """The settings in the block under this server's heading."""
    lines = PAGE.read_text().splitlines()
    heading = lines.index(f"### {name}") + 1
    block = min((block for block in blocks(PAGE) if block.line > heading), key=lambda block: block.line)
    return dict(line.split("=", 1) for line in block.text.splitlines() if line)


def settings_of(shape: Shape, server: ScriptedServer) -> dict[str, str]:
    """The lines of the docs, with the server of the test in place of the true one."""
    settings = lines_of(shape.name)
    found = False
    for name in URLS & settings.keys():
        settings[name] = urlunsplit((*urlsplit(server.origin)[:2], urlsplit(settings[name]).path, "", ""))
        found = True
    return settings if found else settings | {"OPENAI_BASE_URL": f"{server.origin}/v1"}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(always(reply(b"", status=404))).listening() as listening:
        yield listening


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[ThreadedService]]:
    running: list[ThreadedService] = []
    monkeypatch.setenv("DB_STRING", f"sqlite:///{tmp_path}/avatars.db")
    yield running
    for service in running:
        service.stop()


def ask(service: ThreadedService, variant: int) -> httpx.Response:
    return service.client.post("/query", json={"properties": {"variant": variant}})


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.slow
def test_its_row_in_the_docs_is_true(
    shape: Shape,
    server: ScriptedServer,
    start: list[ThreadedService],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name, value in (settings_of(shape, server) | FIXED).items():
        monkeypatch.setenv(name, value)
    shaped = ShapedServer(shape, server)
    service = new_service().start()
    start.append(service)
    database = f"sqlite:///{tmp_path}/avatars.db"

    miss, hit = ask(service, 0), ask(service, 0)
    described = service.client.post("/query", json={"properties": {"description": "a friendly robot"}})
    cells = [made(miss, described), made(hit)]
    for variant, fault in enumerate((shape.refusal, shape.no_money, shape.rate_limit, shape.broken), start=1):
        shaped.fault = fault
        known = len(ledger(database))
        answer = ask(service, variant)
        cells.append(cell(answer, [entry.state for entry in ledger(database)[known:]]))

    row = f"| {shape.name} | {' | '.join(cells)} |"
    assert row in PAGE.read_text().splitlines()


def made(*answers: httpx.Response) -> str:
    """What became of requests that all ended with a picture."""
    bodies = [answer.json() for answer in answers]
    if not all(answer.is_success and body["data"] for answer, body in zip(answers, bodies, strict=True)):
        return str(bodies)
    return "free" if all(body["cache_hit"] and body["cost_usd"] == 0 for body in bodies) else "drawn"


def cell(answer: httpx.Response, states: list[str]) -> str:
    """What a fault is answered with, and what it leaves in the ledger."""
    billed = {"released": "", "settled": ", billed", "unknown": ", counted as billed"}[states[-1]]
    calls = f", {len(states)} calls" if len(states) > 1 else ""
    return f"{answer.status_code} `{answer.json()['code']}`{calls}{billed}"
