"""Telemetry: what FastAPI's own OpenTelemetry may tell, where the standard ``OTEL_…`` variables name a receiver."""

from collections.abc import MutableMapping
from typing import Any, Final

from fastapi.telemetry import TelemetryConfig

_TELLS_WHO: Final = (b"seed=", b"sig=")


def _tells_who(scope: MutableMapping[str, Any]) -> bool:
    """Whether the address holds a seed, so perhaps a name, or a signature: a span would repeat it."""
    query = scope.get("query_string", b"")
    return any(mark in query for mark in _TELLS_WHO)


TELEMETRY: Final[TelemetryConfig] = {
    "auto_configure": True,
    "logs": False,  # they would repeat what was sent; the service's own log does not
    "exclude": _tells_who,
}
