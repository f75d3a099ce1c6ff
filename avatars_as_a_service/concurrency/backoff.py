"""Exponential backoff for named things: retry after 1 s, 2 s, 4 s, …, up to a longest pause."""

import time
from collections.abc import Collection
from typing import Final

_FIRST_PAUSE_S: Final = 1.0
_MAX_DOUBLINGS: Final = 20


class Backoff:
    """Counts the failures of each name and says when to retry it. It knows this process alone."""

    def __init__(self, *, max_pause_s: float) -> None:
        self._max_pause_s = max_pause_s
        self._failures: dict[str, int] = {}
        self._due_at: dict[str, float] = {}

    def is_due(self, name: str) -> bool:
        """Whether it may be tried now."""
        return time.monotonic() >= self._due_at.get(name, 0)

    def failures(self, name: str) -> int:
        """How often it has failed in a row."""
        return self._failures.get(name, 0)

    def failed(self, name: str) -> bool:
        """Count a failure and pause. Returns whether it is the first in a row, the one to log."""
        before = self._failures.get(name, 0)
        self._failures[name] = before + 1
        pause = min(_FIRST_PAUSE_S * 2 ** min(before, _MAX_DOUBLINGS), self._max_pause_s)
        self._due_at[name] = time.monotonic() + pause
        return before == 0

    def succeeded(self, name: str) -> None:
        """Forget the failures of that name."""
        self._failures.pop(name, None)
        self._due_at.pop(name, None)

    def retry_all(self) -> None:
        """End all pauses: the cause of the failures seems to have ended."""
        self._due_at.clear()

    def keep_only(self, names: Collection[str]) -> None:
        """Forget the failures of all other names."""
        for name in self._failures.keys() - set(names):
            self.succeeded(name)
