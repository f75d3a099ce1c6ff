"""``Prefer``, RFC 7240: how long a client likes to wait for its answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_PREFERENCE: Final = re.compile(
    r"""\s*(?P<name>[!#$%&'*+.^_`|~0-9a-z-]+)          # a token
        (?:\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s,;"]*))?  # a word
        (?:\s*;(?:"(?:[^"\\]|\\.)*"|[^,"])*)?           # parameters, of which ours have none
        \s*(?:,|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_WAIT: Final = "wait"
_ASYNC: Final = "respond-async"
_MOST_DIGITS: Final = 9
_LONGEST: Final = 1_000
"""Characters; nobody prefers so much. More say nothing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """So many seconds; ``said`` is what ``Preference-Applied`` says once it was followed."""

    seconds: float
    said: str


def patience(headers: Iterable[str]) -> Patience | None:
    """How long to wait for a picture, as the ``Prefer`` headers say, if they do.

    ``wait=N``: N seconds; ``respond-async`` alone: none. Of what is said twice the first counts, and what cannot be
    read is not there, as the standard wants it.
    """
    said = _preferences(headers)
    wait = said.get(_WAIT, "")
    if wait.isascii() and wait.isdigit() and len(wait) <= _MOST_DIGITS:
        applied = f"{_WAIT}={int(wait)}"
        return Patience(int(wait), f"{_ASYNC}, {applied}" if _ASYNC in said else applied)
    return Patience(0, _ASYNC) if _ASYNC in said else None


def _preferences(headers: Iterable[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    text = ", ".join(headers)
    for found in _PREFERENCE.finditer(text if len(text) <= _LONGEST else ""):
        said.setdefault(found["name"].lower(), (found["value"] or "").strip('"'))
    return said
