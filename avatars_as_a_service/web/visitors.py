"""Visitors: who may see what is kept, and how often anybody may ask, where the operator has set it.

Plain ASGI in front of everything, and only there where one of its rules is set: a hit pays for none of it otherwise.
"""

import re
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.errors import AvatarsError, HostNotAllowed
from avatars_as_a_service.service.admission import Admission
from avatars_as_a_service.signing import Verdict, verdict
from avatars_as_a_service.web.callers import caller_of
from avatars_as_a_service.web.gates import first_of_each
from avatars_as_a_service.web.hardening import refuse

_PICTURES: Final = re.compile(r"/(query|avatar|faces|images/.*)")
_PROBES: Final = {"/healthz", "/readyz"}
_PORT: Final = re.compile(rb":\d*$")


class AllowedHosts:
    """Refuses a request for a host that is not ours; probes come by whatever address the machine has."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str], *, refusing: ASGIApp) -> None:
        self._app = app
        self._refusing = refusing
        self._exact = {host.encode() for host in hosts if not host.startswith("*.")}
        self._endings = tuple(host[1:].encode() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        app = self._app
        if scope["type"] == "http" and scope["path"] not in _PROBES and not self._is_ours(scope):
            refuse(scope, HostNotAllowed())
            app = self._refusing
        await app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        host = _PORT.sub(b"", first_of_each(scope).get(b"host", b"")).lower()
        return host in self._exact or host.endswith(self._endings)


class Turnstile:
    """Turns those away at once who were told to wait, and do not: a flood costs next to nothing."""

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the front door has not answered."""
        if scope["type"] == "http" and scope["path"] == "/query" and scope["method"] == "POST":
            refused = self._admission.turned_away(caller_of(scope))
            if refused is not None:
                refuse(scope, refused)
        await self._app(scope, receive, send)


class Visitors:
    """Asks for a key where nothing is public, and counts requests where hits are limited."""

    def __init__(self, app: ASGIApp, admission: Admission, *, signing_key: str | None, refusing: ASGIApp) -> None:
        self._app = app
        self._refusing = refusing
        self._admission = admission
        self._signing_key = signing_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or not _PICTURES.fullmatch(scope["path"]) or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)
            return
        try:
            await self._admission.visit(caller_of(scope, has_leave=self._is_signed(scope)))
        except AvatarsError as refused:
            refuse(scope, refused)
            await self._refusing(scope, receive, send)
        else:
            await self._app(scope, receive, _for_one(send) if self._admission.is_private else send)

    def _is_signed(self, scope: Scope) -> bool:
        """Whether who holds the signing key has handed this address out."""
        if scope["path"] != "/avatar":
            return False
        parameters = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return verdict(parameters, self._signing_key, now=time.time()) is Verdict.VALID


def _for_one(send: Send) -> Send:
    """What needs a key is for who sends it: no cache in between may keep it for others."""

    async def private(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, value.replace(b"public", b"private") if name == b"cache-control" else value)
                for name, value in message.get("headers", ())
            ]
        await send(message)

    return private
