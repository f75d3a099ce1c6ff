"""Downloads a picture from a provider's URL, and never from inside the operator's own network."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import anyio.to_thread
import httpx2

from avatars_as_a_service.domain.picture import MAX_PICTURE_BYTES
from avatars_as_a_service.providers.content_coding import AnswerTooLarge, decoded
from avatars_as_a_service.providers.public_address import is_public

_TRIES: Final = 3
_PAUSE_S: Final = 0.2
_TRY_S: Final = 30
_MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_WANTS_KEY: Final = {401, 403}
_NOT_YET: Final = {404, 408, 425, 429}
"""Statuses that may pass: a store may know a new picture a moment later than the server that made it."""
_OK: Final = 200
_SERVER_ERROR: Final = 500


class DownloadFailed(Exception):
    """The URL gives no picture; the message gives the reason, without the URL."""


class _Retryable(DownloadFailed):
    """The server or the network failed."""


class _Redirect(Exception):
    """The picture is elsewhere."""

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


class _KeyWanted(Exception):
    """The server answers with this status to a request without a key."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL and the checked IP addresses of its host: a second DNS lookup could return others."""

    url: httpx2.URL
    ip_addresses: tuple[str, ...]


class Downloader:
    """Fetches pictures of a provider.

    A URL's scheme must be http or https, and its host the provider's own host and port, one of ``private_hosts``
    (``host``, ``host:port`` or ``*.example``), or on the public internet. That holds for each redirect too. ``key`` has
    the headers that the provider's own server wants; no other server gets them.
    """

    def __init__(self, *, provider: httpx2.URL, key: Mapping[str, str], private_hosts: Sequence[str] = ()) -> None:
        self._provider = provider
        self._key = key
        self._private_hosts = private_hosts

    async def download(self, link: str) -> bytes:
        """Download the picture of an absolute or relative URL: at most 8 MiB, and one byte more of a larger one.

        Failures of the network or the server are tried again, three times in all. Raises ``DownloadFailed``.
        """
        url = _joined(self._provider, link)
        for _ in range(_TRIES - 1):
            try:
                return await self._follow(url)
            except _Retryable:
                await asyncio.sleep(_PAUSE_S)
        return await self._follow(url)

    async def _follow(self, url: httpx2.URL) -> bytes:
        """Fetch the URL and follow its redirects. The key is not sent any more once one has left the provider."""
        may_send_key = True
        try:
            async with asyncio.timeout(_TRY_S):
                for _ in range(1 + _MAX_REDIRECTS):
                    may_send_key = may_send_key and self._is_provider(url)
                    try:
                        return await self._fetch(url, may_send_key=may_send_key)
                    except _Redirect as elsewhere:
                        url = _joined(url, elsewhere.location)
        except (httpx2.TransportError, TimeoutError) as failed:
            raise _Retryable(f"its download failed ({type(failed).__name__})") from failed
        raise DownloadFailed("its URL redirects too often")

    async def _fetch(self, url: httpx2.URL, *, may_send_key: bool) -> bytes:
        """Fetch the URL without the key, and with it if the server wants one; some stores refuse a key."""
        target = await self._checked(url)
        try:
            return await _fetched(target, {})
        except _KeyWanted as refused:
            if not may_send_key:
                raise _failed(refused.status) from refused
        try:
            return await _fetched(target, self._key)
        except _KeyWanted as refused:
            raise _failed(refused.status) from refused

    async def _checked(self, url: httpx2.URL) -> _Target:
        if url.scheme not in {"http", "https"} or not url.host:
            raise DownloadFailed("its URL is neither http nor https")
        loop = asyncio.get_running_loop()
        try:
            entries = await loop.getaddrinfo(url.host, _port(url), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as failed:
            raise _Retryable("its host is not known") from failed
        addresses = tuple(str(entry[4][0]) for entry in entries)
        if not self._may_be_private(url) and not all(is_public(address) for address in addresses):
            raise DownloadFailed("its host is not on the public internet")
        return _Target(url, addresses)

    def _may_be_private(self, url: httpx2.URL) -> bool:
        if (url.host, _port(url)) == (self._provider.host, _port(self._provider)):
            return True
        return any(_matches(url, host) for host in self._private_hosts)

    def _is_provider(self, url: httpx2.URL) -> bool:
        own = self._provider
        return (url.scheme, url.host, _port(url)) == (own.scheme, own.host, _port(own))


def _joined(base: httpx2.URL, link: str) -> httpx2.URL:
    try:
        return base.join(link)
    except (httpx2.InvalidURL, ValueError) as wrong:
        raise DownloadFailed("its URL is malformed") from wrong


def _matches(url: httpx2.URL, host: str) -> bool:
    """Whether the URL's host is the one that the operator allows; an entry with a port allows this port alone."""
    shown = f"[{url.host}]" if ":" in url.host else url.host
    names = {shown, f"{shown}:{_port(url)}"}
    if host.startswith("*."):
        return any(name.endswith(host[1:]) for name in names)
    return host in names


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _failed(status: int) -> DownloadFailed:
    failure = _Retryable if status in _NOT_YET or status >= _SERVER_ERROR else DownloadFailed
    return failure(f"its download answered {status}")


async def _fetched(target: _Target, key: Mapping[str, str]) -> bytes:
    """Fetch from the first of the host's addresses that takes the connection."""
    *others, last = target.ip_addresses
    for address in others:
        try:
            return await _fetched_from(address, target.url, key)
        except httpx2.ConnectError:
            continue
    return await _fetched_from(last, target.url, key)


async def _fetched_from(ip_address: str, url: httpx2.URL, key: Mapping[str, str]) -> bytes:
    async with httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=None) as client:
        request = client.build_request(
            "GET",
            url.copy_with(host=ip_address),
            headers={**key, "Host": url.netloc.decode(), "Accept": "image/*", "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.host},
        )
        response = await client.send(request, stream=True)
        try:
            _check(response)
            body = await _bounded(response.aiter_raw())
            return await _decoded(body, response.headers.get("content-encoding", ""))
        finally:
            await response.aclose()


def _check(response: httpx2.Response) -> None:
    status, location = response.status_code, response.headers.get("location")
    if status in _REDIRECTS and location:
        raise _Redirect(location)
    if status in _WANTS_KEY:
        raise _KeyWanted(status)
    if status != _OK:
        raise _failed(status)


async def _bounded(chunks: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > MAX_PICTURE_BYTES:
            break
    return bytes(data)


async def _decoded(body: bytes, content_encoding: str) -> bytes:
    if not content_encoding:
        return body
    decode = partial(decoded, body, content_encoding, most=MAX_PICTURE_BYTES)
    try:
        return await anyio.to_thread.run_sync(decode)
    except AnswerTooLarge as bomb:
        raise DownloadFailed(f"it has more than {MAX_PICTURE_BYTES} bytes") from bomb
