"""Who may ask an address is decided by the route that answers, however the address is written."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from avatars_as_a_service.domain.signing import signed_query
from avatars_as_a_service.web import app as web
from avatars_as_a_service.web.routes.monitoring_routes import monitoring_router
from tests.conftest import Serve
from tests.support.service_runner import ServiceProcess, ThreadedService, free_port
from tests.support.wire import body_of, headers_of, rest_of, status

in_process: Final = pytest.mark.in_process("the routes are read from the application itself")

HOME: Final = Path(__file__).parents[2]
KEY: Final = "planted-key-of-the-shop"
TOKEN: Final = "planted-token-of-the-operator"
SIGNING_KEY: Final = "planted-signing-key"
RULES: Final = {"private": {"AVATARS_PRIVATE": "on"}, "limit": {"AVATARS_HIT_RATE_LIMIT": "1/day"}}
CONTROLS: Final = (*range(0x20), 0x7F)
CONTROL: Final = re.compile(r"(?<!%25)%([01][0-9a-f]|7f)", re.IGNORECASE)
REFUSED: Final = {400, 401, 403, 404, 405, 429}
"""Statuses that show nothing of what is kept."""
OPERATORS: Final = re.compile(r"/(stats|metrics|dashboard/data|admin/.*)")
OPEN: Final = re.compile(
    r"/(|gallery|dashboard|assets/.*|docs|docs/assets/.*|openapi\.json|features|healthz|readyz|sketch|seeded)"
)
"""What private mode leaves open; the rest is the operator's, or shows what is kept."""
ORIGIN: Final = "https://page.example"


