"""Security headers: what each response forbids the browser to do."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.web.responses.security_policy import NOTHING_ALLOWED, SECURITY_HEADERS

_PAGE_POLICY: Final = (
    b"default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'none'"
)
"""The content security policy of a page that sets none itself."""


class SecurityHeaders:
    """Adds the security headers that a response does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its response back with the headers."""

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_headers(list(message.get("headers", ())))
            await send(message)

        await self._app(scope, receive, send_hardened if scope["type"] == "http" else send)


def _with_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    present = dict(headers)
    policy = _PAGE_POLICY if present.get(b"content-type", b"").startswith(b"text/html") else NOTHING_ALLOWED
    defaults = {**dict(SECURITY_HEADERS), b"content-security-policy": policy}
    return [*headers, *((name, value) for name, value in defaults.items() if name not in present)]
