"""The headers of a request, by name."""

from starlette.types import Scope


def header_map(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers by lower-case name; the first value of a header that comes twice."""
    return dict(reversed(scope["headers"]))
