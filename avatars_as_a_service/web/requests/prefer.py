"""The ``Prefer`` header (RFC 7240): how long a client wants to wait for its answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SECONDS: Final = re.compile(r'("?)([0-9]{1,9})\1')
_WAIT: Final = "wait"
_ASYNC: Final = "respond-async"
_MAX_CHARACTERS: Final = 1_000
"""Longer headers are ignored."""


@dataclass(frozen=True, slots=True)
class WaitPreference:
    """How many seconds to wait, and the value of ``Preference-Applied`` when the service waited no longer."""

    seconds: float
    applied: str


def wait_preference(headers: Iterable[str]) -> WaitPreference | None:
    """The first ``wait=N``, in seconds; ``respond-async`` alone means 0. What cannot be read is ignored."""
    text = ",".join(headers)
    seconds, is_async = None, False
    for preference in text.split(",") if len(text) <= _MAX_CHARACTERS else ():
        name, _, value = (part.strip() for part in preference.partition(";")[0].partition("="))
        found = _SECONDS.fullmatch(value)
        if name.lower() == _WAIT and found is not None and seconds is None:
            seconds = int(found[2])
        is_async = is_async or name.lower() == _ASYNC
    if seconds is None:
        return WaitPreference(0, _ASYNC) if is_async else None
    applied = f"{_WAIT}={seconds}"
    return WaitPreference(seconds, f"{_ASYNC}, {applied}" if is_async else applied)
