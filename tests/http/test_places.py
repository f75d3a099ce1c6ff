"""Below a path and behind chains of proxies: the URLs that clients get are those by which clients reach the service."""

import re
import time
from collections.abc import Mapping
from html import unescape
from typing import Final

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from avatars_as_a_service.domain.signing import signed_query
from avatars_as_a_service.web.middleware.root_path import RootPath
from avatars_as_a_service.web.urls import root_path_of
from tests.conftest import Serve

KEY: Final = "planted-signing-key"
PUBLIC: Final = "https://faces.example/avatars"
TRUSTED: Final = {"AVATARS_TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8"}
HOST: Final = {"Host": "faces.example"}
PREFIX: Final = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "faces.example", "X-Forwarded-Prefix": "/avatars/"}
PAID: Final = {"OPENAI_API_KEY": "sk-planted-secret", "AVATARS_DAILY_BUDGET_USD": "0"}
"""Each face that is not kept gets a stand-in, for want of money."""

WAYS: Final[dict[str, tuple[dict[str, str], dict[str, str], str, list[str]]]] = {
    "public URL": ({"AVATARS_PUBLIC_URL": f"{PUBLIC}/"}, {}, PUBLIC, [PUBLIC, "./"]),
    "forwarded prefix": (TRUSTED, PREFIX, PUBLIC, ["/avatars", "./"]),
    "root path": ({"AVATARS_ROOT_PATH": "/avatars/"}, HOST, "http://faces.example/avatars", ["/avatars", "./"]),
    "none": ({}, HOST, "http://faces.example", ["./"]),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_url_is_the_one_that_the_client_can_reach(serve: Serve, database: str, way: str) -> None:
    settings, headers, base, servers = WAYS[way]
    client = serve({"DB_STRING": database, "AVATARS_SIGNING_KEY": KEY, **settings}).client
    client.headers.update(headers)

    url = client.post("/query", json={}).json()["data"]["image_url"]
    again = client.post("/query", json={}).json()["data"]["image_url"]
    link = client.get("/avatar?mood=fun&format=png").headers["link"]
    document = client.get("/openapi.json").json()

    assert url == again
    assert url.startswith(f"{base}/images/")
    assert link.startswith(f"<{base}/images/")
    assert [server["url"] for server in document["servers"]] == servers
    signed = signed_query([("seed", "jane")], KEY, expires=round(time.time()) + 86_400)
    assert client.get(f"/avatar?{signed}").headers["X-Avatar-Signature"] == "valid"
    assert_pages_are_relative(client)


def assert_pages_are_relative(client: httpx.Client) -> None:
    """Each file of a page is found below the page's own path, whatever a proxy has removed from it."""
    for path in ("/", "/gallery", "/dashboard", "/docs"):
        page = client.get(path).raise_for_status().text
        files = re.findall(r'(?:src|href)="([^"#]*)"', page)
        assert files
        assert not [file for file in files if file.startswith(("/", "http"))]
        for file in files:
            assert client.get(f"/{unescape(file).removeprefix('./')}").status_code == 200, file
    assert "url: 'openapi.json'" in client.get("/docs").text


@pytest.mark.parametrize("way", WAYS)
def test_a_stand_in_tells_where_to_ask_by_the_same_url(serve: Serve, database: str, way: str) -> None:
    settings, headers, base, _ = WAYS[way]
    hosts = {"AVATARS_ALLOWED_HOSTS": "faces.example"}
    service = serve({"DB_STRING": database, **PAID, **hosts, **settings})
    answer = service.client.post("/query", json={}, headers=HOST | headers).json()

    assert answer["status_url"] == f"{base}/faces/{answer['data']['image_hash']}"
    assert answer["data"]["image_url"].startswith(f"{base}/avatar?mood=fun")


def told(*, client: str = "203.0.113.9", proto: str = "", host: str = "", prefix: str = "") -> dict[str, str]:
    names = {"For": client, "Proto": proto, "Host": host, "Prefix": prefix}
    return {f"X-Forwarded-{name}": value for name, value in names.items() if value}


CHAINS: Final[list[tuple[dict[str, str], str]]] = [
    (told(proto="https", host="faces.example"), "https://faces.example"),
    (told(proto="HTTPS", host="faces.example:8443"), "https://faces.example:8443"),
    # two proxies that are trusted, each of which adds what it was asked by
    (told(client="203.0.113.9, 10.0.0.7", proto="https,http", host="faces.example, 10.0.0.8:81"), "https://faces.example"),
    (told(client="203.0.113.9, 10.0.0.7", proto="https, http, http", host="evil, faces.example, x"), "http://faces.example"),
    # the second sets nothing of its own
    (told(client="203.0.113.9, 10.0.0.7", proto="https", host="faces.example"), "https://faces.example"),
    # no proxy tells who asked: all of it is the proxies'
    (told(client="", proto="https,http", host="faces.example, internal"), "https://faces.example"),
    (told(client="127.0.0.1, 127.0.0.1", proto="https,http", host="faces.example, internal"), "https://faces.example"),
    # what the client claims stands before what the only proxy says
    (told(client="10.0.0.7, 203.0.113.9", proto="https, http", host="evil.example, faces.example"), "http://faces.example"),
    (told(client="nonsense", proto="https, http", host="evil.example, faces.example"), "http://faces.example"),
    (told(proto="gopher", host="faces.example"), "http://faces.example"),
    # paths below paths
    (told(proto="https", host="faces.example", prefix="/avatars"), PUBLIC),
    (told(client="203.0.113.9, 10.0.0.7", host="a.example", prefix="/a/, /b"), "http://a.example/a/b"),
    (told(host="a.example", prefix="/evil, /b"), "http://a.example/b"),
    (told(host="a.example", prefix="//evil.example"), "http://a.example"),
    (told(host="a.example", prefix="/a b"), "http://a.example"),
    (told(host="a.example", prefix='/"><script>'), "http://a.example"),
    (told(host="a.example", prefix="/"), "http://a.example"),
]  # fmt: skip


def test_forwarded_headers_are_lists_that_are_read_as_far_as_proxies_are_trusted(serve: Serve, database: str) -> None:
    client = serve({"DB_STRING": database, **TRUSTED}).client

    urls = [client.post("/query", json={}, headers=chain).json()["data"]["image_url"] for chain, _ in CHAINS]

    assert [url.partition("/images/")[0] for url in urls] == [base for _, base in CHAINS]


def test_a_header_that_comes_twice_is_one_list(serve: Serve, database: str) -> None:
    client = serve({"DB_STRING": database, **TRUSTED}).client
    chain = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "10.0.0.7"), ("X-Forwarded-Proto", "https"),
             ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "faces.example")]  # fmt: skip

    answer = client.post("/query", json={}, headers=chain).json()

    assert answer["data"]["image_url"].startswith("https://faces.example/")


