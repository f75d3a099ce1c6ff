"""The parsed query of a request: passed in the ASGI scope from the middleware to the endpoint, past the framework."""

from typing import Final

from starlette.types import Scope

from avatars_as_a_service.domain.query import KeyedQuery

_SCOPE_KEY: Final = "avatars.parsed_query"


def set_parsed_query(scope: Scope, keyed: KeyedQuery) -> None:
    """Spare the endpoint the parsing, and the look-up if the face is known to be absent."""
    scope[_SCOPE_KEY] = keyed


def parsed_query(scope: Scope) -> KeyedQuery | None:
    """The query of the request, if a middleware has parsed it."""
    keyed: KeyedQuery | None = scope.get(_SCOPE_KEY)
    return keyed
