"""The breaker: leaves a failing provider alone for a while, then lets one trial through."""

import time
from typing import Final

import structlog

from avatars_as_a_service.errors import ProviderQuota, ProviderUnavailable

FAILURES: Final = 5

log = structlog.get_logger(__name__)


class Breaker:
    """Closed: calls pass. Open: none does, until the pause ends; then one trial, whose end closes or opens it anew.

    It opens after five failures in a row, and at once, for longer, where the provider says that the money is used up.
    """

    def __init__(self, *, pause_s: float, quota_pause_s: float) -> None:
        self._pause_s = pause_s
        self._quota_pause_s = quota_pause_s
        self._failures = 0
        self._open_until: float | None = None
        self._of_quota = False
        self._trial = False

    @property
    def state(self) -> str:
        """A word for people: ``ok``, ``paused``, ``out_of_quota`` or ``trial``."""
        if self._open_until is None:
            return "ok"
        if self._remaining() <= 0:
            return "trial"
        return "out_of_quota" if self._of_quota else "paused"

    def check(self) -> None:
        """Raise ``ProviderQuota`` or ``ProviderUnavailable`` where no call would pass now."""
        if self._open_until is None or (self._remaining() <= 0 and not self._trial):
            return
        retry_after = max(self._remaining(), 1.0)
        if self._of_quota:
            raise ProviderQuota(retry_after=retry_after)
        raise ProviderUnavailable("it failed several times in a row and is left alone", retry_after=retry_after)

    def admit(self) -> None:
        """The same, and be the trial where one is due. Whoever was admitted tells how it ended."""
        self.check()
        self._trial = self._open_until is not None

    def succeeded(self) -> None:
        """A call was answered as it should be."""
        if self._waits_for_quota:
            return
        if self._open_until is not None:
            log.warning("the provider works again")
        self._failures, self._open_until, self._trial = 0, None, False

    def failed(self) -> None:
        """A call failed."""
        if self._waits_for_quota:
            return
        self._failures += 1
        if self._failures >= FAILURES or self._trial:
            self._open(self._pause_s, of_quota=self._of_quota and self._trial)

    def out_of_quota(self) -> None:
        """The provider says that the money is used up."""
        self._open(self._quota_pause_s, of_quota=True)

    @property
    def _waits_for_quota(self) -> bool:
        """Whether only the trial may end the pause: calls that were sent before it say nothing about the money."""
        return self._open_until is not None and self._of_quota and not self._trial

    def _open(self, pause_s: float, *, of_quota: bool) -> None:
        if of_quota:
            log.error("the provider's quota or spending limit is reached; no calls for now", pause_s=pause_s)
        else:
            log.error("the provider fails; no calls for now", pause_s=pause_s, failures=self._failures)
        self._open_until = _now() + pause_s
        self._of_quota, self._trial = of_quota, False

    def _remaining(self) -> float:
        return 0.0 if self._open_until is None else self._open_until - _now()


def _now() -> float:
    return time.monotonic()
