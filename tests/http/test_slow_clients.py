"""Slow, huge and endless requests: the connection ends, and everybody else is answered meanwhile."""

import socket
import time
from contextlib import ExitStack
from typing import Final

import pytest

from avatars_as_a_service.server.protocol import MAX_HEAD_BYTES
from tests.conftest import Serve
from tests.support.clock import stretched
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ThreadedService
from tests.support.wire import GET, connected, next_of, post, rest_of, status

LONG_GET: Final = GET[:-2] + b"Cookie: " + b"c" * 2000 + b"\r\n\r\n"
FACE: Final = post(b'{"properties": {"variant": 7}}').replace(b"Host: x", b"Host: localhost")
POST: Final = post(b" " * 20)[:-20]
"""A query whose body of 20 bytes is missing."""
CHUNKED: Final = POST.replace(b"Content-Length: 20", b"Transfer-Encoding: chunked")


@pytest.fixture
def service(serve: Serve) -> ThreadedService:
    """One that waits a second for a request."""
    return serve({"DB_STRING": "sqlite:///x.db", "AVATARS_REQUEST_TIMEOUT_S": "1"})


def is_kept_waiting(connection: socket.socket) -> bool:
    """Whether nothing has come yet, not even an end."""
    connection.settimeout(0)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    return False


@pytest.mark.parametrize(
    "begun",
    [b"", b"\r\n", b"G", GET[:-2], POST, POST + b'{"pro', CHUNKED],
)
@pytest.mark.slow
def test_a_request_that_does_not_come_in_time_is_ended(service: ThreadedService, begun: bytes) -> None:
    with connected(service) as connection:
        began = time.monotonic()
        connection.sendall(begun)
        answer = rest_of(connection)

    assert 0.9 < time.monotonic() - began < stretched(5)
    assert status(answer) == 408


def test_byte_by_byte_is_no_way_round(service: ThreadedService) -> None:
    with connected(service) as connection:
        began = time.monotonic()
        with pytest.raises(OSError, match=r"(?i)reset|pipe"):
            trickle(connection, GET[:-2] + b"X: " + b"y" * 200)

    assert time.monotonic() - began < stretched(4)


def trickle(connection: socket.socket, request: bytes) -> None:
    for byte in request:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def test_between_two_requests_a_connection_may_rest(service: ThreadedService) -> None:
    with connected(service) as connection:
        for _ in range(2):
            connection.sendall(GET)
            assert status(next_of(connection)) == 200
            time.sleep(1.5)
        connection.sendall(b"\r\n")
        began = time.monotonic()
        assert status(rest_of(connection)) == 408

    assert time.monotonic() - began < stretched(4)


@pytest.mark.slow
def test_an_idle_connection_is_kept_so_long_and_no_longer(serve: Serve) -> None:
    service = serve({"DB_STRING": "sqlite:///x.db", "AVATARS_KEEP_ALIVE_S": "4"})
    with connected(service) as connection:
        for _ in range(5):
            time.sleep(1)
            connection.sendall(GET)
            assert status(next_of(connection)) == 200
        began = time.monotonic()

        assert rest_of(connection) == b""
    assert 3.9 < time.monotonic() - began < stretched(8)


def test_a_request_that_outlasts_the_rest_before_it_is_answered(
    serve: Serve, provider: LoopbackProvider, paid: dict[str, str]
) -> None:
    service = serve(paid, AVATARS_KEEP_ALIVE_S="1")
    provider.delay = 2.0
    with connected(service) as connection:
        for request in (GET, FACE, GET):
            connection.sendall(request)
            assert status(next_of(connection)) == 200
    assert len(provider.calls) == 1


def test_an_answer_may_take_longer_than_its_request(
    serve: Serve, provider: LoopbackProvider, paid: dict[str, str]
) -> None:
    service = serve(paid, AVATARS_REQUEST_TIMEOUT_S="2")
    drawing = provider.hold_next()
    with connected(service) as connection:
        connection.sendall(FACE + GET[:10])
        time.sleep(3)
        drawing.set()
        connection.sendall(GET[10:])

        assert status(next_of(connection)) == 200
        assert status(next_of(connection)) == 200


