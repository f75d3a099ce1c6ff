"""Housekeeping: what a process does beside answering, from its start to its end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable
from avatars_as_a_service.service.keeper import Keeper
from avatars_as_a_service.service.leases import Leases
from avatars_as_a_service.service.metrics import Metrics
from avatars_as_a_service.service.recollection import Recollection
from avatars_as_a_service.service.removal import Removal
from avatars_as_a_service.service.tally import Tally
from avatars_as_a_service.storage import idempotency, ledger, refusals, schema
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.version import MayNotMigrate

_FLUSH_S: Final = 2.0
_TAKE_IN_S: Final = 1.0
_FILL_S: Final = 1.0
_LOOK_S: Final = 3.0
"""A change is seen within 5 s, the time to read it included."""
_SWEEP_S: Final = 60.0
_START_AGAIN_S: Final = 1.0
_REFUSALS_LINGER: Final = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Housekeeping:
    """Brings the schema up to date, then keeps its rounds until it is stopped."""

    def __init__(
        self,
        *,
        database: Database,
        leases: Leases,
        keeper: Keeper,
        recollection: Recollection,
        tally: Tally,
        metrics: Metrics,
        removal: Removal,
        keep_descriptions: timedelta | None,
        longest_call: timedelta,
    ) -> None:
        self._database = database
        self._leases = leases
        self._keeper = keeper
        self._recollection = recollection
        self._tally = tally
        self._metrics = metrics
        self._removal = removal
        self._keep_descriptions = keep_descriptions
        self._longest_call = longest_call
        self._tasks: list[asyncio.Task[None]] = []
        self.ready = False

    async def start(self) -> None:
        """Get ready, now if the database is there, else as soon as it is."""
        if not await self._prepare():
            self._tasks.append(asyncio.create_task(self._prepare_until_ready()))
        rounds: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (_FLUSH_S, self._flush),
            (_TAKE_IN_S, self._keeper.take_in),
            (_LOOK_S, self._recollection.look),
            (_FILL_S, self._recollection.fill),
            (_SWEEP_S, self._sweep),
        ]
        self._tasks += [asyncio.create_task(_every(seconds, work)) for seconds, work in rounds]
        self._tasks.append(asyncio.create_task(self._leases.renew_for_ever()))

    async def stop(self) -> None:
        """Stop the rounds, after a last one."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._flush()
        await _quietly(self._keeper.take_in)
        await self._place_what_is_paid_for()

    async def _place_what_is_paid_for(self) -> None:
        """A picture that is in memory alone would be lost now: try on for as long as a call may take."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._longest_call.total_seconds()):
                while self._keeper.holds_unspooled:
                    await asyncio.sleep(_TAKE_IN_S)
                    await _quietly(self._keeper.take_in)

    async def _flush(self) -> None:
        self._metrics.fold()
        await self._tally.flush()

    async def _prepare(self) -> bool:
        try:
            await asyncio.to_thread(schema.migrate, self._database)
        except DatabaseUnavailable as away:
            log.warning("the database is not there yet", reason=away.reason)
            return False
        except MayNotMigrate as refused:
            log.error(str(refused))  # noqa: TRY400 - said in one line
            return False
        await _quietly(self._keeper.take_in)
        self.ready = True
        return True

    async def _prepare_until_ready(self) -> None:
        ready = False
        while not ready:
            await asyncio.sleep(_START_AGAIN_S)
            ready = await self._prepare()

    async def _sweep(self) -> None:
        def sweep(connection: Connection) -> int:
            refusals.delete_ended(connection, _REFUSALS_LINGER)
            idempotency.delete_expired(connection)
            return ledger.give_up_stale(connection, self._longest_call)

        if self._keep_descriptions is not None:
            await self._removal.purge_descriptions(self._keep_descriptions, who="the setting")
        given_up = await self._database.write(sweep)
        if given_up:
            log.warning("calls that nobody ended are counted at their bound", calls=given_up)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await _quietly(work)
        await asyncio.sleep(seconds)


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except (DatabaseUnavailable, ImageStoreUnavailable):
        pass  # the next round does it
    except Exception:
        log.exception("a round failed", round=getattr(work, "__qualname__", "?"))
