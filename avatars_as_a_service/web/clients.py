"""Who is at the other end of a connection, and whether somebody stands in between."""

import ipaddress
from functools import lru_cache
from typing import Final

from starlette.types import Scope

_FORWARDED: Final = frozenset(
    {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)
_HOUSEHOLD: Final = 64
"""The bits of an IPv6 address that tell one customer from another: each is given all addresses below them."""


def address_of(scope: Scope) -> str:
    """The client's IP address; empty where there is none, as behind a socket that is a file."""
    client = scope.get("client")
    return "" if client is None else str(client[0])


@lru_cache(4096)
def household(address: str) -> str:
    """What limits count a client by: its IPv4 address, or the /64 network of its IPv6 address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None or ip.version == 4:  # noqa: PLR2004 - IPv4
        return str(mapped or ip)
    return str(ipaddress.ip_network((ip, _HOUSEHOLD), strict=False))


def is_loopback(address: str) -> bool:
    """Whether it is the machine's own."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def is_forwarded(headers: dict[bytes, bytes]) -> bool:
    """Whether a proxy says that it passed the request on, trusted or not."""
    return not _FORWARDED.isdisjoint(headers)
