"""A request for a face whose key is known: passed in the ASGI scope from the middleware to the endpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from avatars_as_a_service.domain.query import KeyedQuery, Query

_SCOPE_KEY: Final = "avatars.keyed_request"


@dataclass(slots=True)
class KeyedRequest:
    """The key (empty for a description) of a request's query, which is parsed only if more than the key is needed.

    ``is_absent`` says that the database was asked for the key on behalf of this request and has no such face.
    """

    key: str
    parse: Callable[[], Query]
    is_cached: bool
    is_absent: bool = False

    def query(self) -> KeyedQuery:
        """Parse the query."""
        return KeyedQuery(self.parse(), self.key, self.is_absent)


def set_keyed_request(scope: Scope, keyed: KeyedRequest) -> None:
    """Spare the endpoint the parsing, and the look-up if the face is known to be absent."""
    scope[_SCOPE_KEY] = keyed


def keyed_request(scope: Scope) -> KeyedRequest | None:
    """What a middleware knows of the request's query, if it has read it."""
    keyed: KeyedRequest | None = scope.get(_SCOPE_KEY)
    return keyed
