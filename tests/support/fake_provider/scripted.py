"""A server on loopback that answers raw bytes, as a function of the request says, and keeps what it received."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """A request; the names of its headers are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Its body."""
        return json.loads(self.body)


Respond = Callable[[Received], bytes]


class ScriptedServer:
    """Listens on one address while its context is open; ``respond`` may be changed at any time."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.received: list[Received] = []
        self.origin = ""

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.origin.rpartition(":")[2])

    @property
    def calls(self) -> list[Received]:
        """The image calls so far."""
        return [request for request in self.received if request.method == "POST"]

    @contextmanager
    def listening(self) -> Iterator[ScriptedServer]:
        """Listen on a free port of 127.0.0.1."""
        scripted = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                request = _read(self.rfile)
                scripted.received.append(request)
                self.wfile.write(scripted.respond(request))

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            self.origin = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


def always(answer: bytes) -> Respond:
    """Give that answer to every request."""
    return lambda _: answer


def reply(body: object, *, status: int = 200, headers: str = "", media_type: str = "application/json") -> bytes:
    """An HTTP answer with that JSON, or with those bytes; each of its headers ends with a line end."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {media_type}\r\n"
    return f"{head}Content-Length: {len(data)}\r\n{headers}\r\n".encode("latin-1") + data


def redirect(location: str, *, status: int = 302) -> bytes:
    """An HTTP answer that points elsewhere."""
    return reply(b"", status=status, headers=f"Location: {location}\r\n")


def _read(stream: Any) -> Received:  # noqa: ANN401 - socketserver does not type it
    method, _, rest = stream.readline().decode("latin-1").partition(" ")
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Received(method, rest.partition(" ")[0], headers, stream.read(int(headers.get("content-length", 0))))
