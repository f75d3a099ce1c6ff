"""Telemetry: what FastAPI's OpenTelemetry may send, once the standard ``OTEL_…`` variables name a receiver."""

from collections.abc import MutableMapping
from typing import Any, Final

from fastapi.telemetry import TelemetryConfig

from avatars_as_a_service.web.requests.embed_path import is_by_text

_PRIVATE_PARAMETERS: Final = (b"seed=", b"sig=")


def _is_private(scope: MutableMapping[str, Any]) -> bool:
    """Whether the URL has a seed, which may be a name, or a signature: a span would repeat it."""
    query = scope.get("query_string", b"")
    return is_by_text(scope.get("path", "")) or any(name in query for name in _PRIVATE_PARAMETERS)


TELEMETRY: Final[TelemetryConfig] = {
    "auto_configure": True,
    "logs": False,  # they would repeat the request; the service's own log does not
    "exclude": _is_private,
}
