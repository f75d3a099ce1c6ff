"""Fetches a picture that a provider names by its address, and nothing from inside the operator's own network."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import httpx2

from avatars_as_a_service.picture import MAX_PICTURE_BYTES

_TRIES: Final = 3
_PAUSE_S: Final = 0.2
_TRY_S: Final = 30
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as an IPv6 network translates them (RFC 6052)."""


class DownloadFailed(Exception):
    """There is no picture to be had at that address; the message says why, without the address."""


class _MayWorkNextTime(DownloadFailed):
    """The server or the network failed."""


@dataclass(frozen=True, slots=True)
class _Target:
    """An address with the one IP that it was checked against, so that a second look-up cannot change it."""

    url: httpx2.URL
    address: str


async def download(address: str, *, provider: httpx2.URL) -> bytes:
    """At most 8 MiB, and a byte more to tell what is larger, from an absolute address or one relative to the provider.

    Only http and https, no redirects, and only the provider's own host and port or an address of the public internet.
    Tried three times where the network or the server fails. Raises ``DownloadFailed``.
    """
    try:
        url = provider.join(address)
    except httpx2.InvalidURL as wrong:
        raise DownloadFailed("its address is no URL") from wrong
    for _ in range(_TRIES - 1):
        try:
            return await _try(url, provider)
        except _MayWorkNextTime:
            await asyncio.sleep(_PAUSE_S)
    return await _try(url, provider)


async def _try(url: httpx2.URL, provider: httpx2.URL) -> bytes:
    target = await _checked(url, provider)
    try:
        async with asyncio.timeout(_TRY_S):
            return await _fetched(target)
    except (httpx2.TransportError, TimeoutError) as failed:
        raise _MayWorkNextTime(f"its download failed ({type(failed).__name__})") from failed


async def _checked(url: httpx2.URL, provider: httpx2.URL) -> _Target:
    if url.scheme not in {"http", "https"} or not url.host:
        raise DownloadFailed("its address is neither http nor https")
    trusted = (url.host, _port(url)) == (provider.host, _port(provider))
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.host, _port(url), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failed:
        raise _MayWorkNextTime("its host is not known") from failed
    addresses = [str(entry[4][0]) for entry in found]
    if not trusted and not all(_is_public(address) for address in addresses):
        raise DownloadFailed("its address is not on the public internet")
    return _Target(url, addresses[0])


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if ip in _NAT64:
        mapped = ipaddress.IPv4Address(ip.packed[-4:])
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)


async def _fetched(target: _Target) -> bytes:
    url = target.url
    async with httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=None) as client:
        request = client.build_request(
            "GET",
            url.copy_with(host=target.address),
            headers={"Host": url.netloc.decode(), "Accept": "image/*", "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.host},
        )
        response = await client.send(request, stream=True)
        try:
            if response.status_code >= 500:  # noqa: PLR2004 - HTTP's server errors
                raise _MayWorkNextTime(f"its download answered {response.status_code}")
            if response.status_code != 200:  # noqa: PLR2004 - HTTP's OK
                raise DownloadFailed(f"its download answered {response.status_code}")
            return await _bounded(response.aiter_raw())
        finally:
            await response.aclose()


async def _bounded(chunks: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > MAX_PICTURE_BYTES:
            break
    return bytes(data)
