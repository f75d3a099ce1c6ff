"""The admin gate: what only those who run the service may see and do."""

import ipaddress
import re
import time
from base64 import b64decode
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from fastapi import Request
from starlette.types import Scope

from avatars_as_a_service.errors import (
    AdminFromHereOnly,
    AdminTokenNeeded,
    AdminTokenWrong,
    AvatarsError,
    ForeignPage,
    TooManyFailures,
)
from avatars_as_a_service.settings import variable
from avatars_as_a_service.web.clients import address_of, household, is_forwarded, is_loopback
from avatars_as_a_service.web.gates import first_of_each

ADMIN_ERRORS: Final[tuple[type[AvatarsError], ...]] = (
    AdminTokenNeeded,
    AdminTokenWrong,
    AdminFromHereOnly,
    ForeignPage,
    TooManyFailures,
)
"""What a route behind the gate may answer; for ``documented``."""
_FAILURES: Final = 30
_WINDOW_S: Final = 60.0
_MOST_ADDRESSES: Final = 10_000

_PORT: Final = re.compile(r":\d*$")

Headers = dict[bytes, bytes]


class AdminGate:
    """Lets through who sends the token, or, where none is set, who asks from this machine itself.

    A route hangs on it by ``dependencies=[Depends(gate)]``, anything else calls ``check``. The token comes as a bearer
    token or, from a browser that opens a page, as the password of any user name.
    """

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else _hashed(token.encode())
        self._failures = _Failures()

    async def __call__(self, request: Request) -> None:
        """Do what ``check`` does, as a dependency of a route."""
        self.check(request.scope)

    def check(self, scope: Scope) -> None:
        """Raise one of ``ADMIN_ERRORS`` unless this request comes from who runs the service."""
        headers = first_of_each(scope)
        if _is_foreign(headers):
            raise ForeignPage
        if self._token is None:
            _check_local(address_of(scope), headers)
        else:
            self._check_token(household(address_of(scope)), headers, self._token)

    def _check_token(self, client: str, headers: Headers, expected: bytes) -> None:
        given = _token(headers.get(b"authorization", b""))
        if given is None:
            raise AdminTokenNeeded(in_browser=headers.get(b"sec-fetch-mode") == b"navigate")
        self._failures.check(client)
        if not compare_digest(_hashed(given), expected):
            self._failures.add(client)
            raise AdminTokenWrong


class _Failures:
    """Counts wrong tokens by address; past so many in a minute no other is looked at, the right one included."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}

    def check(self, client: str) -> None:
        ends_at, count = self._counts.get(client, (0.0, 0))
        remaining = ends_at - time.monotonic()
        if remaining > 0 and count >= _FAILURES:
            raise TooManyFailures(retry_after=remaining)

    def add(self, client: str) -> None:
        now = time.monotonic()
        ends_at, count = self._counts.get(client, (0.0, 0))
        if ends_at <= now:
            ends_at, count = now + _WINDOW_S, 0
        if len(self._counts) >= _MOST_ADDRESSES:
            self._counts = {known: counted for known, counted in self._counts.items() if counted[0] > now}
        if len(self._counts) < _MOST_ADDRESSES or client in self._counts:
            self._counts[client] = (ends_at, count + 1)


def _check_local(address: str, headers: Headers) -> None:
    """The socket's own peer is what counts: whoever says to have been sent by another one is not from here."""
    if not is_loopback(address) or is_forwarded(headers) or not _is_own_name(headers.get(b"host", b"")):
        raise AdminFromHereOnly(variable("admin_token"))


def _is_own_name(host: bytes) -> bool:
    """Whether a host is an IP address or a name without a dot, which nobody can buy.

    A page in a browser on this machine may point a name of its own at 127.0.0.1, and then read what answers there.
    """
    name = _PORT.sub("", host.decode("latin-1"))
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return "." not in name
    return True


def _is_foreign(headers: Headers) -> bool:
    """Whether a browser says that a page of another origin asks."""
    origin = headers.get(b"origin")
    if origin is not None:
        return origin.partition(b"://")[2] != headers.get(b"host")
    return headers.get(b"sec-fetch-site") in {b"cross-site", b"same-site"} and not _is_navigation(headers)


def _is_navigation(headers: Headers) -> bool:
    """A link from elsewhere shows its page to the user alone."""
    return headers.get(b"sec-fetch-mode") == b"navigate"


def _token(authorization: bytes) -> bytes | None:
    scheme, _, value = authorization.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip()
    if scheme.lower() != b"basic":
        return None
    try:
        return b64decode(value).partition(b":")[2]
    except ValueError:
        return b""


def _hashed(token: bytes) -> bytes:
    """So that a comparison takes as long whatever the token's length."""
    return sha256(token).digest()