@dataclass(frozen=True, slots=True)
class Address:
    """A route's method and an address that it answers."""

    method: str
    target: str

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A face that is kept: its key, and the name of its picture."""

    image_hash: str
    name: str


def forms(address: Address) -> Iterator[tuple[str, str]]:
    """The address in other words, and how it was changed."""
    path, mark, query = address.target.partition("?")
    ending = mark + query
    for control in (0x0A, 0x0D, 0x00, 0x1F, 0x7F, 0x09):
        yield f"%{control:02x} behind", f"{path}%{control:02x}{ending}"
        yield f"%{control:02x} before", f"/%{control:02x}{path[1:]}{ending}"
        yield f"%{control:02x} behind a slash", f"{path}/%{control:02x}{ending}"
    yield "%0a twice", f"{path}%0a%0a{ending}"
    yield "%0A%0d", f"{path}%0D%0A{ending}"
    yield "//", f"/{path}{ending}"
    yield "// behind", f"{path}//{ending}"
    yield "trailing /", f"{path}/{ending}"
    yield "encoded /", f"{path}%2f{ending}"
    yield "encoded first /", f"/%2f{path[1:]}{ending}"
    yield "dot", f"/.{path}{ending}"
    yield "dot behind", f"{path}/.{ending}"
    yield "dots", f"/x/..{path}{ending}"
    yield "dots from what is open", f"/docs/assets/../..{path}{ending}"
    yield "encoded dots from what is open", f"/docs/assets/%2e%2e/%2e%2e{path}{ending}"
    yield "dots from a page's files", f"/assets/x/../..{path}{ending}"
    yield "upper case", f"{path.upper()}{ending}"
    yield "percent-encoded letters", "/" + "".join(f"%{ord(each):02x}" for each in path[1:]) + ending
    yield "percent-encoded twice", "/" + "".join(f"%25{ord(each):02x}" for each in path[1:]) + ending
    yield "absolute", f"http://127.0.0.1{path}{ending}"
    yield "absolute elsewhere", f"http://elsewhere.example{path}{ending}"
    yield "fragment", f"{path}{ending}#x"
    yield "semicolon", f"{path};x{ending}"
    yield "backslash", f"{path}\\{ending}"
    yield "space", f"{path}%20{ending}"
    yield "next line", f"{path}%c2%85{ending}"
    yield "question mark", f"{path}%3f{ending}"


def addresses(framework: FastAPI, kept: Kept) -> list[Address]:
    """An address for each route of the application and each of its methods, HEAD and OPTIONS beside them."""
    filled = {"name": kept.name, "image_hash": kept.image_hash, "digest": kept.name[:64], "fingerprint": "x"}
    found = set()
    for route in iter_route_contexts(framework.routes):
        path = re.sub(r"{(\w+)(:\w+)?}", lambda match: filled.get(match[1], "none"), str(route.path))
        is_mount = isinstance(route.original_route, Mount)
        target = f"{path}/swagger-ui.css" if is_mount else path
        methods = {"GET"} if is_mount else set(route.methods or ())
        found |= {Address(method, target) for method in (*methods, "GET", "HEAD", "OPTIONS")}
    return sorted(found, key=str)


def ask(service: ThreadedService | ServiceProcess, method: str, target: str, *more: str) -> bytes:
    """The answer to a request with exactly that target."""
    body = b"{}" if method == "POST" else b""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *more]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    port = int(service.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return rest_of(connection)


def code(answer: bytes) -> str:
    found: str = json.loads(body_of(answer))["code"]
    return found


@pytest.fixture
def framework(monkeypatch: pytest.MonkeyPatch) -> list[FastAPI]:
    """The application inside the service that is started next."""
    made: list[FastAPI] = []
    make = web._framework  # noqa: SLF001 - the application's own routes, and no list of them

    def remembered(*parts: Any) -> FastAPI:  # noqa: ANN401 - whatever it takes
        made.append(make(*parts))
        return made[-1]

    monkeypatch.setattr(web, "_framework", remembered)
    return made


@pytest.fixture
def environment(database: str) -> dict[str, str]:
    return {
        "DB_STRING": database,
        "AVATARS_API_KEYS": f"shop:{KEY}",
        "AVATARS_ADMIN_TOKEN": TOKEN,
        "AVATARS_SIGNING_KEY": SIGNING_KEY,
    }


def keep_a_face(service: ThreadedService | ServiceProcess) -> Kept:
    answer = ask(service, "POST", "/query", f"X-API-Key: {KEY}")
    data = json.loads(body_of(answer))["data"]
    return Kept(data["image_hash"], data["image_url"].rpartition("/")[2].partition("?")[0])


@in_process
@pytest.mark.parametrize("rule", RULES)
def test_no_form_of_an_address_gets_an_answer_that_the_plain_one_does_not(
    serve: Serve, environment: dict[str, str], framework: list[FastAPI], rule: str
) -> None:
    service = serve(environment, **RULES[rule])
    kept = keep_a_face(service)
    if rule == "limit":
        assert status(ask(service, "GET", "/faces")) == 200
    known = addresses(framework[0], kept)
    assert len(known) > 50

    wrong = []
    for address in known:
        plain = status(ask(service, address.method, address.target))
        path = address.target.partition("?")[0]
        if not OPEN.fullmatch(path):
            expected = {401, 403, 405} if OPERATORS.fullmatch(path) else {401} if rule == "private" else {429}
            assert plain in expected, (address, plain)
        for form, target in forms(address):
            answer = status(ask(service, address.method, target))
            if answer not in ({400} if CONTROL.search(target) else {*REFUSED, plain}):
                wrong.append((str(address), form, plain, answer))
    assert not wrong


# --- paths with a control character ---


@pytest.mark.parametrize("rules", [{}, *RULES.values(), {"AVATARS_ALLOWED_HOSTS": "faces.example"}], ids=str)
def test_a_path_with_a_control_character_is_refused_before_anything_else(
    serve: Serve, environment: dict[str, str], rules: dict[str, str]
) -> None:
    service = serve(environment, **rules)

    for control in CONTROLS:
        for method, path in (("GET", "/faces"), ("POST", "/query"), ("GET", "/avatar"), ("GET", "/healthz")):
            answer = ask(service, method, f"{path}%{control:02X}?mood=fun")
            assert (status(answer), code(answer)) == (400, "bad_path"), (method, path, control)
    assert headers_of(answer)[b"cache-control"] == b"no-store"
    assert headers_of(answer)[b"x-content-type-options"] == b"nosniff"
    assert headers_of(answer)[b"x-request-id"]


def test_a_caller_who_was_told_to_wait_hears_of_the_path(serve: Serve, environment: dict[str, str]) -> None:
    paying = {"OPENAI_API_KEY": "sk-planted", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    service = serve(environment, **paying, AVATARS_RATE_LIMIT="1/day")
    statuses = [status(ask(service, "POST", target)) for target in ("/query", "/query", "/query/")]

    answer = ask(service, "POST", "/query%0a")

    assert statuses == [401, 429, 429]
    assert (status(answer), code(answer)) == (400, "bad_path")


def test_what_stands_behind_the_question_mark_may_have_one(serve: Serve, environment: dict[str, str]) -> None:
    assert status(ask(serve(environment), "GET", "/avatar?seed=a%0a")) == 200


# --- declarations ---


@in_process
@pytest.mark.parametrize("rule", RULES)
def test_a_route_that_declares_nothing_is_closed(
    serve: Serve, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    def with_more(*parts: Any) -> APIRouter:  # noqa: ANN401 - whatever it takes
        router = monitoring_router(*parts)
        router.add_api_route("/undeclared", lambda: "shown")
        router.mount("/mounted", PlainTextResponse("shown"))
        return router

    monkeypatch.setattr(web, "monitoring_router", with_more)
    public = serve(environment)
    assert status(ask(public, "GET", "/undeclared")) == 200
    service = serve(environment, **RULES[rule])
    if rule == "limit":
        assert status(ask(service, "GET", "/undeclared")) == 200

    assert status(ask(public, "GET", "/mounted/x")) == 200
    answers = [status(ask(service, "GET", path)) for path in ("/undeclared", "/mounted/x", "/no-route")]

    assert answers == [{"private": 401, "limit": 429}[rule]] * 3
    assert status(ask(service, "GET", "/undeclared", f"X-API-Key: {KEY}")) == 200


def test_private_mode_leaves_open_what_shows_nothing_that_is_kept(serve: Serve, environment: dict[str, str]) -> None:
    service = serve(environment, AVATARS_PRIVATE="on")
    pages = [body_of(ask(service, "GET", path)).decode() for path in ("/", "/gallery", "/dashboard", "/docs")]
    assets = {f"/{found}" for page in pages for found in re.findall(r"(?:src|href)=\"/?([\w./-]+\.\w+)\"", page)}
    assert len(assets) > 5

    needed = {"/", "/gallery", "/dashboard", "/docs", "/openapi.json", "/features", "/healthz", "/readyz"}
    answers = {path: status(ask(service, "GET", path)) for path in needed | assets | {"/sketch", "/seeded?seed=a"}}

    assert set(answers.values()) == {200}, answers


def test_the_operator_s_addresses_want_the_operator_s_leave_alone(serve: Serve, environment: dict[str, str]) -> None:
    service = serve(environment, AVATARS_PRIVATE="on", AVATARS_HIT_RATE_LIMIT="1/day")

    for path in ("/stats", "/metrics", "/dashboard/data"):
        assert status(ask(service, "GET", path, f"Authorization: Bearer {TOKEN}")) == 200
        assert status(ask(service, "GET", path, f"X-API-Key: {KEY}")) == 401
        assert code(ask(service, "GET", path)) == "admin_token_needed"


def test_an_expired_or_wrong_signature_counts_as_none(serve: Serve, environment: dict[str, str]) -> None:
    service = serve(environment, AVATARS_PRIVATE="on")
    now = int(time.time())
    valid, expired = (signed_query([("mood", "fun")], SIGNING_KEY, expires=now + left) for left in (3600, -3600))
    wrong = valid[:-1] + ("0" if valid[-1] != "0" else "1")

    for method in ("GET", "HEAD"):
        assert status(ask(service, method, f"/avatar?{valid}")) == 200
        for query in (expired, wrong, "mood=fun", f"{valid}&mood=fun"):
            assert status(ask(service, method, f"/avatar?{query}")) == 401
    refused = [ask(service, "GET", f"{path}?{valid}") for path in ("/faces", "/images/x.webp", "/query", "/avatar%2f")]
    refused += [ask(service, "GET", f"/avatar?{query}") for query in (expired, wrong)]
    assert {(status(answer), code(answer)) for answer in refused} == {(401, "api_key_needed")}
    assert status(ask(service, "GET", f"/avatar?{expired}", f"X-API-Key: {KEY}")) == 200


@pytest.mark.parametrize("rule", RULES)
def test_a_preflight_is_answered_and_nothing_else_that_asks_for_options(
    serve: Serve, environment: dict[str, str], rule: str
) -> None:
    asked = (f"Origin: {ORIGIN}", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-api-key")
    service = serve(environment, **RULES[rule], AVATARS_CORS_ORIGINS=ORIGIN)

    preflights = [ask(service, "OPTIONS", path, *asked) for path in ("/query", "/query/", "/faces")]
    others = [ask(service, "OPTIONS", "/query", *said) for said in ((), asked[:1], asked[1:])]

    assert [status(answer) for answer in preflights] == [200] * 3
    assert {headers_of(answer)[b"access-control-allow-origin"] for answer in preflights} == {ORIGIN.encode()}
    assert [status(answer) for answer in others] == ([401] * 3 if rule == "private" else [405, 429, 429])


def test_a_probe_comes_under_any_host_name_and_nothing_else(serve: Serve, environment: dict[str, str]) -> None:
    service = serve(environment, AVATARS_ALLOWED_HOSTS="faces.example")

    probes = [status(ask(service, "GET", target)) for target in ("/healthz", "/readyz", "http://a.example/readyz")]
    others = [ask(service, "GET", path) for path in ("/features", "/stats", "/healthz/", "//healthz", "/no-route")]

    assert probes == [200] * 3
    assert {(status(answer), code(answer)) for answer in others} == {(400, "host_not_allowed")}


def test_a_query_with_a_slash_behind_it_is_a_query(serve: Serve, environment: dict[str, str]) -> None:
    service = serve(environment)
    keep_a_face(service)

    plain, slash = (ask(service, "POST", path) for path in ("/query", "/query/"))

    assert json.loads(body_of(slash)) == json.loads(body_of(plain))
    assert json.loads(body_of(slash))["cache_hit"]


# --- other servers, and a path in front of all others ---


class Uvicorn(ServiceProcess):
    """``uvicorn main:app`` as a process."""

    def __init__(self, environment: dict[str, str], folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / f"uvicorn-{self.port}.log"
        command = [sys.executable, "-m", "uvicorn", "main:app", "--app-dir", str(HOME), "--port", str(self.port)]
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *options],
                env={**os.environ, **environment},
                cwd=folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextmanager
def started(way: str, environment: dict[str, str], folder: Path) -> Iterator[ServiceProcess]:
    """The service, started by that command."""
    program, *options = way.split()
    service = Uvicorn(environment, folder, *options) if program == "uvicorn" else ServiceProcess(environment, folder)
    try:
        yield service.wait_until_ready()
    finally:
        service.kill()


@pytest.mark.parametrize("way", ["serve", "uvicorn", "uvicorn --http h11", "uvicorn --root-path /x"])
@pytest.mark.slow
def test_however_it_is_served_no_form_of_an_address_opens(
    way: str, environment: dict[str, str], tmp_path: Path
) -> None:
    with started(way, environment | RULES["private"], tmp_path) as service:
        kept = keep_a_face(service)
        closed = [Address(method, f"/images/{kept.name}") for method in ("GET", "HEAD")]
        closed += [Address("GET", "/faces?limit=1"), Address("GET", "/avatar?mood=fun"), Address("POST", "/query")]

        for address in closed:
            assert status(ask(service, address.method, address.target, f"X-API-Key: {KEY}")) == 200
            assert status(ask(service, address.method, address.target)) == 401
            for form, target in forms(address):
                answer = status(ask(service, address.method, target))
                assert answer in ({400} if CONTROL.search(target) else REFUSED), (address, form)
            for raw in ("\n", "\t", "\0", "\x7f", "\x85"):
                assert status(ask(service, address.method, address.target + raw)) in {0, 400, 401, 405}
        assert status(ask(service, "GET", "/features")) == status(ask(service, "GET", "/healthz")) == 200


@pytest.mark.parametrize("prefix", ["/query", "/images", "/x/query"])
@pytest.mark.slow
def test_a_path_in_front_of_all_others_opens_no_door(prefix: str, environment: dict[str, str], tmp_path: Path) -> None:
    with started(f"uvicorn --root-path {prefix}", environment | RULES["private"], tmp_path) as service:
        kept = keep_a_face(service)

        for method, target in (
            ("POST", "/"),
            ("POST", "/query"),
            ("GET", f"/{kept.name}"),
            ("GET", f"/images/{kept.name}"),
        ):
            assert status(ask(service, method, target)) in {401, 405}, target
