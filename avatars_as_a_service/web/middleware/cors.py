"""CORS: which pages of other origins may read the answers."""

from collections.abc import Sequence
from copy import copy
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.responses.exposed_headers import EXPOSED_HEADERS

_MAX_ORIGINS: Final = 1000
_MAX_ORIGIN_BYTES: Final = 300
"""A host has at most 253."""


class CorsPolicy:
    """Starlette's CORS rules, and their headers remembered for each origin, so that a hit does not compute them."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._rules = CORSMiddleware(
            _no_app,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["*"],
            expose_headers=list(EXPOSED_HEADERS),
        )
        self._headers: dict[bytes | None, list[tuple[bytes, bytes]]] = {}

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Return the application with preflight requests answered and CORS headers on its responses."""
        wrapped = copy(self._rules)  # a new CORSMiddleware takes as long as a hit: it builds all its headers
        wrapped.app = app
        return wrapped

    @staticmethod
    def is_preflight(scope: Scope) -> bool:
        """Whether the wrapped application answers this request before it reaches a route."""
        if scope["method"] != "OPTIONS":
            return False
        headers = header_map(scope)
        return b"origin" in headers and b"access-control-request-method" in headers

    def known_headers_for(self, origin: bytes | None) -> list[tuple[bytes, bytes]] | None:
        """As ``headers_for``, if they are remembered."""
        return self._headers.get(origin)

    async def headers_for(self, origin: bytes | None) -> list[tuple[bytes, bytes]]:
        """The CORS headers of a response to that origin."""
        known = self._headers.get(origin)
        if known is None:
            start: Message = {"type": "http.response.start", "headers": []}
            request_headers = Headers(raw=[] if origin is None else [(b"origin", origin)])
            await self._rules.send(start, _discard, request_headers)
            known = start["headers"]
            if len(self._headers) < _MAX_ORIGINS and len(origin or b"") <= _MAX_ORIGIN_BYTES:
                self._headers[origin] = known
        return known


async def _no_app(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Stand for an application: the rules alone are used."""


async def _discard(_message: Message) -> None:
    """Send nothing: the caller reads the headers of the message."""
