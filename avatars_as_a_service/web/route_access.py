"""Route access: each route declares which callers it admits. No other module lists paths for that."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final, TypeVar

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from avatars_as_a_service.web.admin_auth import AdminAuth

_DECLARED: Final = "avatars_access"
_T = TypeVar("_T")


class Access(Enum):
    """Which callers a route admits under ``AVATARS_PRIVATE``, and whether ``AVATARS_HIT_RATE_LIMIT`` counts them."""

    OPEN = auto()
    """Admits every caller. The request is not counted."""
    PROBE = auto()
    """As ``OPEN``, and under any host name: a probe uses whatever address the machine has."""
    OPERATOR = auto()
    """Admits the operator; the route's own ``AdminAuth`` checks that. The request is not counted."""
    VIEW = auto()
    """Admits callers with an API key. The request is counted."""
    EMBED = auto()
    """As ``VIEW``, and a valid signature is as good as a key."""
    PAY = auto()
    """As ``VIEW``, and the answer may cost money, so a rate-limited caller is rejected before the body is parsed."""


def declare(access: Access) -> Callable[[_T], _T]:
    """Declare the access of every route to this endpoint or mounted application."""

    def declared(endpoint: _T) -> _T:
        setattr(endpoint, _DECLARED, access)
        return endpoint

    return declared


class RouteAccess:
    """Finds the access of a request's route, matching routes as the router does."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = [(route.matches, access_of(route)) for route in iter_route_contexts(routes)]

    def of(self, scope: Scope) -> Access:
        """The access that the route declares; ``VIEW`` if it declares none or no route matches."""
        found: dict[Match, Access] = {}
        for matches, access in self._routes:
            match, _ = matches(scope)
            if match is Match.FULL:
                return access
            found.setdefault(match, access)
        return found.get(Match.PARTIAL, Access.VIEW)


def access_of(route: RouteContext) -> Access:
    """The access that the route declares; ``VIEW`` if it declares none."""
    dependencies = getattr(route, "dependencies", ())
    # A route depends on one of the checks of ``AdminAuth``, each a bound method.
    if any(isinstance(getattr(each.dependency, "__self__", None), AdminAuth) for each in dependencies):
        return Access.OPERATOR
    declared: Access = getattr(route.endpoint or getattr(route, "app", None), _DECLARED, Access.VIEW)
    return declared
