"""Hits on the wire: sent in one piece, and still what any HTTP client expects."""

import socket
import time
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from avatars_as_a_service.server.response_cycle import SingleWriteCycle
from avatars_as_a_service.web.middleware.cached_hits import CachedHits
from tests.conftest import Serve
from tests.support.service_runner import ThreadedService
from tests.support.wire import GET, body_of, connected, headers_of, next_of, post, rest_of, status

FACE: Final = post(b'{"properties": {"variant": 3}}')


@pytest.fixture
def service(serve: Serve) -> ThreadedService:
    """One that has the face."""
    service = serve({})
    with connected(service) as connection:
        connection.sendall(FACE)
        assert status(next_of(connection)) == 200
    return service


def picture(service: ThreadedService, *headers: bytes) -> bytes:
    """A request for the face's picture, whose body is in memory."""
    url = service.client.post("/query", json={"properties": {"variant": 3}}).json()["data"]["image_url"]
    address = urlsplit(url)
    target = f"{address.path}?{address.query}".encode()
    assert service.client.get(target.decode()).status_code == 200
    return b"\r\n".join([b"GET %b HTTP/1.1" % target, b"Host: x", *headers, b"", b""])


def test_a_hit_has_the_same_head_and_body_whoever_answers_it(service: ThreadedService) -> None:
    by_the_framework = FACE.replace(b"Host: x", b"Host: x\r\nIdempotency-Key: once")
    with connected(service) as connection:
        answers = []
        for request in (FACE, by_the_framework):
            connection.sendall(request)
            answers.append(next_of(connection))

    cached, framework = answers
    assert cached.split(b"\r\n")[0] == framework.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    assert body_of(cached) == body_of(framework)
    assert set(headers_of(cached)) == set(headers_of(framework)) >= {b"date", b"x-request-id", b"content-length"}
    for name in set(headers_of(cached)) - {b"date", b"x-request-id"}:
        assert headers_of(cached)[name] == headers_of(framework)[name]


