"""Reservations: for ``PaidCalls``, the ledger rows of calls that are not sent yet; releases those of dead processes."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.errors import DatabaseUnavailable, ProviderTimeout
from avatars_as_a_service.storage import ledger
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Caps, ExpiredCall, Lease, PaidCall, Receipt

GRACE_HEARTBEATS: Final = 1.5
"""Heartbeats between two looks at an expired lease before it counts as abandoned. After an outage a living owner
renews first, even if its last renewal still hangs."""
_LOOKS_PER_HEARTBEAT: Final = 2
"""So often that two leases after a death nothing is left to release."""
_RETRY_S: Final = 0.5

log = structlog.get_logger(__name__)


class Reservations:
    """Reserves money for calls, renews the reservations until the calls are sent, and releases abandoned ones.

    Only a call that ``mark_sent`` has marked may be sent: another process may have released the reservation.
    """

    def __init__(self, database: Database, *, owner: str, lease: timedelta, heartbeat: timedelta) -> None:
        self._database = database
        self._lease = Lease(owner, lease)
        self._heartbeat = heartbeat
        self._unsent: set[str] = set()
        self._expired: dict[ExpiredCall, float] = {}
        # All processes write the same budget rows. One task of this process waits for them at a time, so that the
        # others hold no connections meanwhile.
        self._reserving = asyncio.Lock()
        # One task at a time, so that the other urgent connection stays free for heartbeats.
        self._marking = asyncio.Lock()

    async def reserve(self, call: PaidCall, caps: Caps, check: Callable[[Connection], None]) -> None:
        """Write the call's row and reserve its bound, after ``check`` in the same transaction; keep the lease renewed.

        Raises what ``check`` raises, ``BudgetExhausted`` and ``DatabaseUnavailable``.
        """

        def work(connection: Connection) -> None:
            check(connection)
            ledger.reserve(connection, call, caps, self._lease)

        async with self._reserving:
            await self._database.write(work)
        self._unsent.add(call.id)

    async def mark_sent(self, call: PaidCall, *, check: Callable[[], None], deadline: float) -> bool:
        """Mark the call as sent, right before it is. ``False``: it was released meanwhile and may not be sent.

        Waits while the database is away, and runs ``check`` before each attempt. Raises what ``check`` raises, and
        ``ProviderTimeout`` when the deadline (the event loop's time) passes.
        """
        clock = asyncio.get_running_loop().time
        mark = partial(ledger.mark_sent, call_id=call.id)
        async with self._marking:
            while clock() < deadline:
                check()
                try:
                    is_marked = await self._database.write(mark, urgent=True)
                except DatabaseUnavailable:
                    await asyncio.sleep(_RETRY_S)
                    continue
                if clock() < deadline:
                    return is_marked
        raise ProviderTimeout

    def stop_renewing(self, call: PaidCall) -> None:
        """Stop renewing the call's lease: the call is sent or ended."""
        self._unsent.discard(call.id)

    async def close(self, receipt: Receipt) -> None:
        """Write how a call without a picture ended.

        If the database is away, the row stays as it is: a call that was sent is then counted at its bound, and the
        lease of one that was not sent runs out.
        """
        try:
            await self._database.write(partial(ledger.close, receipt=receipt), urgent=True)
        except DatabaseUnavailable as error:
            log.warning("a call stays open", call=receipt.call_id, outcome=receipt.outcome, reason=error.reason)

    @property
    def unsent(self) -> frozenset[str]:
        """The ids of the calls whose leases the heartbeat renews."""
        return frozenset(self._unsent)

    @property
    def look_s(self) -> float:
        """How often to run ``release_abandoned``, in seconds."""
        return self._heartbeat.total_seconds() / _LOOKS_PER_HEARTBEAT

    async def release_abandoned(self) -> None:
        """Release unsent calls of dead processes: their expired lease was seen twice, long enough apart.

        Raises ``DatabaseUnavailable``. The owners may have been cut off as well, so the wait begins anew.
        """
        try:
            await self._release_abandoned()
        except DatabaseUnavailable:
            self._expired = {}
            raise

    async def _release_abandoned(self) -> None:
        expired = await self._database.read(ledger.expired)
        now = asyncio.get_running_loop().time()
        self._expired = {call: self._expired.get(call, now) for call in expired}
        grace_s = (GRACE_HEARTBEATS * self._heartbeat).total_seconds()
        abandoned = [call for call, first_seen in self._expired.items() if now - first_seen >= grace_s]
        if not abandoned:
            return
        released = await self._database.write(partial(ledger.release_unsent, candidates=abandoned))
        if released:
            log.warning("unsent calls of a dead process are released", calls=released)
