"""Nothing sent is nothing owed: each way in which a request cannot leave is told in one line and counts nothing."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.providers.base import DrawRequest, ImageClient, ModerationFailed, ProviderInfo, Unbilled
from avatars_as_a_service.providers.deferred import DeferredProvider
from tests.conftest import Serve
from tests.http.test_odd_answers import OddProvider, answer
from tests.support.clock import wait_until
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import Use, ledger, used
from tests.support.service_runner import free_port

KEY: Final = "sk-planted-secret"
ROOT: Final = Path(__file__).parents[2]
QUEUED: Final = 3
"""Connections that fill the queue of a listener which accepts none."""


@pytest.fixture(autouse=True)
def no_way_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither proxies nor certificates of the machine that the tests run on."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)


# --- what is found when the service starts ---

WRONG: Final = {
    "a key with a line end inside": ({"OPENAI_API_KEY": "sk-planted\nsecret"}, "OPENAI_API_KEY"),
    "a key beyond ASCII": ({"OPENAI_API_KEY": "sk-planted-secret…"}, "OPENAI_API_KEY"),
    "a blank key": ({"OPENAI_API_KEY": " \n"}, "OPENAI_API_KEY"),
    "an organization with a line end inside": ({"OPENAI_ORG_ID": "org\nplanted"}, "OPENAI_ORG_ID"),
    "a project beyond ASCII": ({"OPENAI_PROJECT_ID": "prój-planted"}, "OPENAI_PROJECT_ID"),
    "a header with a blank in its name": ({"OPENAI_CUSTOM_HEADERS": "X Team: planted"}, "OPENAI_CUSTOM_HEADERS"),
    "a header beyond ASCII": ({"OPENAI_CUSTOM_HEADERS": "X-A: 1\nX-Team: plantéd"}, "OPENAI_CUSTOM_HEADERS"),
    "a header about the length": ({"OPENAI_CUSTOM_HEADERS": "Content-Length: 3"}, "OPENAI_CUSTOM_HEADERS"),
    "a base URL that is none": ({"OPENAI_BASE_URL": "http://[::1/v1"}, "OPENAI_BASE_URL"),
    "a port that does not exist": ({"OPENAI_BASE_URL": "http://127.0.0.1:99999/v1"}, "OPENAI_BASE_URL"),
    "a SOCKS proxy": ({"ALL_PROXY": "socks5://me:planted@127.0.0.1:1080"}, "ALL_PROXY"),
    "a proxy whose port is a word": ({"HTTPS_PROXY": "http://me:planted@127.0.0.1:port"}, "HTTPS_PROXY"),
    "a proxy of another scheme": ({"HTTP_PROXY": "ftp://planted@127.0.0.1"}, "HTTP_PROXY"),
    "a proxy without a host": ({"https_proxy": "http://"}, "https_proxy"),
    "a proxy on a port that does not exist": ({"http_proxy": "127.0.0.1:99999"}, "http_proxy"),
    "certificates that are not there": ({"SSL_CERT_FILE": "/nowhere/planted.pem"}, "SSL_CERT_FILE"),
    "certificates that are none": ({"SSL_CERT_FILE": "/etc/passwd"}, "SSL_CERT_FILE"),
    "a folder of certificates that is not there": ({"SSL_CERT_DIR": "/nowhere/planted"}, "SSL_CERT_DIR"),
}
every_wrong_setting = pytest.mark.parametrize(("environment", "variable"), WRONG.values(), ids=WRONG)


@every_wrong_setting
@pytest.mark.slow
def test_what_can_never_be_sent_ends_the_start(
    provider: LoopbackProvider, tmp_path: Path, environment: dict[str, str], variable: str
) -> None:
    ended = run(["avatars_as_a_service", "serve"], paying(provider.base_url, tmp_path) | environment, tmp_path)

    (said,) = (ended.stdout + ended.stderr).splitlines()
    assert ended.returncode == 2
    assert re.match(rf"avatars: {variable}: .", said)
    assert "planted" not in said
    assert provider.calls == []


@pytest.mark.slow
def test_uvicorn_says_it_too(provider: LoopbackProvider, tmp_path: Path) -> None:
    command = ["uvicorn", "main:app", "--app-dir", str(ROOT), "--port", str(free_port())]
    environment = paying(provider.base_url, tmp_path) | {"SSL_CERT_FILE": "/nowhere.pem"}

    ended = run(command, environment, tmp_path)

    (said,) = (ended.stdout + ended.stderr).splitlines()
    assert ended.returncode != 0
    assert said.startswith("avatars: SSL_CERT_FILE: ")


@pytest.mark.parametrize(
    "environment",
    [
        {"HTTPS_PROXY": "http://127.0.0.1:port", "NO_PROXY": "*"},
        {"SSL_CERT_DIR": "/nowhere:/etc/ssl/certs"},
        {"OPENAI_ORG_ID": " \n", "OPENAI_PROJECT_ID": ""},
        {"OPENAI_CUSTOM_HEADERS": "no header\n\nX-Team: faces\r\n"},
    ],
)
def test_what_does_no_harm_is_let_be(
    provider: LoopbackProvider, serve: Serve, tmp_path: Path, environment: dict[str, str]
) -> None:
    service = serve(paying(provider.base_url, tmp_path) | environment)

    assert not service.client.post("/query", json={}).json()["provisional"]
    assert "openai-organization" not in provider.calls[0].headers
    assert "openai-project" not in provider.calls[0].headers


def test_blanks_and_line_ends_around_what_is_sent_are_taken_off(
    provider: LoopbackProvider, serve: Serve, tmp_path: Path
) -> None:
    provider.key = KEY
    around = {"OPENAI_API_KEY": f" {KEY}\r\n", "OPENAI_ORG_ID": "org-1\n", "OPENAI_PROJECT_ID": "\tproj-1\n"}
    service = serve(paying(provider.base_url, tmp_path) | around)

    assert not service.client.post("/query", json={}).json()["provisional"]
    headers = provider.calls[0].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj-1")


def test_the_token_of_an_admin_is_known_without_its_line_end(serve: Serve) -> None:
    service = serve({"AVATARS_ADMIN_TOKEN": " planted-admin-token\n"})

    answers = [
        service.client.get("/stats", headers={"Authorization": f"Bearer {token}"})
        for token in ("planted-admin-token", "planted-admin-toke")
    ]

    assert [answer.status_code for answer in answers] == [200, 403]


# --- what is found when a face is to be drawn ---


@contextmanager
def nobody() -> Iterator[dict[str, str]]:
    yield {"OPENAI_BASE_URL": f"http://127.0.0.1:{free_port()}/v1"}


@contextmanager
def an_unknown_name() -> Iterator[dict[str, str]]:
    yield {"OPENAI_BASE_URL": "http://nowhere.invalid/v1"}


@contextmanager
def plain_text_where_tls_is_spoken() -> Iterator[dict[str, str]]:
    with OddProvider(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").listening() as base_url:
        yield {"OPENAI_BASE_URL": base_url.replace("http://", "https://")}


@contextmanager
def a_listener_that_accepts_nobody() -> Iterator[dict[str, str]]:
    with ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(QUEUED):
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the standard library's own signature
            waiting.connect_ex(listener.getsockname())
        time.sleep(0.1)
        yield {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{listener.getsockname()[1]}/v1",
            "AVATARS_PROVIDER_TIMEOUT_S": "1",
        }


@contextmanager
def a_proxy_that_says_no() -> Iterator[dict[str, str]]:
    with OddProvider(answer(b"", status="407 Proxy Authentication Required")).listening() as address:
        yield behind(address)


@contextmanager
def a_proxy_that_hangs_up() -> Iterator[dict[str, str]]:
    with OddProvider(b"").listening() as address:
        yield behind(address)


@contextmanager
def a_proxy_that_is_not_there() -> Iterator[dict[str, str]]:
    yield behind(f"http://127.0.0.1:{free_port()}")


@contextmanager
def a_proxy_that_says_nothing() -> Iterator[dict[str, str]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield behind(f"http://127.0.0.1:{listener.getsockname()[1]}") | {"AVATARS_PROVIDER_TIMEOUT_S": "1"}


def behind(proxy: str) -> dict[str, str]:
    return {"HTTPS_PROXY": proxy.removesuffix("/v1"), "OPENAI_BASE_URL": "https://127.0.0.1:1/v1"}


@pytest.mark.parametrize(
    "way",
    [
        nobody,
        an_unknown_name,
        plain_text_where_tls_is_spoken,
        a_listener_that_accepts_nobody,
        a_proxy_that_says_no,
        a_proxy_that_hangs_up,
        a_proxy_that_is_not_there,
        a_proxy_that_says_nothing,
    ],
)
@pytest.mark.slow
def test_what_never_left_is_released_and_a_stand_in_is_shown(
    serve: Serve,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    way: Callable[[], AbstractContextManager[dict[str, str]]],
) -> None:
    with way() as environment:
        paid = paying("", tmp_path) | environment
        service = serve(paid)

        answered = service.client.post("/query", json={})
        wait_until(lambda: {"reserved", "sent"}.isdisjoint({entry.state for entry in ledger(paid["DB_STRING"])}))

    assert (answered.status_code, answered.json()["provisional"], answered.json()["cost_usd"]) == (200, True, 0)
    entries = ledger(paid["DB_STRING"])
    assert {(entry.state, entry.cost) for entry in entries} == {("released", 0)}
    assert set(used(paid["DB_STRING"])) == {Use(spent=0, reserved=0)}
    told = [line for line in capsys.readouterr().out.splitlines() if "nothing was sent" in line]
    assert len(told) == len(entries)


def test_five_that_never_left_open_the_breaker(serve: Serve, tmp_path: Path) -> None:
    with nobody() as environment:
        paid = paying("", tmp_path) | environment | {"AVATARS_BREAKER_PAUSE_S": "60"}
        service = serve(paid)

        for variant in range(4):
            service.client.post("/query", json={"properties": {"variant": variant}})

    assert len(ledger(paid["DB_STRING"])) == 5
    assert service.client.get("/stats").json()["provider"]["state"] == "paused"


@pytest.mark.parametrize("mode", [Mode.CLOSES, Mode.RESET, Mode.CLOSES_MIDWAY, Mode.HANGS])
def test_what_has_left_stays_in_doubt(provider: LoopbackProvider, serve: Serve, tmp_path: Path, mode: Mode) -> None:
    provider.mode = mode
    paid = paying(provider.base_url, tmp_path) | {"AVATARS_PROVIDER_TIMEOUT_S": "1"}
    service = serve(paid)

    service.client.post("/query", json={})

    wait_until(lambda: [entry.state for entry in ledger(paid["DB_STRING"])] == ["unknown"])
    assert provider.paid == 1


def test_a_client_that_cannot_be_built_sends_nothing() -> None:
    def build() -> ImageClient:
        raise ImportError("the library is gone")

    async def ask() -> None:
        with pytest.raises(Unbilled) as unsent:
            await drawing.draw(DrawRequest(None, "a face"), deadline=0)
        assert "the library is gone" in str(unsent.value.reason)
        with pytest.raises(ModerationFailed):
            await drawing.moderate("a face")
        assert await drawing.model_shutdown_date() is None

    about = ProviderInfo(
        name="openai", model="m", quality="low", artist=Artist.MODEL, is_paid=True, draws_descriptions=True
    )
    drawing = DeferredProvider(about, build)
    asyncio.run(ask())


def paying(base_url: str, folder: Path) -> dict[str, str]:
    return {
        "DB_STRING": f"sqlite:///{folder}/avatars.db",
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": base_url,
        "AVATARS_RETRY_WAIT_S": "0.02",
    }


def run(module: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *module],
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
