"""The contract: whatever a schema allows and forbids is sent to each operation, and what comes back is documented."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

_CHECKS: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_SERVER_ERROR: Final = 500


def examine(url: str, headers: Mapping[str, str], *, examples: int, only: str | None = None) -> dict[str, Counter[int]]:
    """How often each operation answered with each status, asked that many times or as often as there are inputs.

    Fails at the first answer that the document does not have, and at a server error without a code.
    """
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    seen: dict[str, Counter[int]] = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if only is None or operation.path == only:
            seen[f"{operation.method.upper()} {operation.path}"] = _examine_one(operation, dict(headers), examples)
    return seen


def _examine_one(operation: Any, headers: dict[str, str], examples: int) -> Counter[int]:  # noqa: ANN401 - theirs
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        answer = case.call(headers=dict(case.headers or {}) | headers, timeout=120)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=_CHECKS)
        if answer.status_code >= _SERVER_ERROR:
            assert answer.json()["code"], answer.text

    ask()
    return statuses
