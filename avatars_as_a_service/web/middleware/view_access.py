"""View access: private mode and limits on hits, in front of the hits themselves.

The middleware is built only if one of these rules is set, so a hit pays nothing for it otherwise. Each route declares
its rule (``route_access``).
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.access.admission import Admission
from avatars_as_a_service.domain.signing import Verdict
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.web.middleware.cors import CorsPolicy
from avatars_as_a_service.web.middleware.rejections import Refuse
from avatars_as_a_service.web.requests.caller import caller_of
from avatars_as_a_service.web.requests.signature import verify_signature
from avatars_as_a_service.web.route_access import Access, RouteAccess

_UNRESTRICTED: Final = {Access.OPEN, Access.PROBE, Access.OPERATOR}


class ViewAccess:
    """Requires an API key in private mode, and counts requests if hits are limited.

    ``hits`` gets the requests that pass these rules; ``app`` gets the requests that need not.
    """

    def __init__(
        self,
        hits: ASGIApp,
        admission: Admission,
        *,
        app: ASGIApp,
        routes: RouteAccess,
        refuse: Refuse,
        signing_key: str | None,
        cors: CorsPolicy | None,
    ) -> None:
        self._hits = hits
        self._admission = admission
        self._app = app
        self._routes = routes
        self._refuse = refuse
        self._signing_key = signing_key
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or reject it."""
        if scope["type"] != "http" or self._is_preflight(scope):
            await self._app(scope, receive, send)
            return
        access = self._routes.of(scope)
        if access in _UNRESTRICTED:
            await self._app(scope, receive, send)
            return
        try:
            is_signed = access is Access.EMBED and self._is_signed(scope)
            await self._admission.authorize_view(caller_of(scope, is_signed=is_signed))
        except AvatarsError as error:
            await self._refuse(error)(scope, receive, send)
        else:
            await self._hits(scope, receive, _privately(send) if self._admission.is_private else send)

    def _is_preflight(self, scope: Scope) -> bool:
        return self._cors is not None and self._cors.is_preflight(scope)

    def _is_signed(self, scope: Scope) -> bool:
        return verify_signature(scope, self._signing_key) is Verdict.VALID


def _privately(send: Send) -> Send:
    """Keep responses out of shared caches: only the caller with the API key may see them."""

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, value.replace(b"public", b"private") if name == b"cache-control" else value)
                for name, value in message.get("headers", ())
            ]
        await send(message)

    return send_private