def test_no_one_but_a_trusted_proxy_names_a_path(serve: Serve, database: str) -> None:
    answer = serve({"DB_STRING": database}).client.post("/query", json={}, headers=PREFIX | HOST).json()

    assert answer["data"]["image_url"].startswith("http://faces.example/images/")


@pytest.mark.parametrize("path", ["/avatars/docs", "/avatars/", "/avatars/avatar?seed=jane", "/avatars/images/x.webp"])
def test_a_path_that_a_proxy_should_have_removed_is_told(serve: Serve, database: str, path: str) -> None:
    client = serve({"DB_STRING": database}).client

    missed, nowhere = client.get(path), client.get("/avatars/nowhere")

    assert (missed.status_code, missed.json()["code"]) == (404, "not_found")
    assert "without /avatars: a proxy" in missed.json()["detail"]
    assert nowhere.json()["detail"] == "There is nothing at this URL."


TLS: Final[list[tuple[Mapping[str, str], bool]]] = [
    ({"Origin": "https://faces.example"}, True),
    ({"Forwarded": "for=203.0.113.9;proto=https;host=faces.example"}, True),
    ({"X-Forwarded-Proto": "https"}, True),
    ({"Origin": "https://elsewhere.example"}, False),
    ({"Origin": "http://faces.example"}, False),
    ({"Forwarded": "for=203.0.113.9;proto=http"}, False),
]


