"""A circuit breaker in front of the provider: pauses all calls after repeated failures, then lets one trial through."""

import time
from typing import Final

import structlog

from avatars_as_a_service.errors import ProviderQuota, ProviderUnavailable

_MAX_FAILURES: Final = 5

log = structlog.get_logger(__name__)


class CircuitBreaker:
    """Closed: calls pass. Open: no call passes. Half-open, after the pause: one trial passes and decides which is next.

    It opens after five failures in a row. It opens at once, and for longer, if the provider's quota is used up.
    """

    def __init__(self, *, pause_s: float, quota_pause_s: float) -> None:
        self._pause_s = pause_s
        self._quota_pause_s = quota_pause_s
        self._failures = 0
        self._open_until: float | None = None
        self._is_quota_used_up = False
        self._half_open = False

    @property
    def state(self) -> str:
        """``ok``, ``paused``, ``out_of_quota`` or ``trial``: public names."""
        if self._open_until is None:
            return "ok"
        if self._remaining_s() <= 0:
            return "trial"
        return "out_of_quota" if self._is_quota_used_up else "paused"

    def check(self) -> None:
        """Raise ``ProviderQuota`` or ``ProviderUnavailable`` if no call may pass now."""
        if self._open_until is None or (self._remaining_s() <= 0 and not self._half_open):
            return
        retry_after = max(self._remaining_s(), 1.0)
        if self._is_quota_used_up:
            raise ProviderQuota(retry_after=retry_after)
        raise ProviderUnavailable("it failed several times in a row and is paused", retry_after=retry_after)

    def admit(self) -> None:
        """Let one call pass, as the trial if one is due; its end must be reported. Raises what ``check`` raises."""
        self.check()
        self._half_open = self._open_until is not None

    def succeeded(self) -> None:
        """Report that the provider answered a call as it should."""
        if self._only_trial_counts:
            return
        if self._open_until is not None:
            log.warning("the provider works again")
        self._failures, self._open_until, self._half_open = 0, None, False

    def failed(self) -> None:
        """Report that a call failed."""
        if self._only_trial_counts:
            return
        self._failures += 1
        if self._failures >= _MAX_FAILURES or self._half_open:
            self._open(self._pause_s, is_quota_used_up=self._is_quota_used_up and self._half_open)

    def out_of_quota(self) -> None:
        """Report that the provider's quota is used up."""
        self._open(self._quota_pause_s, is_quota_used_up=True)

    @property
    def _only_trial_counts(self) -> bool:
        """Whether the quota is used up: calls that were sent before show nothing about it."""
        return self._open_until is not None and self._is_quota_used_up and not self._half_open

    def _open(self, pause_s: float, *, is_quota_used_up: bool) -> None:
        if is_quota_used_up:
            log.error("the provider's quota or spending limit is reached; calls are paused", pause_s=pause_s)
        else:
            log.error("the provider fails; calls are paused", pause_s=pause_s, failures=self._failures)
        self._open_until = time.monotonic() + pause_s
        self._is_quota_used_up, self._half_open = is_quota_used_up, False

    def _remaining_s(self) -> float:
        return 0.0 if self._open_until is None else self._open_until - time.monotonic()
