"""Proxies: what trusted ones say of the client, its scheme and the host that it asked for."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.web.clients import address_of
from avatars_as_a_service.web.gates import first_of_each

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SCHEMES: Final = {b"http": "http", b"https": "https"}


class TrustedProxies:
    """Puts what they say in place of what the connection says; what anybody else says is not looked at.

    Of the addresses in ``X-Forwarded-For`` the last one that is no trusted proxy's is the client's: those before it
    are the client's own words.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as its client sent it to the first proxy."""
        if scope["type"] == "http" and self._trusts(address_of(scope)):
            self._believe(scope)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        headers = first_of_each(scope)
        client = self._client(scope)
        if client is not None:
            scope["client"] = (client, 0)
        scope["scheme"] = _SCHEMES.get(headers.get(b"x-forwarded-proto", b"").strip().lower(), scope["scheme"])
        host = headers.get(b"x-forwarded-host")
        if host is not None:
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [(b"host", host.strip()), *others]

    def _client(self, scope: Scope) -> str | None:
        said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        for address in reversed(said.decode("latin-1").split(",")):
            ip = _address(address.strip())
            if ip is None:
                return None
            if not self._trusts(ip):
                return ip
        return None

    def _trusts(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip in network for network in self._networks)


def _address(said: str) -> str | None:
    """An IP address as proxies write it: with a port perhaps, of IPv6 in brackets."""
    bare = said.partition("]")[0].lstrip("[") if said.startswith("[") else said
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None
