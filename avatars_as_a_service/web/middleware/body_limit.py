"""Body limit: rejects request bodies that are too large.

Starlette's ``RequestBodyLimitMiddleware`` answers in plain text; this one answers with a code, as all our errors do.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.errors import BodyTooLarge
from avatars_as_a_service.web.responses.error_responses import error_response


class BodyLimit:
    """Rejects a large body at once if its length is announced, else as soon as too many bytes have come."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; reading more of its body than is allowed raises ``BodyTooLarge``."""
        if scope["type"] == "http" and _announced(scope) > self._max_bytes:
            await error_response(BodyTooLarge(self._max_bytes))(scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._max_bytes:
                raise BodyTooLarge(self._max_bytes)
            return message

        await self._app(scope, limited, send)


def _announced(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(length) if length.isdigit() else 0
