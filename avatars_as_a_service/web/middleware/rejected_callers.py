"""Rejected callers: rejects rate-limited callers again before parsing."""

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.access.admission import Admission
from avatars_as_a_service.web.middleware.rejections import Refuse
from avatars_as_a_service.web.requests.caller import caller_of
from avatars_as_a_service.web.route_access import Access, RouteAccess


class RejectedCallers:
    """Rejects a caller that was rate-limited and does not wait, before its request is read: a flood costs little."""

    def __init__(self, app: ASGIApp, admission: Admission, *, routes: RouteAccess, refuse: Refuse) -> None:
        self._app = app
        self._admission = admission
        self._routes = routes
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or reject it."""
        app = self._app
        if scope["type"] == "http" and self._routes.of(scope) is Access.PAY:
            rejection = await self._admission.recent_rejection(caller_of(scope))
            if rejection is not None:
                app = self._refuse(rejection)
        await app(scope, receive, send)
