"""The caller of a request: its API key, IP address and origin."""

from typing import Final

from starlette.types import Scope

from avatars_as_a_service.access.admission import Caller
from avatars_as_a_service.web.requests.client import Connection, address_of, caller_network, host_of, may_be_local
from avatars_as_a_service.web.requests.headers import header_map

_BEARER: Final = b"bearer"


def caller_of(scope: Scope, *, is_signed: bool = False) -> Caller:
    """The caller of a request; ``is_signed`` if its URL has a valid signature."""
    headers = header_map(scope)
    origin = headers.get(b"origin")
    return Caller(
        address=caller_network(address_of(scope)),
        key=_key(headers),
        origin=None if origin is None else origin.decode("latin-1"),
        is_signed=is_signed,
        local_hosts=frozenset({Connection.of(scope).host, host_of(scope)}) if may_be_local(scope) else frozenset(),
    )


def _key(headers: dict[bytes, bytes]) -> str | None:
    """The API key in ``X-API-Key``, else the bearer token."""
    key = headers.get(b"x-api-key", b"").strip()
    if not key:
        scheme, _, token = headers.get(b"authorization", b"").strip().partition(b" ")
        key = token.strip() if scheme.lower() == _BEARER else b""
    return key.decode("latin-1") or None
