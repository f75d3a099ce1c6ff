"""Background tasks of a process: migration, warm-up, then periodic work until it stops."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.cache.sync import CacheSync
from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable
from avatars_as_a_service.faces.budget_alerts import BudgetAlerts
from avatars_as_a_service.faces.leases import Leases
from avatars_as_a_service.faces.reservations import Reservations
from avatars_as_a_service.faces.results import ResultWriter
from avatars_as_a_service.metrics.answer_counts import AnswerCounts
from avatars_as_a_service.metrics.exporter import CallMetrics, Metrics
from avatars_as_a_service.operations.file_watch import FileWatch
from avatars_as_a_service.operations.start_checks import StartChecks
from avatars_as_a_service.pictures.purge import Purger
from avatars_as_a_service.providers.base import Provider
from avatars_as_a_service.storage import idempotency, ledger, refusals, schema
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Spending
from avatars_as_a_service.storage.version import MayNotMigrate

_WATCH_FILE_S: Final = 0.05
_FLUSH_S: Final = 2.0
_DRAIN_SPOOL_S: Final = 1.0
_WARM_UP_S: Final = 1.0
_POLL_CHANGES_S: Final = 3.0
"""A change is seen within 5 s, the time to read it included."""
_DELETE_EXPIRED_S: Final = 60.0
_ALERT_S: Final = 2.0
_PREPARE_AGAIN_S: Final = 1.0
_ENDED_REFUSALS_KEPT: Final = timedelta(hours=1)
_SHUTDOWN_NOTICE: Final = timedelta(days=90)

log = structlog.get_logger(__name__)


class BackgroundTasks:
    """Migrates the database and warms the provider up, then repeats its periodic work until it is stopped."""

    def __init__(
        self,
        *,
        database: Database,
        provider: Provider,
        leases: Leases,
        reservations: Reservations,
        results: ResultWriter,
        cache_sync: CacheSync,
        answer_counts: AnswerCounts,
        metrics: Metrics,
        calls: CallMetrics,
        alerts: BudgetAlerts,
        purger: Purger,
        start_checks: StartChecks,
        file_watch: FileWatch | None,
        keep_descriptions: timedelta | None,
        longest_call: timedelta,
    ) -> None:
        self._database = database
        self._provider = provider
        self._leases = leases
        self._reservations = reservations
        self._results = results
        self._cache_sync = cache_sync
        self._answer_counts = answer_counts
        self._metrics = metrics
        self._calls = calls
        self._alerts = alerts
        self._purger = purger
        self._start_checks = start_checks
        self._file_watch = file_watch
        self._keep_descriptions = keep_descriptions
        self._longest_call = longest_call
        self._tasks: list[asyncio.Task[None]] = []
        self.ready = False

    async def start(self) -> None:
        """Migrate the database, now or as soon as it answers, and start the periodic work."""
        if not await self._prepare():
            self._tasks.append(asyncio.create_task(self._prepare_until_ready()))
        periodic: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (_FLUSH_S, self._flush),
            (_DRAIN_SPOOL_S, self._results.drain_spool),
            (_POLL_CHANGES_S, self._cache_sync.poll_changes),
            (_WARM_UP_S, self._cache_sync.warm_up),
            (_DELETE_EXPIRED_S, self._delete_expired),
            (_ALERT_S, self._alerts.look),
            (self._reservations.look_s, self._reservations.release_abandoned),
        ]
        if self._file_watch is not None:
            periodic.append((_WATCH_FILE_S, self._file_watch.look))
        self._tasks += [asyncio.create_task(_every(seconds, work)) for seconds, work in periodic]
        self._tasks.append(asyncio.create_task(self._leases.run_heartbeat()))
        self._tasks.append(asyncio.create_task(_run_logged(partial(warm_up_provider, self._provider))))

    async def stop(self) -> None:
        """Stop the periodic work, then flush counts and store paid pictures one last time."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._flush()
        await _run_logged(self._results.drain_spool)
        await self._store_unsaved()

    async def _store_unsaved(self) -> None:
        """Retry as long as a call may take: a paid picture that is in memory alone would be lost now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._longest_call.total_seconds()):
                while self._results.has_unsaved:
                    await asyncio.sleep(_DRAIN_SPOOL_S)
                    await _run_logged(self._results.drain_spool)

    async def _flush(self) -> None:
        self._metrics.update()
        await self._answer_counts.flush()

    async def _prepare(self) -> bool:
        try:
            await asyncio.to_thread(schema.migrate, self._database)
        except DatabaseUnavailable as away:
            log.warning("the database is not there yet", reason=away.reason)
            return False
        except MayNotMigrate as refused:
            log.error(str(refused))  # noqa: TRY400 - one line is enough
            return False
        await _run_logged(self._results.drain_spool)
        self.ready = True
        self._tasks.append(asyncio.create_task(_run_logged(self._start_checks.run)))
        return True

    async def _prepare_until_ready(self) -> None:
        ready = False
        while not ready:
            await asyncio.sleep(_PREPARE_AGAIN_S)
            ready = await self._prepare()

    async def _delete_expired(self) -> None:
        def delete(connection: Connection) -> Spending:
            refusals.delete_ended(connection, _ENDED_REFUSALS_KEPT)
            idempotency.delete_expired(connection)
            return ledger.give_up_stale(connection, self._longest_call)

        if self._keep_descriptions is not None:
            await self._purger.purge_descriptions(self._keep_descriptions, who="the setting")
        given_up = await self._database.write(delete)
        if given_up.paid_calls:
            self._calls.add_given_up(given_up)
            log.warning("calls without a receipt are counted at their bound", calls=given_up.paid_calls)


async def warm_up_provider(provider: Provider) -> None:
    """Have the provider build its client before the first miss; warn if its model retires within 90 days."""
    retires_on = await provider.model_shutdown_date()
    if retires_on is not None and retires_on <= datetime.now(UTC).date() + _SHUTDOWN_NOTICE:
        log.warning(
            "the image model is switched off soon; kept faces stay, new ones need another AVATARS_MODEL",
            model=provider.info.model,
            switched_off_on=retires_on.isoformat(),
        )


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await _run_logged(work)
        await asyncio.sleep(seconds)


async def _run_logged(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except (DatabaseUnavailable, ImageStoreUnavailable):
        pass  # the next run does it
    except Exception:
        log.exception("a background task failed", round=getattr(work, "__qualname__", "?"))
