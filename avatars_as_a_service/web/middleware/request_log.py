"""Request log: an id, a count and a log line for each request."""

import re
import time
from collections.abc import Awaitable, Iterable, Mapping
from itertools import count
from typing import Final
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.metrics.request_stats import Hits, RequestStats
from avatars_as_a_service.web.requests.embed_path import BY_TEXT, is_by_text
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.responses.encoded_headers import EncodedHeaders, Header
from avatars_as_a_service.web.responses.hits import EncodedResponse
from avatars_as_a_service.web.responses.outcome import Outcome, outcome_of

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_NEW_IDS: Final = map((uuid4().hex[:16].encode() + b"-%x").__mod__, count(1))
"""Ids that no other request of any process has."""
_SERVER_ERROR: Final = 500
QUERY: Final = "/query"
QUERY_PATHS: Final = frozenset({QUERY, "/query/"})
"""The paths of ``POST /query``."""
IMAGE: Final = "/images/{name}"
_OTHER: Final = "other"

log = structlog.get_logger("avatars_as_a_service.requests")


class RequestLog:
    """Counts every request and logs it; of the hits it logs one in ``every_nth_hit``."""

    def __init__(self, *, every_nth_hit: int, request_stats: RequestStats) -> None:
        self._every_nth_hit = every_nth_hit
        self._request_stats = request_stats
        self._stored_hits = count()
        self._cached: dict[tuple[str, int, Outcome], Hits] = {}

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Return the application with each of its requests logged."""

        async def logged(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await self._run(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return logged

    def request_id(self, headers: Mapping[bytes, bytes]) -> bytes:
        """The client's ``X-Request-ID`` if it is a plain word, else an id that no other request has."""
        if b"x-request-id" in headers and _REQUEST_ID.fullmatch(headers[b"x-request-id"]):
            return headers[b"x-request-id"]
        return next(_NEW_IDS)

    def add_cached_hit(self, scope: Scope, route: str, request_id: bytes, reply: EncodedResponse, began: float) -> None:
        """Count what ``CachedHits`` answered; ``began`` is the ``time.perf_counter`` at its start."""
        kind = route, reply.status_code, reply.outcome
        hits = self._cached.get(kind)
        if hits is None:
            hits = self._cached[kind] = self._request_stats.hits(*kind)
        before = hits.count
        hits.count = before + 1
        if before % self._every_nth_hit:
            return
        seconds = time.perf_counter() - began
        hits.durations.observe(seconds)
        self._write(scope, request_id, reply.status_code, seconds, reply.outcome)

    async def _run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.perf_counter(), _SERVER_ERROR
        request_id = self.request_id(header_map(scope))

        def send_with_id(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_id(message.get("headers", ()), request_id)
            return send(message)

        try:
            await app(scope, receive, send_with_id)
        finally:
            outcome, seconds = outcome_of(scope), time.perf_counter() - began
            self._request_stats.count(_route(scope), "" if outcome is None else outcome.value, status, seconds)
            if not _is_sampled(scope, outcome) or next(self._stored_hits) % self._every_nth_hit == 0:
                self._write(scope, request_id, status, seconds, outcome)

    def _write(self, scope: Scope, request_id: bytes, status: int, seconds: float, outcome: Outcome | None) -> None:
        level = log.error if status >= _SERVER_ERROR and outcome is None else log.info
        details = {} if outcome is None else {"outcome": outcome.value}
        # Never the query string, nor a text as path: they may hold a seed or a signature.
        level(
            "request",
            method=scope["method"],
            path=BY_TEXT if is_by_text(scope["path"]) else scope["path"],
            status=int(status),
            ms=round(seconds * 1000, 1),
            request_id=request_id.decode(),
            **details,
        )


def _with_id(headers: Iterable[Header], request_id: bytes) -> Iterable[Header]:
    """Return new headers with the request's id: responses share theirs. Encoded headers stay encoded."""
    if isinstance(headers, EncodedHeaders):
        return headers.plus(b"x-request-id", request_id)
    return [*headers, (b"x-request-id", request_id)]


def _is_sampled(scope: Scope, outcome: Outcome | None) -> bool:
    """Whether one request of many stands for such requests in the log: hits, and the stand-ins that pages show."""
    return outcome is Outcome.HIT or (outcome is Outcome.STAND_IN and scope["method"] != "POST")


def _route(scope: Scope) -> str:
    """The template of the route, which is the same for all its requests; ``other`` if no route matches."""
    path: str = scope["path"]
    if path in QUERY_PATHS:
        return QUERY
    if path.startswith("/images/"):
        return IMAGE
    route = scope.get("route")
    return _OTHER if route is None else str(route.path)