@pytest.mark.in_process("counts what it writes")
def test_a_hit_leaves_in_one_piece(service: ThreadedService, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = []
    whole = SingleWriteCycle._send_whole  # noqa: SLF001 - what nobody sees from outside but by its speed

    def counted(cycle: SingleWriteCycle, status: int, lines: bytes, body: bytes) -> None:
        pieces.append(body)
        whole(cycle, status, lines, body)

    asked = [FACE, picture(service)]
    monkeypatch.setattr(SingleWriteCycle, "_send_whole", counted)
    with connected(service) as connection:
        answers = []
        for request in [*asked, GET]:
            connection.sendall(request)
            answers.append(next_of(connection))

    assert pieces == [body_of(answer) for answer in answers[:2]]


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests that the server starts a task for."""
    paths: list[str] = []
    start = HttpToolsProtocol._start_asgi_task  # noqa: SLF001 - uvicorn has no other place to see it

    def noting(protocol: HttpToolsProtocol, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own
        paths.append(cycle.scope["path"])
        start(protocol, cycle, app)

    monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", noting)
    return paths


@pytest.mark.in_process("counts the server's tasks")
def test_a_whole_hit_needs_no_task_and_any_other_request_has_one(service: ThreadedService, tasks: list[str]) -> None:
    shown = picture(service)
    tasks.clear()
    with connected(service) as connection:
        for request in (FACE, shown, GET):
            connection.sendall(request)
            assert status(next_of(connection)) == 200
    assert tasks == ["/healthz"]


@pytest.mark.in_process("counts the look-ups")
def test_a_request_that_is_no_hit_is_looked_up_in_memory_once(
    service: ThreadedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = []
    find = CachedHits._find  # noqa: SLF001 - what nobody sees from outside but by its speed

    def noting(hits: CachedHits, scope: Scope, *more: Any) -> Any:  # noqa: ANN401 - as it is
        paths.append(scope["path"])
        return find(hits, scope, *more)

    monkeypatch.setattr(CachedHits, "_find", noting)
    new_face = post(b'{"properties": {"variant": 4}}')
    with connected(service) as connection:
        for request in (GET, new_face):
            connection.sendall(request)
            assert status(next_of(connection)) == 200

    assert paths == ["/healthz", "/query"]


def test_who_says_that_nothing_more_comes_is_still_answered(service: ThreadedService) -> None:
    for request in (FACE, picture(service), GET):
        for _ in range(20):
            with connected(service) as connection:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                assert status(next_of(connection)) == 200


def test_a_hit_whose_body_comes_later_is_answered_the_same(service: ThreadedService) -> None:
    for pieces in ([FACE[:-5], FACE[-5:]], [FACE[:20], FACE[20:-32], FACE[-32:]]):
        with connected(service) as connection:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.05)
            answer = next_of(connection)
        assert status(answer) == 200
        assert b'"cache_hit":true' in body_of(answer)


@pytest.mark.in_process("breaks a method")
def test_a_fault_where_hits_are_looked_up_is_a_500_and_tells_nothing(
    service: ThreadedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("planted")

    with connected(service) as connection, monkeypatch.context() as broken:
        broken.setattr(CachedHits, "_find", fail)
        connection.sendall(GET)
        failed = next_of(connection)
    with connected(service) as connection:
        connection.sendall(FACE)
        served = next_of(connection)

    assert status(failed) == 500
    assert b"planted" not in failed
    assert status(served) == 200


def test_pages_of_an_allowed_origin_may_read_the_first_hit_and_the_second(serve: Serve) -> None:
    service = serve({"AVATARS_CORS_ORIGINS": "https://app.example"})
    from_page = FACE.replace(b"Host: x", b"Host: x\r\nOrigin: https://app.example")
    with connected(service) as connection:
        answers = []
        for request in (FACE, from_page, from_page, FACE):
            connection.sendall(request)
            answers.append(headers_of(next_of(connection)).get(b"access-control-allow-origin"))

    assert answers == [None, b"https://app.example", b"https://app.example", None]
    assert service.client.get("/stats").json()["hits"] == 3, "counted once each; the first request drew the face"


def test_hits_that_are_sent_together_are_answered_in_their_order(service: ThreadedService) -> None:
    tag = service.client.get(picture(service).split(b" ")[1].decode()).headers["etag"].encode()
    requests = [FACE, picture(service), picture(service, b"If-None-Match: " + tag), GET, FACE]
    with connected(service) as connection:
        connection.sendall(b"".join(requests) * 50)
        answers = [next_of(connection) for _ in range(len(requests) * 50)]

    assert [status(answer) for answer in answers] == [200, 200, 304, 200, 200] * 50
    assert [len(body_of(answer)) for answer in answers] == [len(body_of(answer)) for answer in answers[:5]] * 50
    assert body_of(answers[2]) == b""


@pytest.mark.parametrize(
    ("ours", "last"), [(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n"), (b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n")]
)
def test_who_wants_no_second_answer_sees_the_connection_end(service: ThreadedService, ours: bytes, last: bytes) -> None:
    for request in (FACE, picture(service)):
        with connected(service) as connection:
            connection.sendall(request)
            kept = next_of(connection)
            connection.sendall(request.replace(ours, last))
            ended = rest_of(connection)

        assert b"connection" not in headers_of(kept)
        assert headers_of(ended)[b"connection"] == b"close"
        assert body_of(ended) == body_of(kept)


def test_what_comes_behind_a_body_is_no_header(serve: Serve) -> None:
    service = serve({"AVATARS_CORS_ORIGINS": "https://app.example"})
    chunked = post(b"{}").replace(b"Content-Length: 2", b"Transfer-Encoding: chunked").removesuffix(b"{}")

    with connected(service) as connection:
        connection.sendall(chunked + b"2\r\n{}\r\n0\r\nX-Request-ID: late\r\nOrigin: https://app.example\r\n\r\n")
        answer = next_of(connection)

    assert status(answer) == 200
    assert headers_of(answer)[b"x-request-id"] != b"late"
    assert b"access-control-allow-origin" not in headers_of(answer)


@pytest.mark.parametrize(
    ("header", "instead", "expected"),
    [(b"Content-Length: 20", b"Content-Length: 100000", 413), (b"application/json", b"text/plain", 415)],
)
@pytest.mark.parametrize("expects", [b"", b"Expect: 100-continue\r\n"])
def test_what_the_headers_are_refused_for_is_said_before_the_body_comes(
    serve: Serve, header: bytes, instead: bytes, expected: int, expects: bytes
) -> None:
    service = serve({})
    head = post(b" " * 20)[:-20].replace(header, instead)

    with connected(service) as connection:
        connection.sendall(head[:-2] + expects + b"\r\n")
        answer = next_of(connection)

    assert status(answer) == expected
