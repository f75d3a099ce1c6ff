"""Public addresses: tells IP addresses of the internet from those of the operator's own network. Pure."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
"""The addresses that IANA assigns to the public internet; each other part of IPv6 has a special purpose."""
_TEREDO: Final = IPv6Network("2001::/32")
_SPECIAL: Final = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # for protocols
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # for protocols; Teredo is checked earlier
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
"""Networks of IANA's registries of special-purpose addresses that not every supported Python knows."""
_LAST_32_BITS: Final = tuple(
    IPv6Network(prefix)
    for prefix in (
        "::/96",  # IPv4-compatible (RFC 4291)
        "::ffff:0:0/96",  # IPv4-mapped (RFC 4291)
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/96",  # NAT64 for local use (RFC 8215); the rest of its /48 is unassigned
    )
)
"""Prefixes of IPv6 addresses that end with an IPv4 address, which is the real target."""
_ISATAP: Final = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")
"""Interface identifiers that are followed by an IPv4 address (RFC 5214)."""


def is_public(address: str) -> bool:
    """Whether this IP address in text form is on the public internet.

    An IPv6 address with an embedded IPv4 address is public only if that IPv4 address is. An address with a zone
    (``fe80::1%eth0``) and a text that is no IP address are not public.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return _is_public_v4(ip)
    if ip.scope_id is not None:
        return False
    embedded = list(_embedded(ip))
    if not all(map(_is_public_v4, embedded)):
        return False
    return _carries_only_v4(ip) or (ip in _GLOBAL_UNICAST and not _is_special(ip))


def _is_public_v4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not _is_special(ip)


def _is_special(ip: IPv4Address | IPv6Address) -> bool:
    return any(ip in block for block in _SPECIAL)


def _carries_only_v4(ip: IPv6Address) -> bool:
    """Whether packets to this address end at its embedded IPv4 addresses."""
    return ip in _TEREDO or any(ip in prefix for prefix in _LAST_32_BITS)


def _embedded(ip: IPv6Address) -> Iterator[IPv4Address]:
    """Return the embedded IPv4 addresses."""
    if any(ip in prefix for prefix in _LAST_32_BITS) or ip.packed[8:12] in _ISATAP:
        yield IPv4Address(ip.packed[-4:])
    if ip.sixtofour is not None:
        yield ip.sixtofour
    if ip.teredo is not None:
        yield from ip.teredo  # the server and the client
