"""Fixtures: a migrated database, a provider that counts its calls, and the service between them."""

import functools
import os
import ssl
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest
import redis
import structlog

from tests.support.databases import BACKENDS, SERVERS, Templates, fresh_database
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import LAUNCHER, ThreadedService, new_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# As the service does for its own processes: the traceback that structlog would choose shows each frame's values, and
# takes seconds in which a service that is a thread answers nobody.
*_before, _ = structlog.get_config()["processors"]
structlog.configure(
    processors=[*_before, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)

# Each HTTP client reads the system's certificates, which takes as long as many a test; here they are read once.
ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]

Serve = Callable[..., ThreadedService]
SETTINGS: Final = ("AVATARS_", "OPENAI_", "AZURE_", "DB_STRING", "AWS_")
"""The beginnings of all variables that the service or its libraries read."""
STARTERS: Final = {"new_service", "processes", "serve", "local", "local_service"}
"""What starts a service, as a function or a fixture."""
REDIS: Final = os.environ.get("AVATARS_TEST_REDIS", "redis://127.0.0.1:6379/9")
LONGEST_S: Final = 600
"""How long one test may count in Redis while others wait for it."""
PLANTED: Final = "planted-"
"""Stands in every secret of the tests, and may stand in nothing that a service writes."""
ENDS_IN_SQL: Final = {"databases", "faults"}
"""The folders whose tests run on each kind of database; the others show what does not differ between them."""
CLIENTS: Final = "clients"
"""The folder whose tests run programs that npm and PyPI have, and that `make test-clients` installs."""
DATABASES: Final = ("database", "empty_database", "shared_database")
"""The fixtures that make a database of a kind."""
SERVER_FIXTURES: Final = {"counters", "mariadb_of_small_packets"}
"""The fixtures that reach a server whatever the parameters are."""
PROCESS_STARTERS: Final = {"processes", "ServiceProcess"}
"""Functions that start the service as processes of its own, which takes seconds of processor time for each."""
BROWSER_FIXTURES: Final = {"browser", "page"}
"""The fixtures that start Chromium."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the kinds of database by the test's folder, unless the test says them itself."""
    backends = BACKENDS if metafunc.definition.path.parent.name in ENDS_IN_SQL else ["sqlite"]
    named = [marker.args[0] for marker in metafunc.definition.iter_markers("parametrize")]
    chosen = {name for names in named for name in ([names] if isinstance(names, str) else names)}
    for fixture in DATABASES:
        if fixture in metafunc.fixturenames and fixture not in chosen:
            metafunc.parametrize(fixture, backends, indirect=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test that needs a server by its parameters and fixtures; starting processes or a browser makes it slow."""
    if not isinstance(item, pytest.Function):
        return
    if item.path.parent.name == CLIENTS:
        item.add_marker(pytest.mark.clients)
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    named = {value for value in parameters if isinstance(value, str)}
    if named & {*SERVERS, "redis"} or SERVER_FIXTURES & {*item.fixturenames}:
        item.add_marker(pytest.mark.servers)
    if PROCESS_STARTERS & {*item.function.__code__.co_names} or BROWSER_FIXTURES & {*item.fixturenames}:
        item.add_marker(pytest.mark.slow)


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
        if name.startswith(SETTINGS) and not name.startswith("AVATARS_TEST_"):
            monkeypatch.delenv(name)
    for name in ("PORT", "WEB_CONCURRENCY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    """Migrated databases to copy."""
    templates = Templates(tmp_path_factory.mktemp("template"))
    yield templates
    templates.drop()


@pytest.fixture
def database(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with all tables and no rows, of the kind that ``pytest_generate_tests`` says."""
    with templates.copy(request.param, tmp_path) as url:
        yield url


@pytest.fixture(name="empty_database")
def database_without_tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    with fresh_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="module")
def shared_database(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a database with all tables, for all tests of a module together."""
    with templates.copy(request.param, tmp_path_factory.mktemp("shared")) as url:
        yield url


@pytest.fixture(scope="module")
def local_service(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedService]:
    """One service without a key, for requests that leave nothing behind that another test would see."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("local"))
        patch.setenv("DB_STRING", shared_database)
        service = new_service().start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def local(local_service: ThreadedService) -> httpx.Client:
    """A client of that service."""
    return local_service.client


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
def counters() -> Iterator[str]:
    """The address of a Redis that counts nothing yet, and no other test's requests meanwhile."""
    with redis.Redis.from_url(REDIS) as client:
        try:
            client.ping()
        except redis.ConnectionError:
            if os.environ.get("AVATARS_TEST_REQUIRE_SERVICES") == "1":
                raise
            pytest.skip("no Redis is there")
        with client.lock("test-of-limits", timeout=LONGEST_S):
            forget_counts(client)
            yield REDIS
            forget_counts(client)


def forget_counts(client: redis.Redis) -> None:
    for name in client.scan_iter("avatars:*"):
        client.delete(name)


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
    from tests.support.browser import chromium  # noqa: PLC0415 - half a second that most tests have no use for

    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page of that browser, without anything that another test left in it."""
    from tests.support.browser import fresh_page  # noqa: PLC0415 - as above

    with fresh_page(browser) as page:
        yield page
