"""The paying account: checks the values that the OpenAI SDK sends in the headers of each request.

The HTTP library refuses a header with a line end or a letter beyond ASCII at the first drawing; this check refuses it
at startup. The SDK itself reads all values but the API key from the environment.
"""

import os
import re
from dataclasses import dataclass, field
from typing import Final

from avatars_as_a_service.settings import WrongSetting

_HEADERS: Final = "OPENAI_CUSTOM_HEADERS"
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE: Final = re.compile(r"[\t -~]*")
_FRAMING: Final = {"content-length", "transfer-encoding"}
"""These headers define where a request ends: the error of a wrong one comes when half the request is sent."""


@dataclass(frozen=True, slots=True)
class Account:
    """An API key, and the organization and project that it belongs to; ``None`` sends no header."""

    api_key: str = field(repr=False)
    organization: str | None
    project: str | None


def account(variable: str, api_key: str) -> Account:
    """Build the account from this variable's key and the process's environment. Raises ``WrongSetting``."""
    _check_custom_headers(os.environ.get(_HEADERS, ""))
    return Account(
        api_key=checked_value(variable, api_key),
        organization=_from_environment("OPENAI_ORG_ID"),
        project=_from_environment("OPENAI_PROJECT_ID"),
    )


def _from_environment(variable: str) -> str | None:
    value = os.environ.get(variable, "").strip()
    return checked_value(variable, value) if value else None


def checked_value(variable: str, value: str) -> str:
    """Return the value of a header. Raises ``WrongSetting`` for one that no header may hold; it does not repeat it."""
    if not _VALUE.fullmatch(value):
        raise WrongSetting(variable, "has a line end, or another character that no HTTP header may hold")
    return value


def _check_custom_headers(lines: str) -> None:
    """Check the headers as the SDK reads them: one a line, the name before the first colon; it skips other lines."""
    for line in lines.split("\n"):
        name, colon, value = line.partition(":")
        if not colon:
            continue
        if not _NAME.fullmatch(name.strip()):
            raise WrongSetting(_HEADERS, "has a malformed header name; write Name: value, one a line")
        if name.strip().lower() in _FRAMING:
            raise WrongSetting(_HEADERS, f"may not set {name.strip()}")
        checked_value(_HEADERS, value.strip())
