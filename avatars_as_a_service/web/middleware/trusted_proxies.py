"""Trusted proxies: takes the client, the scheme and the host from their headers (``AVATARS_TRUSTED_PROXIES``)."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.web.requests.client import (
    address_of,
    as_ip,
    forwarded,
    forwarded_for,
    remember_connection,
)
from avatars_as_a_service.web.urls import set_root_path

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SCHEMES: Final = {"http", "https"}
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+){1,20}")
_MAX_PROXIES: Final = 1000
"""More than there are entries in any header."""


class TrustedProxies:
    """Replaces the client, scheme, host and root path of a request by those that a trusted proxy reports.

    Each header is a list to which each proxy adds an entry at the end. The client is the last IP address in
    ``X-Forwarded-For`` that is no trusted proxy's, and only the entries from there on are believed: the client itself
    may have written those before them.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as its client sent it to the first proxy."""
        if scope["type"] == "http" and self._trusts(address_of(scope)):
            self._apply(scope)
        await self._app(scope, receive, send)

    def _apply(self, scope: Scope) -> None:
        remember_connection(scope)
        client, proxies = self._client(scope)
        if client is not None:
            scope["client"] = (client, 0)
        for scheme in forwarded(scope, b"x-forwarded-proto")[-proxies:][:1]:
            scope["scheme"] = scheme.lower() if scheme.lower() in _SCHEMES else scope["scheme"]
        prefix = "".join(each.rstrip("/") for each in forwarded(scope, b"x-forwarded-prefix")[-proxies:])
        if _PREFIX.fullmatch(prefix):
            set_root_path(scope, prefix)
        for host in forwarded(scope, b"x-forwarded-host")[-proxies:][:1]:
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [(b"host", host.encode("latin-1")), *others]

    def _client(self, scope: Scope) -> tuple[str | None, int]:
        """The client, if a proxy has said it, and how many trusted proxies the request has passed at most."""
        addresses = forwarded_for(scope)
        for proxies, address in enumerate(reversed(addresses), 1):
            ip = as_ip(address)
            if ip is None or not self._trusts(ip):
                return ip, proxies
        return None, _MAX_PROXIES

    def _trusts(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip in network for network in self._networks)
