"""Trusted hosts: rejects requests for other hosts than the allowed ones (``AVATARS_ALLOWED_HOSTS``).

Starlette's ``TrustedHostMiddleware`` answers in plain text and lets no probe through; this one answers with a code.
"""

import re
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.errors import HostNotAllowed
from avatars_as_a_service.web.middleware.rejections import Refuse
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.route_access import Access, RouteAccess

_PORT: Final = re.compile(rb":\d*$")


class TrustedHosts:
    """Rejects a request for a host that is not allowed. A probe may use any host name that the machine has."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str], *, routes: RouteAccess, refuse: Refuse) -> None:
        self._app = app
        self._routes = routes
        self._refuse = refuse
        self._hosts = {host.encode() for host in hosts if not host.startswith("*.")}
        self._suffixes = tuple(host[1:].encode() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or reject it."""
        app = self._app
        if scope["type"] == "http" and not self._is_allowed(scope) and self._routes.of(scope) is not Access.PROBE:
            app = self._refuse(HostNotAllowed())
        await app(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        host = _PORT.sub(b"", header_map(scope).get(b"host", b"")).lower()
        return host in self._hosts or host.endswith(self._suffixes)
