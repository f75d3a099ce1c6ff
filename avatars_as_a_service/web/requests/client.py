"""The client of a connection: its IP address, and whether a proxy forwarded its request."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.types import Scope

_FORWARDED: Final = frozenset(
    {
        b"cdn-loop",
        b"cf-connecting-ip",
        b"forwarded",
        b"true-client-ip",
        b"via",
        b"x-envoy-external-address",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-forwarded-server",
        b"x-real-ip",
    }
)
_CONNECTION: Final = "avatars.connection"
_IPV6_PREFIX: Final = 64
"""Bits. A customer of an internet provider is given all IPv6 addresses with the same ones."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The peer's IP address and the ``Host`` that it sent, before a trusted proxy's headers replace them."""

    address: str
    host: str

    @classmethod
    def of(cls, scope: Scope) -> "Connection":
        """The connection that the request came by, also behind a trusted proxy."""
        return scope.get(_CONNECTION) or cls(address_of(scope), host_of(scope))


def remember_connection(scope: Scope) -> None:
    """Save the connection in the scope, before a proxy's headers replace its ends."""
    scope[_CONNECTION] = Connection.of(scope)


def may_be_local(scope: Scope) -> bool:
    """Whether the connection may come from this machine.

    A server such as ``uvicorn main:app`` trusts any proxy on this machine and replaces the peer's address by one from
    ``X-Forwarded-For``. So an address that is in that header, or that is no IP address, may be invented.
    """
    address = Connection.of(scope).address
    ip = as_ip(address)
    if ip is None:
        return address != ""
    return is_loopback(ip) or ip in map(as_ip, forwarded_for(scope))


def forwarded_for(scope: Scope) -> list[str]:
    """The entries of ``X-Forwarded-For``, from the client to the last proxy."""
    return forwarded(scope, b"x-forwarded-for")


def forwarded(scope: Scope, header: bytes) -> list[str]:
    """The entries of this header, to which each proxy adds one: the first proxy's first."""
    values = b",".join(value for name, value in scope["headers"] if name == header)
    return [entry.strip() for entry in values.decode("latin-1").split(",")] if values else []


def as_ip(text: str) -> str | None:
    """The IP address in a proxy's entry, which may have a port and brackets around IPv6; ``None`` if there is none."""
    bare = text.partition("]")[0].lstrip("[") if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None


def host_of(scope: Scope) -> str:
    """The ``Host`` header; empty if there is none."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")


def address_of(scope: Scope) -> str:
    """The client's IP address; empty if it has none, as on a Unix socket."""
    client = scope.get("client")
    return "" if client is None else str(client[0])


@lru_cache(4096)
def caller_network(address: str) -> str:
    """The name that limits count a client by: its IPv4 address, or the /64 network of its IPv6 address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None or ip.version == 4:  # noqa: PLR2004 - IPv4
        return str(mapped or ip)
    return str(ipaddress.ip_network((ip, _IPV6_PREFIX), strict=False))


def is_loopback(address: str) -> bool:
    """Whether this IP address is the machine's own."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def is_forwarded(headers: dict[bytes, bytes]) -> bool:
    """Whether a proxy, trusted or not, has forwarded the request."""
    return not _FORWARDED.isdisjoint(headers)
