"""Hardening: what every answer tells a browser not to do, and the longest address that is read."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.errors import AddressTooLong, AvatarsError
from avatars_as_a_service.web.problems import problem

MOST_ADDRESS: Final = 8192
"""Bytes of path and query."""
_REFUSED: Final = "avatars.refused"
_NOTHING: Final = b"default-src 'none'; frame-ancestors 'none'"
_OWN_ONLY: Final = (
    b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'none'"
)
"""For a page that brings no policy of its own."""
HARDENED: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", _NOTHING),
)
"""What an answer that is no page carries."""


class Hardening:
    """Adds the headers that an answer does not bring itself, and refuses addresses that nobody needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back."""

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_headers(list(message.get("headers", ())))
            await send(message)

        app = self._app
        if scope["type"] == "http" and _length(scope) > MOST_ADDRESS:
            refuse(scope, AddressTooLong(MOST_ADDRESS))
        if _REFUSED in scope:
            app = problem(scope[_REFUSED])
        await app(scope, receive, hardened if scope["type"] == "http" else send)


def refuse(scope: Scope, error: AvatarsError) -> None:
    """Have the request answered with that error, wherever it passes ``Hardening``: logged and shaped like any other."""
    scope[_REFUSED] = error


def _length(scope: Scope) -> int:
    return len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")


def _with_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    there = dict(headers)
    policy = _OWN_ONLY if there.get(b"content-type", b"").startswith(b"text/html") else _NOTHING
    wanted = {**dict(HARDENED), b"content-security-policy": policy}
    return [*headers, *((name, value) for name, value in wanted.items() if name not in there)]
