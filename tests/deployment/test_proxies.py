"""Behind nginx, Caddy, Apache and HAProxy, which serve it below a path: URLs, pages, and connections that are kept."""

import random
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest
import trustme

from tests.conftest import Serve
from tests.support import addresses, patient
from tests.support.browser import fresh_page
from tests.support.proxies import IDLE_S, NAMES, proxy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
TOKEN: Final = "planted-token-of-the-operator"
SETTINGS: Final = {"AVATARS_TRUSTED_PROXIES": "127.0.0.1", "AVATARS_ADMIN_TOKEN": TOKEN}


@pytest.fixture
def port(serve: Serve, tmp_path: Path) -> int:
    """The port of a service that trusts proxies on this machine."""
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/avatars.db", **SETTINGS})
    return port_of(service.url)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.fixture
def authority() -> trustme.CA:
    """The one whose certificates a client of the test takes."""
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "proxy.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(file)
    return file


@pytest.fixture
def urls(port: int, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The URL of each proxy in front of that service."""
    with ExitStack() as running:
        yield {name: running.enter_context(proxy(name, port, tmp_path)) for name in NAMES}


def test_urls_lead_through_the_proxy_and_no_request_is_lost_at_the_edge_of_its_idle_time(urls: dict[str, str]) -> None:
    for url in urls.values():
        answer = patient.post(f"{url}/query", json={}).json()
        assert answer["data"]["image_url"].startswith(f"{url}/images/")
        assert patient.get(answer["data"]["image_url"]).status_code == 200
        negotiated = patient.get(f"{url}/images/{addresses.digest(answer['data']['image_url'])}")
        assert patient.get(negotiated.url.join(negotiated.headers["content-location"])).content == negotiated.content
        assert patient.get(f"{url}/openapi.json").json()["servers"][0]["url"] == "/avatars"
        assert patient.get(f"{url}/docs/assets/swagger-ui.css").status_code == 200
        assert patient.get(f"{url}/avatar?mood=fun").headers["link"].startswith(f"<{url}/images/")

    with ThreadPoolExecutor(96) as threads:
        statuses = dict(zip(urls, threads.map(asked_at_the_edge, urls.values()), strict=True))

    assert statuses == dict.fromkeys(urls, [200] * 240)


def asked_at_the_edge(url: str) -> list[int]:
    """Requests that may not be sent twice, each about as long after the last as the proxy keeps its connection."""

    def ask(visitor: int) -> list[int]:
        chance = random.Random(visitor)
        statuses = []
        with httpx.Client(timeout=120) as client:
            for _ in range(10):
                statuses.append(client.post(f"{url}/query", json={}).status_code)
                time.sleep(IDLE_S + chance.uniform(-0.02, 0.02))
        return statuses

    with ThreadPoolExecutor(24) as visitors:
        return [status for statuses in visitors.map(ask, range(24)) for status in statuses]


@pytest.mark.parametrize("outer", NAMES)
@pytest.mark.parametrize("inner", NAMES)
def test_urls_are_right_over_tls_and_through_two_proxies(
    *, port: int, tmp_path: Path, certificate: Path, tls: ssl.SSLContext, outer: str, inner: str
) -> None:
    with ExitStack() as running:
        (tmp_path / "inner").mkdir()
        inside = running.enter_context(proxy(inner, port, tmp_path / "inner", prefix=""))
        url = running.enter_context(proxy(outer, port_of(inside), tmp_path, certificate=certificate))
        client = running.enter_context(patient.Client(verify=tls))

        answer = client.post(f"{url}/query", json={}).json()
        picture = client.get(answer["data"]["image_url"])
        embed = client.get(f"{url}/avatar?mood=fun")

    assert answer["data"]["image_url"].startswith(f"{url}/images/")
    assert picture.status_code == 200
    assert embed.headers["link"].startswith(f"<{url}/")


@pytest.fixture
def any_certificate(browser: "Browser") -> Iterator["Page"]:
    """An empty page of a browser that takes the test's own certificates."""
    with fresh_page(browser, any_certificate=True) as page:
        yield page


@pytest.mark.parametrize("name", NAMES)
def test_the_pages_work_below_a_path_and_over_tls_in_a_browser(
    any_certificate: "Page", port: int, tmp_path: Path, certificate: Path, name: str
) -> None:
    page, failed = any_certificate, list[str]()
    page.on("request", lambda asked: failed.append(asked.url) if asked.url.startswith("http://") else None)
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: failed.append(str(error)))
    with proxy(name, port, tmp_path, certificate=certificate) as url:
        for path in ("/", "/gallery"):
            page.goto(f"{url}{path}", wait_until="networkidle")
            assert page.locator("nav a", has_text="API").evaluate("link => link.href") == f"{url}/docs"
        page.goto(f"{url}/dashboard", wait_until="networkidle")
        page.get_by_role("textbox", name="Admin token").fill(TOKEN)
        with page.expect_response(f"{url}/dashboard/data") as figures:
            page.get_by_role("textbox", name="Admin token").press("Enter")
        page.get_by_text("As of").wait_for()
        page.goto(f"{url}/docs")
        operation = page.locator(".opblock-post", has_text="/query").first
        operation.locator(".opblock-summary-control").first.click()
        operation.get_by_role("button", name="Try it out").click()
        with page.expect_response(f"{url}/query") as answered:
            operation.get_by_role("button", name="Execute").click()

    assert [answered.value.status, figures.value.status] == [200, 200]
    assert failed == [f"{url}/dashboard/data"], "asked once without the token"
