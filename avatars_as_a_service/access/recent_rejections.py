"""Recent rejections: rate-limited callers, so that a flood is rejected without asking the counters again."""

import time
from typing import Final

from avatars_as_a_service.errors import TooManyRequests

_MAX_CALLERS: Final = 10_000


class RecentRejections:
    """Remembers each rejection until its caller may try again."""

    def __init__(self) -> None:
        self._rejections: dict[str, tuple[float, TooManyRequests]] = {}

    def __bool__(self) -> bool:
        return bool(self._rejections)

    def record(self, caller: str, error: TooManyRequests) -> None:
        """Remember that this caller was rejected. A full memory is cleared: it fills again in a moment."""
        if len(self._rejections) >= _MAX_CALLERS:
            self._rejections.clear()
        self._rejections[caller] = (time.monotonic() + (error.retry_after or 0), error)

    def find(self, caller: str) -> TooManyRequests | None:
        """The caller's rejection with the time that is left, or ``None`` when the caller may try again."""
        ends_at, error = self._rejections.get(caller, (0.0, None))
        seconds = ends_at - time.monotonic()
        return None if error is None or seconds <= 0 else error.with_retry_after(seconds)
