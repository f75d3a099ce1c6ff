"""Rests: a subject whose drawing failed is left alone where another try would pay for nothing."""

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
from avatars_as_a_service.service.keeper import ANSWER_LIFETIME
from avatars_as_a_service.storage import refusals

_RETOLD: Final[dict[str, type[AvatarsError]]] = {
    kind.code: kind for kind in (Refused, UnusableAnswer, ProviderUnavailable, ProviderQuota, ProviderTimeout)
}
_TRY_LATER_S: Final = 5.0


class Rests:
    """Notes how drawings failed, for every process; and tells those who ask for the same, or waited on it."""

    def __init__(self, rest: timedelta) -> None:
        self._rest = rest

    def note(self, connection: Connection, subject: str, failure: AvatarsError, *, keyed: bool) -> None:
        """Write a failure of the provider down, with the rest that follows from it; other failures leave no trace."""
        if failure.code not in _RETOLD:
            return
        rest = self._after(failure, keyed=keyed)
        refusals.put(connection, subject, code=failure.code, reason=failure.detail, rest=rest)

    def check(self, connection: Connection, subject: str, since: datetime | None) -> None:
        """Raise the failure again while its rest lasts, and to those who have waited since before it happened."""
        refusal = refusals.get(connection, subject)
        if refusal is None:
            return
        waited = since is not None and refusal.refused_at >= since
        if refusal.rest or waited:
            retry_after = refusal.rest.total_seconds() or _TRY_LATER_S
            raise _RETOLD[refusal.code].retold(refusal.reason, retry_after=retry_after)

    def _after(self, failure: AvatarsError, *, keyed: bool) -> timedelta:
        """What an idempotency key stands for is never paid for twice; a face may be, once its rest has ended."""
        if keyed and isinstance(failure, CannotDrawNow) and failure.maybe_paid:
            return ANSWER_LIFETIME
        return self._rest if isinstance(failure, Refused | UnusableAnswer) else timedelta()
