"""Fixtures: a fresh database on each kind of server, a provider that counts, and the service between them."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest
import structlog

from tests.databases import BACKENDS, fresh_database
from tests.provider import LoopbackProvider
from tests.services import LAUNCHER, ThreadedService, new_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# As the service does for its own processes: the traceback that structlog would choose shows each frame's values, and
# takes seconds in which a service that is a thread answers nobody.
*_before, _ = structlog.get_config()["processors"]
structlog.configure(
    processors=[*_before, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)

Serve = Callable[..., ThreadedService]
STARTERS: Final = {"new_service", "processes", "serve", "local"}
"""What starts a service, as a function or a fixture."""
PLANTED: Final = "planted-"
"""Stands in every secret of the tests, and may stand in nothing that a service writes."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where the service runs elsewhere, only tests of files that start it, and none that reaches into its process."""
    if not LAUNCHER:
        return
    tests = [item for item in items if isinstance(item, pytest.Function)]
    useful = [item for item in tests if not STARTERS.isdisjoint({*item.fixturenames, *vars(item.module)})]
    config.hook.pytest_deselected(items=[item for item in items if item not in useful])
    items[:] = useful
    for item in items:
        for marker in item.iter_markers("in_process"):
            item.add_marker(pytest.mark.skip(f"needs the service in a thread of this process: {marker.args[0]}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test in which a secret was written has failed, whatever else it says."""
    report = yield
    written = [text for _, text in report.sections]
    if call.when == "teardown" and isinstance(item, pytest.Function):
        folder: Path | None = item.funcargs.get("tmp_path")  # type: ignore[assignment]  # that fixture's own type
        written += [path.read_text(errors="replace") for path in folder.rglob("*.log")] if folder else []
    told = [line for text in written for line in text.splitlines() if PLANTED in line]
    if report.passed and told:
        report.outcome, report.longrepr = "failed", f"a secret was written: {told[0]}"
    return report


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's reaches a test, and files land in the test's own folder."""
    for name in list(os.environ):
        if name.startswith(("AVATARS_", "OPENAI_", "DB_STRING", "AWS_")) and not name.startswith("AVATARS_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, on each kind of server in turn."""
    with fresh_database(request.param, tmp_path) as address:
        yield address


@pytest.fixture(scope="module", params=BACKENDS)
def shared_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same, for all tests of a module together."""
    with fresh_database(request.param, tmp_path_factory.mktemp("shared")) as address:
        yield address


@pytest.fixture(scope="module")
def local(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one service without a key, for requests that leave nothing behind that another test would see."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("local"))
        patch.setenv("DB_STRING", shared_database)
        service = new_service().start()
    yield service.client
    service.stop()


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    """An image provider on loopback that counts its calls."""
    with LoopbackProvider() as running:
        yield running


@pytest.fixture
def paid(database: str, provider: LoopbackProvider) -> dict[str, str]:
    """The environment of a service that pays that provider."""
    return {
        "DB_STRING": database,
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_RETRY_WAIT_S": "0.05",
    }


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts the service in this process with the environment given, and stops it at the end."""
    running: list[ThreadedService] = []

    def start(environment: dict[str, str], **more: str) -> ThreadedService:
        for name, value in {**environment, **more}.items():
            monkeypatch.setenv(name, value)
        service = new_service().start()
        running.append(service)
        return service

    yield start
    for service in running:
        service.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real browser, one for all tests of a module; none of them may call ``asyncio.run``."""
    from tests.browser import chromium  # noqa: PLC0415 - half a second that most tests have no use for

    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page of that browser, without anything that another test left in it."""
    from tests.browser import fresh_page  # noqa: PLC0415 - as above

    with fresh_page(browser) as page:
        yield page
