"""Admin authorization: lets only the operator see figures and change what is kept."""

import ipaddress
import re
from base64 import b64decode
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from fastapi import Request

from avatars_as_a_service.access.guess_limits import GuessLimits
from avatars_as_a_service.errors import (
    AdminFromLoopbackOnly,
    AdminNotConfigured,
    AdminTokenNeeded,
    AdminTokenWrong,
    AvatarsError,
    CrossSiteRequest,
    TooManyFailures,
)
from avatars_as_a_service.settings import variable
from avatars_as_a_service.web.requests.client import address_of, caller_network, is_forwarded, is_loopback
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.urls import origin_of

_ALWAYS: Final = (AdminTokenNeeded, AdminTokenWrong, CrossSiteRequest, TooManyFailures)
FIGURES_ERRORS: Final[tuple[type[AvatarsError], ...]] = (*_ALWAYS, AdminFromLoopbackOnly)
CHANGES_ERRORS: Final[tuple[type[AvatarsError], ...]] = (*_ALWAYS, AdminNotConfigured)
"""The errors that each method of ``AdminAuth`` raises, for ``documented``."""
_OPERATOR: Final = "operator"

_PORT: Final = re.compile(r":\d*$")

Headers = dict[bytes, bytes]


class AdminAuth:
    """Accepts requests with the admin token; while no token is set, requests for figures from this machine.

    A route uses ``Depends(admin.figures)`` or ``Depends(admin.changes)``. The token comes as a bearer token or, from a
    browser that opens a page, as the password of any user name.
    """

    def __init__(self, token: str | None, guess_limits: GuessLimits, *, public_url: str | None = None) -> None:
        self._token = None if token is None else _hashed(token.encode())
        self._guess_limits = guess_limits
        self._public_origin = None if public_url is None else origin_of(public_url).encode()

    async def figures(self, request: Request) -> None:
        """Raise one of ``FIGURES_ERRORS`` unless the request may see the figures."""
        headers = header_map(request.scope)
        if headers.get(b"origin", b"") != self._public_origin and _is_cross_site(headers):
            raise CrossSiteRequest
        if self._token is None:
            _check_local(address_of(request.scope), headers)
        else:
            await self._check_token(caller_network(address_of(request.scope)), headers, self._token)

    async def changes(self, request: Request) -> None:
        """Raise one of ``CHANGES_ERRORS`` unless the request may change what is kept, and spend.

        Without a token no request may: a proxy on this machine need not say that it forwards the requests of others.
        """
        if self._token is None:
            raise AdminNotConfigured(variable("admin_token"))
        await self.figures(request)

    async def _check_token(self, client: str, headers: Headers, expected: bytes) -> None:
        given = _token(headers.get(b"authorization", b""))
        if given is None:
            raise AdminTokenNeeded(in_browser=headers.get(b"sec-fetch-mode") == b"navigate")
        if compare_digest(_hashed(given), expected):
            await self._guess_limits.accept(client, _OPERATOR)
        else:
            await self._guess_limits.count_wrong(client)
            raise AdminTokenWrong


def _check_local(address: str, headers: Headers) -> None:
    """Raise ``AdminFromLoopbackOnly`` unless the connection itself comes from this machine and no proxy forwards it."""
    if not is_loopback(address) or is_forwarded(headers) or not _is_own_name(headers.get(b"host", b"")):
        raise AdminFromLoopbackOnly(variable("admin_token"))


def _is_own_name(host: bytes) -> bool:
    """Whether a host is an IP address, or a name without a dot, which cannot be registered.

    A page in a browser on this machine can point a name of its own at 127.0.0.1, and then read the answers.
    """
    name = _PORT.sub("", host.decode("latin-1"))
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return "." not in name
    return True


def _is_cross_site(headers: Headers) -> bool:
    """Whether a browser says that a page of another origin sent the request."""
    origin = headers.get(b"origin")
    if origin is not None:
        return origin.partition(b"://")[2] != headers.get(b"host")
    return headers.get(b"sec-fetch-site") in {b"cross-site", b"same-site"} and not _is_navigation(headers)


def _is_navigation(headers: Headers) -> bool:
    """Whether a browser opens a page. After a link from another site only the user sees the page."""
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
    """The token's SHA-256: comparing hashes takes equally long for tokens of any length."""
    return sha256(token).digest()
