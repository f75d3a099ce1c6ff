"""Gates: plain ASGI around the whole application, for every request alike."""

import re
import time
from collections.abc import Awaitable, Mapping, Sequence
from itertools import count
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.errors import BodyTooLarge
from avatars_as_a_service.service.traffic import Traffic
from avatars_as_a_service.web.problems import problem

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_NEW_IDS: Final = map((uuid4().hex[:16].encode() + b"-%x").__mod__, count(1))
"""Ids that no other request of any process has."""
_SERVER_ERROR: Final = 500
_QUERY: Final = "/query"
_IMAGE: Final = "/images/{name}"
_MOST_ORIGINS: Final = 1000
_LONGEST_ORIGIN: Final = 300
"""Bytes; a host has at most 253."""
_EXPOSED: Final = (
    "X-Request-ID",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Preference-Applied",
    "X-Avatar-Status",
    "X-Avatar-Signature",
)

log = structlog.get_logger("avatars_as_a_service.requests")


class RequestLog:
    """Gives each request an id, its own or the client's, counts it, and writes a line of it: of hits one in so many."""

    def __init__(self, *, every_nth_hit: int, traffic: Traffic) -> None:
        self._every_nth_hit = every_nth_hit
        self._traffic = traffic
        self._slow_hits = count()
        self._hits = {
            "POST": {200: traffic.hits(_QUERY, 200)},
            "GET": {status: traffic.hits(_IMAGE, status) for status in (200, 304)},
        }

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with a line for each of its requests."""

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await self._listen(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return logged

    def request_id(self, headers: Mapping[bytes, bytes]) -> bytes:
        """The client's own where it is a plain word, else one that no other request has."""
        if b"x-request-id" in headers and _REQUEST_ID.fullmatch(headers[b"x-request-id"]):
            return headers[b"x-request-id"]
        return next(_NEW_IDS)

    def hit(self, scope: Scope, request_id: bytes, status: int, began: float) -> None:
        """Hear of a hit that the front door has answered; ``began`` is what ``time.perf_counter`` said then."""
        hits = self._hits[scope["method"]][status]
        before = hits.count
        hits.count = before + 1
        if before % self._every_nth_hit:
            return
        hits.seconds = time.perf_counter() - began
        self._write(scope, request_id, status, hits.seconds, "hit")

    async def _listen(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.perf_counter(), _SERVER_ERROR
        request_id = self.request_id(first_of_each(scope))

        def listen(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # A new list: the reply's own may be shared.
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id)]
            return send(message)

        try:
            await app(scope, receive, listen)
        finally:
            outcome, seconds = scope.get("state", {}).get("outcome"), time.perf_counter() - began
            self._traffic.count(_route(scope), outcome or "", status, seconds)
            if outcome != "hit" or next(self._slow_hits) % self._every_nth_hit == 0:
                self._write(scope, request_id, status, seconds, outcome)

    def _write(self, scope: Scope, request_id: bytes, status: int, seconds: float, outcome: str | None) -> None:
        level = log.error if status >= _SERVER_ERROR and outcome is None else log.info
        details = {} if outcome is None else {"outcome": outcome}
        # Never the query string: it may hold a seed or a signature.
        level(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=int(status),
            ms=round(seconds * 1000, 1),
            request_id=request_id.decode(),
            **details,
        )


def _route(scope: Scope) -> str:
    """The address without what differs from request to request; ``other`` where there is nothing."""
    path: str = scope["path"]
    if path == _QUERY:
        return path
    if path.startswith("/images/"):
        return _IMAGE
    route = scope.get("route")
    return "other" if route is None else str(route.path)


class CrossOrigin:
    """Whose pages may read the answers: Starlette's own rules, remembered for the answers that come all day."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = origins
        self._rules = self.around(_nothing)
        self._headers: dict[bytes | None, list[tuple[bytes, bytes]]] = {}

    def around(self, app: ASGIApp) -> CORSMiddleware:
        """The application, with preflight requests answered and the headers added to its answers."""
        return CORSMiddleware(
            app,
            allow_origins=self._origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Prefer", "X-API-Key", "X-Request-ID"],
            expose_headers=list(_EXPOSED),
        )

    async def headers(self, origin: bytes | None) -> list[tuple[bytes, bytes]]:
        """What an answer to that origin carries beside its own headers."""
        known = self._headers.get(origin)
        if known is None:
            start: Message = {"type": "http.response.start", "headers": []}
            asked = Headers(raw=[] if origin is None else [(b"origin", origin)])
            await self._rules.send(start, _nowhere, asked)
            known = start["headers"]
            if len(self._headers) < _MOST_ORIGINS and len(origin or b"") <= _LONGEST_ORIGIN:
                self._headers[origin] = known
        return known


class BodyLimit:
    """Refuses a body over so many bytes: at once where its length is announced, else as soon as it shows."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and no more of its body than is allowed."""
        if scope["type"] == "http" and _announced(scope) > self._most:
            await problem(BodyTooLarge(self._most))(scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._most:
                raise BodyTooLarge(self._most)
            return message

        await self._app(scope, limited, send)


def first_of_each(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers; of one that comes twice the first, as everywhere."""
    return dict(reversed(scope["headers"]))


def _announced(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(length) if length.isdigit() else 0


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An application that is never asked."""


async def _nowhere(_message: Message) -> None:
    """Where a message goes that only its headers are wanted of."""
