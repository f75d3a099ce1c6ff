"""The failure cache: a negative cache of drawings, shared by all processes; a failed drawing has a cooldown."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from avatars_as_a_service.errors import (
    AvatarsError,
    CannotDrawNow,
    ProviderQuota,
    ProviderTimeout,
    ProviderUnavailable,
    Refused,
    UnusableAnswer,
)
from avatars_as_a_service.storage import refusals
from avatars_as_a_service.storage.idempotency import ANSWER_LIFETIME

_RECORDED: Final[dict[str, type[AvatarsError]]] = {
    kind.code: kind for kind in (Refused, UnusableAnswer, ProviderUnavailable, ProviderQuota, ProviderTimeout)
}
_RETRY_AFTER_S: Final = 5.0


class FailureCache:
    """Records how drawings failed, and raises the failure again for callers that ask for the same drawing."""

    def __init__(self, cooldown: timedelta) -> None:
        self._cooldown = cooldown

    def record(self, connection: Connection, subject: str, failure: AvatarsError, *, idempotent: bool) -> None:
        """Record a failure of the provider with its cooldown; other failures are not recorded."""
        if failure.code not in _RECORDED:
            return
        cooldown = self._cooldown_after(failure, idempotent=idempotent)
        refusals.put(connection, subject, code=failure.code, reason=failure.detail, cooldown=cooldown)

    def raise_if_recent(self, connection: Connection, subject: str, since: datetime | None) -> None:
        """Raise the recorded failure during its cooldown, and for a caller that has waited since before it happened."""
        refusal = refusals.get(connection, subject)
        if refusal is None:
            return
        waited = since is not None and refusal.refused_at >= since
        if refusal.cooldown or waited:
            retry_after = refusal.cooldown.total_seconds() or _RETRY_AFTER_S
            raise _RECORDED[refusal.code].from_record(refusal.reason, retry_after=retry_after)

    def _cooldown_after(self, failure: AvatarsError, *, idempotent: bool) -> timedelta:
        """An idempotency key is never paid for twice; a face may be drawn again after its cooldown."""
        if idempotent and isinstance(failure, CannotDrawNow) and failure.maybe_paid:
            return ANSWER_LIFETIME
        return self._cooldown if isinstance(failure, Refused | UnusableAnswer) else timedelta()
