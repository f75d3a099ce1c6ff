"""Which IP addresses are on the public internet: IANA's registries of special-purpose addresses, as a table."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from avatars_as_a_service.providers.public_address import is_public

PUBLIC: Final = (
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "223.255.255.254",
    "2001:4860:4860::8888",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "2a00:1450:4001:82a::200e",
)
SPECIAL: Final = {
    "this network": ("0.0.0.0", "0.0.0.1", "0.255.255.255"),
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    "carrier's NAT": ("100.64.0.1", "100.127.255.255"),
    "loopback": ("127.0.0.1", "127.255.255.254", "::1"),
    "link-local": ("169.254.0.1", "169.254.169.254", "fe80::1", "febf::1"),
    "protocols": ("192.0.0.1", "192.0.0.8", "192.0.0.170", "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", "3fff:fff:ffff::1"),
    "relays of 6to4": ("192.88.99.1",),
    "benchmarks": ("198.18.0.1", "198.19.255.255"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff00::1", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.1", "254.255.255.255", "255.255.255.255", "4000::1", "200::1", "5f00::1", "e000::1"),
    "unspecified": ("::",),
    "unique local": ("fc00::1", "fd00::1", "fdff::1", "fd00:ec2::254"),
    "site-local": ("fec0::1", "feff::1"),
    "discard": ("100::1",),
    "NAT64 for local use, with a prefix of its own": ("64:ff9b:1:808:8:800::", "64:ff9b:1:abcd::808:808"),
    "with a zone": ("fe80::1%eth0", "fe80::1%1", "2001:4860:4860::8888%eth0"),
    "no address": (
        "",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "1.1.1.1 ",
        "1.1.1.1:80",
        "[::1]",
        "010.0.0.1",
    ),
}
INSIDE: Final = (
    "127.0.0.1",
    "10.0.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
)


def _after(prefix: str) -> Callable[[IPv4Address], IPv6Address]:
    return lambda ip: IPv6Address(int(IPv6Address(prefix)) | int(ip))


def _six_to_four(ip: IPv4Address) -> IPv6Address:
    return IPv6Address((0x2002 << 112) | (int(ip) << 80) | 1)


def _teredo_client(ip: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("2001:0:808:808::")) | (int(ip) ^ 0xFFFFFFFF))


def _teredo_server(ip: IPv4Address) -> IPv6Address:
    return IPv6Address((0x20010000 << 96) | (int(ip) << 64) | (int(IPv4Address("8.8.8.8")) ^ 0xFFFFFFFF))


EMBEDDED: Final = {
    "compatible": _after("::"),
    "mapped": _after("::ffff:0:0"),
    "translated": _after("::ffff:0:0:0"),
    "NAT64": _after("64:ff9b::"),
    "NAT64 for local use": _after("64:ff9b:1::"),
    "6to4": _six_to_four,
    "Teredo's client": _teredo_client,
    "Teredo's server": _teredo_server,
    "ISATAP": _after("2a00:1450::5efe:0:0"),
    "ISATAP of a global address": _after("2a00:1450::200:5efe:0:0"),
}


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("purpose", "address"), [(purpose, address) for purpose, addresses in SPECIAL.items() for address in addresses]
)
def test_what_has_a_special_purpose_is_not(purpose: str, address: str) -> None:
    assert not is_public(address), purpose


@pytest.mark.parametrize("kind", EMBEDDED)
@pytest.mark.parametrize("inside", INSIDE)
def test_an_address_inside_stays_inside_however_it_is_embedded(kind: str, inside: str) -> None:
    address = EMBEDDED[kind](IPv4Address(inside))

    assert not is_public(str(address))
    assert not is_public(address.exploded)


@pytest.mark.parametrize(
    "written", ["::127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:FF9B::127.0.0.1", "2002:7f00:1::"]
)
def test_the_ways_to_write_127_0_0_1_that_pass_a_careless_check(written: str) -> None:
    assert not is_public(written)


@pytest.mark.parametrize("kind", EMBEDDED)
@given(ip=st.ip_addresses(v=4))
@example(ip=IPv4Address("93.184.215.14"))
def test_an_embedded_address_is_judged_as_the_address_that_it_is(kind: str, ip: IPv4Address) -> None:
    assert is_public(str(EMBEDDED[kind](ip))) == is_public(str(ip))


@pytest.mark.parametrize("prefix", ["fd00::5efe:808:808", "fe80::5efe:808:808", "2001:db8::5efe:808:808"])
def test_a_public_address_within_one_of_the_inside_opens_nothing(prefix: str) -> None:
    assert not is_public(prefix)
