"""A connection to a service, byte by byte: what no HTTP client would send, and what it would not show."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.support.service_runner import ThreadedService

GET: Final = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def post(body: bytes) -> bytes:
    """A query with this body."""
    head = b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


@contextmanager
def connected(service: ThreadedService) -> Iterator[socket.socket]:
    """A connection of its own."""
    place = service.url.removeprefix("http://").split(":")
    with socket.create_connection((place[0], int(place[1])), timeout=120) as connection:
        yield connection


def next_of(connection: socket.socket) -> bytes:
    """One answer, and nothing of the next."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += _some(connection, 1, answer)
    whole = len(answer) + int(headers_of(answer).get(b"content-length", b"0"))
    while len(answer) < whole:
        answer += _some(connection, whole - len(answer), answer)
    return answer


def rest_of(connection: socket.socket) -> bytes:
    """All that comes until the other side ends it."""
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def status(answer: bytes) -> int:
    """Its status; 0 where nothing came."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def headers_of(answer: bytes) -> dict[bytes, bytes]:
    """Its headers, the names as they came."""
    lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return {name: value.strip() for name, _, value in (line.partition(b":") for line in lines)}


def body_of(answer: bytes) -> bytes:
    """What comes behind its head."""
    return answer.partition(b"\r\n\r\n")[2]


def _some(connection: socket.socket, most: int, before: bytes) -> bytes:
    piece = connection.recv(most)
    assert piece, f"the connection ended after {before!r}"
    return piece