@pytest.mark.in_process("reads what it logs")
def test_who_leaves_with_several_requests_under_way_is_no_error(
    serve: Serve, provider: LoopbackProvider, paid: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    service = serve(paid)
    provider.delay = 1.0
    with connected(service) as connection:
        connection.sendall(FACE + GET + GET)
    with connected(service) as connection:  # the next one is answered behind the first, and so after it
        connection.sendall(FACE)
        assert status(next_of(connection)) == 200
    time.sleep(0.2)

    assert [record.getMessage() for record in caplog.records if record.name == "uvicorn.error"] == []


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 300_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["one header", "many headers", "address"],
)
@pytest.mark.parametrize("piece", [1000, 1_000_000])
def test_a_head_that_is_too_large_is_refused(service: ThreadedService, head: bytes, piece: int) -> None:
    with connected(service) as connection:
        answer = b""
        try:
            for start in range(0, len(head), piece):
                connection.sendall(head[start : start + piece])
            answer = rest_of(connection)
        except OSError:  # it was ended before all was sent
            answer = rest_of(connection)

    assert status(answer) in {431, 0}
    assert service.client.get("/healthz").status_code == 200


def test_heads_that_come_in_two_pieces_each_add_up_to_nothing(service: ThreadedService) -> None:
    with connected(service) as connection:
        statuses = []
        for _ in range(2 * MAX_HEAD_BYTES // len(LONG_GET)):
            connection.sendall(LONG_GET[:1500])
            time.sleep(0.01)
            connection.sendall(LONG_GET[1500:])
            statuses.append(status(next_of(connection)))

    assert set(statuses) == {200}


def test_requests_that_come_together_are_not_taken_for_one_head(service: ThreadedService) -> None:
    count = 2 * MAX_HEAD_BYTES // len(LONG_GET)

    with connected(service) as connection:
        connection.sendall(LONG_GET * count + LONG_GET[:-2])
        statuses = [status(next_of(connection)) for _ in range(count)]
        connection.sendall(LONG_GET[-2:])
        statuses.append(status(next_of(connection)))

    assert set(statuses) == {200}


@pytest.mark.slow
def test_five_hundred_slow_writers_keep_nobody_waiting(serve: Serve) -> None:
    service = serve({"DB_STRING": "sqlite:///x.db", "AVATARS_REQUEST_TIMEOUT_S": "60"})
    service.client.post("/query", json={}).raise_for_status()
    with ExitStack() as held:
        slow = [held.enter_context(connected(service)) for _ in range(500)]
        for connection in slow:
            connection.sendall(POST + b"{")

        hits = [service.client.post("/query", json={}).json()["cache_hit"] for _ in range(100)]

        assert hits == [True] * 100
        assert all(is_kept_waiting(connection) for connection in slow), "hits came only when the slow were gone"


@pytest.mark.slow
def test_past_the_most_connections_the_idlest_make_room(serve: Serve) -> None:
    service = serve({"DB_STRING": "sqlite:///x.db", "AVATARS_MAX_CONNECTIONS": "20"})
    with ExitStack() as held:
        idle = [held.enter_context(connected(service)) for _ in range(200)]
        with connected(service) as connection:
            connection.sendall(GET)
            assert status(next_of(connection)) == 200

        ended = 0
        for connection in idle:
            connection.settimeout(0)
            try:
                ended += connection.recv(1) == b""
            except BlockingIOError:
                pass
            except ConnectionResetError:
                ended += 1

    assert 180 <= ended <= 182


@pytest.mark.in_process("shortens how long a client may not read")
@pytest.mark.parametrize("is_hit", [False, True], ids=["a file", "a kept picture"])
@pytest.mark.slow
def test_who_does_not_read_is_not_waited_for(serve: Serve, monkeypatch: pytest.MonkeyPatch, *, is_hit: bool) -> None:
    monkeypatch.setattr("avatars_as_a_service.server.protocol._UNREAD_S", 1)
    service = serve({"DB_STRING": "sqlite:///x.db"})
    path = "/docs/assets/swagger-ui-bundle.js"
    if is_hit:
        path = service.client.post("/query", json={}).json()["data"]["image_url"].removeprefix(service.url)
    size = len(service.client.get(path).content)
    requests = 20_000_000 // size
    with connected(service) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode() * requests)
        time.sleep(3)
        received = rest_of(connection)

    assert len(received) < requests * size
    assert service.client.get(path).status_code == 200
