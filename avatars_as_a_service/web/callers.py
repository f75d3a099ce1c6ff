"""Who a request says that it comes from."""

from typing import Final

from starlette.types import Scope

from avatars_as_a_service.service.admission import Caller
from avatars_as_a_service.web.clients import address_of, household
from avatars_as_a_service.web.gates import first_of_each

_BEARER: Final = b"bearer"


def caller_of(scope: Scope, *, has_leave: bool = False) -> Caller:
    """The caller of a request; ``has_leave`` where what it asks for is signed."""
    headers = first_of_each(scope)
    origin = headers.get(b"origin")
    return Caller(
        address=household(address_of(scope)),
        key=_key(headers),
        origin=None if origin is None else origin.decode("latin-1"),
        has_leave=has_leave,
    )


def _key(headers: dict[bytes, bytes]) -> str | None:
    """The API key: a header of its own, else the bearer token."""
    key = headers.get(b"x-api-key", b"").strip()
    if not key:
        scheme, _, token = headers.get(b"authorization", b"").strip().partition(b" ")
        key = token.strip() if scheme.lower() == _BEARER else b""
    return key.decode("latin-1") or None