@pytest.mark.parametrize(("headers", "is_told"), TLS)
def test_http_urls_for_clients_that_come_over_tls_are_told_once(
    serve: Serve, database: str, capsys: pytest.CaptureFixture[str], headers: Mapping[str, str], *, is_told: bool
) -> None:
    client = serve({"DB_STRING": database}).client

    for _ in range(2):
        client.get("/features", headers={**HOST, **headers})

    lines = [line for line in capsys.readouterr().out.splitlines() if "over TLS" in line]
    assert len(lines) == is_told
    assert all("AVATARS_PUBLIC_URL or AVATARS_TRUSTED_PROXIES" in line for line in lines)


def test_where_the_public_url_is_set_nothing_is_told(
    serve: Serve, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = serve({"DB_STRING": database, "AVATARS_PUBLIC_URL": PUBLIC}).client

    client.get("/features", headers={**HOST, "Origin": "https://faces.example"})

    assert "over TLS" not in capsys.readouterr().out


@pytest.mark.parametrize("public", [PUBLIC, "https://FACES.example:443/avatars/"])
def test_the_service_s_own_page_is_no_foreign_page(serve: Serve, database: str, public: str) -> None:
    """Behind a proxy that hands on neither the visitor's ``Host`` nor a header that names it."""
    client = serve({"DB_STRING": database, "AVATARS_PUBLIC_URL": public}).client
    token = {"Authorization": "Bearer planted-admin-token"}

    own = client.get("/stats", headers={"Origin": "https://faces.example", **token})
    others = [client.get("/stats", headers={"Origin": origin, **token}) for origin in ("https://evil.example", "null")]

    assert own.status_code == 200
    assert [answer.json()["code"] for answer in others] == ["foreign_page"] * 2


def test_an_etag_that_a_proxy_has_made_of_ours_gives_a_304(serve: Serve, database: str) -> None:
    client = serve({"DB_STRING": database}).client
    picture = httpx.URL(client.post("/query", json={}).json()["data"]["image_url"]).raw_path.decode()

    for path in (picture, "/avatar?mood=fun&format=png", "/", "/docs/assets/swagger-ui.css"):
        tag = client.get(path, headers={"Accept-Encoding": "identity"}).headers["etag"]
        forms = [
            tag,
            f"W/{tag.removeprefix('W/')}",
            *(f'{tag[:-1]}{mark}"' for mark in ("-gzip", "--gzip", "-br", "-zstd")),
        ]
        for form in [*forms, f'"x", {forms[1]}']:
            assert client.get(path, headers={"If-None-Match": form}).status_code == 304, (path, form)
        assert client.get(path, headers={"If-None-Match": f'{tag[:-1]}-x"'}).status_code == 200


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        ("/avatars", "/avatars/query", ("/query", "/avatars")),
        ("/avatars/", "/avatars/query", ("/query", "/avatars")),
        ("/avatars", "/query", ("/query", "/avatars")),
        ("/avatars", "/avatars", ("/", "/avatars")),
        ("/avatar", "/avatar/avatar", ("/avatar", "/avatar")),
        ("/av", "/avatar", ("/avatar", "/av")),
        ("", "/avatars/query", ("/avatars/query", "")),
    ],
)
@pytest.mark.anyio
async def test_the_root_path_of_a_server_is_left_out(root: str, path: str, expected: tuple[str, str]) -> None:
    seen: list[tuple[str, str]] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        assert not scope["root_path"]
        seen.append((scope["path"], root_path_of(scope)))

    await RootPath(app, "")({"type": "http", "path": path, "root_path": root}, None, None)  # type: ignore[arg-type]

    assert seen == [expected]
