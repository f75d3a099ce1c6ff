"""The HTTP client for a paid provider.

It checks the environment when it is built, tracks whether a request was sent, and decodes answers within bounds.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from ssl import SSLContext
from typing import Any, Final
from urllib.request import getproxies

import anyio.to_thread
import httpx2

from avatars_as_a_service.domain.picture import MAX_PICTURE_BYTES
from avatars_as_a_service.providers.content_coding import AnswerTooLarge, decoded
from avatars_as_a_service.settings import WrongSetting

_MAX_ANSWER_BYTES: Final = 2 * MAX_PICTURE_BYTES
"""Base64 takes four bytes for three; the rest is room for the JSON around it."""
_CONNECT_S: Final = 10
_MAX_CONNECTIONS: Final = 1000
_PROXIED: Final = ("http", "https", "all")
_LAST_PORT: Final = 65_535


@dataclass(slots=True)
class SendTracker:
    """Whether sending a request's body has begun. Without the body no server can have begun to draw."""

    body_started: bool = False


_tracker: Final[ContextVar[SendTracker | None]] = ContextVar("send_tracker", default=None)


@contextmanager
def track_send() -> Iterator[SendTracker]:
    """Track the one request that this task makes within the context; the tracker is right after any exception too."""
    tracker = SendTracker()
    token = _tracker.set(tracker)
    try:
        yield tracker
    finally:
        _tracker.reset(token)


def http_client() -> httpx2.AsyncClient:
    """Build a client with the proxies and certificates of the environment; it connects nothing yet.

    Each request opens a connection of its own: one that the server has just closed would leave a paid call in doubt.
    Reading an answer raises ``AnswerTooLarge`` if it is larger than the largest accepted picture. Raises
    ``WrongSetting`` for a variable with which no request could be sent.
    """
    _check_proxies()
    return httpx2.AsyncClient(
        verify=_certificates(),
        timeout=httpx2.Timeout(None, connect=_CONNECT_S),
        limits=httpx2.Limits(max_connections=_MAX_CONNECTIONS, max_keepalive_connections=0),
        follow_redirects=False,
        event_hooks={"request": [_track_body], "response": [_decode_body]},
    )


def url_problem(text: str) -> str | None:
    """Return the problem of a server's URL, or ``None``. It never repeats the URL, which may hold a password."""
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return "is no URL"
    return None if _is_complete(url) else "has no host, or a port that does not exist"


def _is_complete(url: httpx2.URL) -> bool:
    return bool(url.host) and (url.port is None or 0 < url.port <= _LAST_PORT)


def _check_proxies() -> None:
    proxies = getproxies()
    if "*" in [host.strip() for host in proxies.get("no", "").split(",")]:
        return
    for scheme in _PROXIED:
        url = proxies.get(scheme)
        problem = _proxy_problem(url) if url else None
        if problem is not None:
            raise WrongSetting(_proxy_variable(scheme), problem)


def _proxy_problem(text: str) -> str | None:
    """Return the problem of a proxy's URL, or ``None``. It never repeats the URL, which may hold a password."""
    try:
        proxy = httpx2.Proxy(text if "://" in text else f"http://{text}")
    except (httpx2.InvalidURL, ValueError):
        return "is no proxy's URL; write for example http://proxy.example:3128"
    if not _is_complete(proxy.url):
        return "has no host, or a port that does not exist; write for example http://proxy.example:3128"
    if proxy.url.scheme.startswith("socks") and find_spec("socksio") is None:
        return "a SOCKS proxy needs the Python package socksio, which is not installed"
    return None


def _proxy_variable(scheme: str) -> str:
    """Return the variable that sets this proxy: the lower-case one goes first."""
    name = f"{scheme}_proxy"
    return name if os.environ.get(name) else name.upper()


def _certificates() -> SSLContext:
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file and folders and not any(Path(folder).is_dir() for folder in folders.split(os.pathsep)):
        raise WrongSetting("SSL_CERT_DIR", "is no folder")
    try:
        return httpx2.create_ssl_context()
    except OSError as wrong:
        raise WrongSetting("SSL_CERT_FILE", f"has no readable certificates ({wrong.strerror})") from None


async def _track_body(request: httpx2.Request) -> None:
    tracker = _tracker.get()
    if tracker is not None:
        request.stream = _TrackedBody(request.stream, tracker)


async def _decode_body(response: httpx2.Response) -> None:
    coding = response.headers.pop("content-encoding", "")
    response.stream = _DecodedBody(response.stream, coding=coding, is_error=not response.is_success)


class _TrackedBody(httpx2.AsyncByteStream):
    """A request's body. The client reads it only after the connection is open and the headers are written."""

    def __init__(self, stream: Any, tracker: SendTracker) -> None:  # noqa: ANN401 - httpx2 types it as either kind of stream
        self._stream = stream
        self._tracker = tracker

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._tracker.body_started = True
        async for chunk in self._stream:
            yield chunk


class _DecodedBody(httpx2.AsyncByteStream):
    """An answer's body, decoded. An error's body that is too large reads as empty: its status says enough."""

    def __init__(self, stream: Any, *, coding: str, is_error: bool) -> None:  # noqa: ANN401 - as above
        self._stream = stream
        self._coding = coding
        self._is_error = is_error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            yield await self._decoded()
        except AnswerTooLarge:
            if not self._is_error:
                raise

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def _decoded(self) -> bytes:
        body = bytearray()
        async for chunk in self._stream:
            body += chunk
            if len(body) > _MAX_ANSWER_BYTES:
                raise AnswerTooLarge
        if not self._coding:
            return bytes(body)
        decode = partial(decoded, bytes(body), self._coding, most=_MAX_ANSWER_BYTES)
        return await anyio.to_thread.run_sync(decode)
