"""URL limit: rejects URLs that are longer than any that the service serves."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.errors import UrlTooLong
from avatars_as_a_service.web.responses.error_responses import error_response

MAX_URL_BYTES: Final = 8192
"""Bytes of path and query together."""


class UrlLimit:
    """Rejects a request whose path and query are too long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or reject it."""
        app = self._app
        if scope["type"] == "http" and _length(scope) > MAX_URL_BYTES:
            app = error_response(UrlTooLong(MAX_URL_BYTES))
        await app(scope, receive, send)


def _length(scope: Scope) -> int:
    return len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")
