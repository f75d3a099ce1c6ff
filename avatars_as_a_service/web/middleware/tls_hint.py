"""TLS hint: tells the operator once that clients come over TLS and are answered with ``http://`` URLs."""

import re
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.settings import variable
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.urls import PictureUrls

_SAYS_HTTPS: Final = re.compile(rb"(^|[;,\s])proto=\"?https\b", re.IGNORECASE)

log = structlog.get_logger(__name__)


class TlsHint:
    """Logs one line for the first such request of this process."""

    def __init__(self, app: ASGIApp, urls: PictureUrls) -> None:
        self._app = app
        self._urls = urls
        self._has_told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the request, and pass it on."""
        if scope["type"] == "http" and not self._has_told:
            headers = header_map(scope)
            host = headers.get(b"host", b"")
            if _came_over_tls(headers, host) and self._urls.base(scope, host, kept=False).startswith("http://"):
                self._has_told = True
                log.warning(
                    "clients come over TLS and are answered with http:// URLs",
                    settings=f"{variable('public_url')} or {variable('trusted_proxies')}",
                )
        await self._app(scope, receive, send)


def _came_over_tls(headers: dict[bytes, bytes], host: bytes) -> bool:
    """Whether a page of this very host, or a proxy that is not trusted, says ``https``."""
    return (
        (host != b"" and headers.get(b"origin", b"").lower() == b"https://" + host.lower())
        or headers.get(b"x-forwarded-proto", b"").lower().startswith(b"https")
        or _SAYS_HTTPS.search(headers.get(b"forwarded", b"")) is not None
    )
