"""Requests that offer another protocol: the offer is ignored, and the request is read and answered like any other."""

import time
from collections.abc import Callable
from typing import Final

import pytest

from tests.support.service_runner import ThreadedService
from tests.support.wire import GET, body_of, connected, headers_of, next_of, post, rest_of, status

FACE: Final = b'{"properties": {"variant": 3}}'
OFFERS: Final = {
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQAAP__",
    "TLS": b"Upgrade: TLS/1.2\r\nConnection: upgrade",
    "websocket": b"connection: UPGRADE\r\nupgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AA==",
    "several": b"Connection: keep-alive, Upgrade\r\nUPGRADE: h2c\r\nUpgrade: IRC/6.9, RTA/x11",
}
SLOW: Final = b"\r\nIdempotency-Key: past-the-hits"
Send = Callable[[bytes], list[bytes]]


def in_one_piece(request: bytes) -> list[bytes]:
    return [request]


def head_and_body(request: bytes) -> list[bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    return [head + b"\r\n\r\n", body[:5], body[5:]]


def within_the_head(request: bytes) -> list[bytes]:
    middle = request.index(b"pgrade")
    return [request[:middle], request[middle : middle + 20], request[middle + 20 :]]


@pytest.fixture(scope="module")
def known(local_service: ThreadedService) -> bytes:
    """The service's answer to the face when it is a hit."""
    with connected(local_service) as connection:
        for _ in range(2):
            connection.sendall(post(FACE))
            answer = next_of(connection)
    return body_of(answer)


def offering(request: bytes, offer: bytes) -> bytes:
    return request.replace(b"Host: x", b"Host: x\r\n" + offer, 1)


@pytest.mark.parametrize("parts", [in_one_piece, head_and_body, within_the_head])
@pytest.mark.parametrize("way", [b"", SLOW], ids=["hit", "framework"])
@pytest.mark.parametrize("offer", OFFERS)
def test_a_body_is_read_whatever_is_offered(
    local_service: ThreadedService, known: bytes, offer: str, way: bytes, parts: Send
) -> None:
    request = offering(post(FACE), OFFERS[offer] + way)
    with connected(local_service) as connection:
        for _ in range(2):  # the connection goes on as HTTP/1.1
            for part in parts(request):
                connection.sendall(part)
                if part != request:
                    time.sleep(0.02)
            answer = next_of(connection)
            assert (status(answer), body_of(answer)) == (200, known)
            assert b"upgrade" not in headers_of(answer)


@pytest.mark.parametrize("offer", OFFERS)
def test_a_body_in_chunks_and_what_comes_behind_it_are_read(
    local_service: ThreadedService, known: bytes, offer: str
) -> None:
    length = b"Content-Length: %d" % len(FACE)
    chunked = offering(post(FACE), OFFERS[offer]).replace(length, b"Transfer-Encoding: chunked")
    chunked = chunked.replace(FACE, b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (FACE[:5], len(FACE) - 5, FACE[5:]))
    requests = [chunked, offering(GET, OFFERS[offer]), offering(post(FACE), OFFERS[offer]), post(FACE), GET] * 20
    with connected(local_service) as connection:
        connection.sendall(b"".join(requests))
        answers = [next_of(connection) for _ in requests]

    assert {status(answer) for answer in answers} == {200}
    assert [body_of(answer) for answer in answers[:4]] == [known, body_of(answers[1]), known, known]
    assert b"alive" in body_of(answers[1])


def test_a_tunnel_is_refused(local_service: ThreadedService) -> None:
    for target in (b"example.com:443", b"/query", b"http://example.com/"):
        with connected(local_service) as connection:
            connection.sendall(b"CONNECT %b HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n" % target)
            assert status(rest_of(connection)) == 400
