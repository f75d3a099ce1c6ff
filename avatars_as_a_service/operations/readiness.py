"""Readiness: whether this process should get requests."""

import asyncio
from enum import StrEnum
from typing import Final

from avatars_as_a_service.concurrency.single_flight import SingleFlight
from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.operations.background_tasks import BackgroundTasks
from avatars_as_a_service.storage import write_probe
from avatars_as_a_service.storage.database import Database

_PROBE_S: Final = 2.0
_RECENT_S: Final = 2.0
"""How long a refused transaction counts: the probe may succeed where the next picture is refused."""


class State(StrEnum):
    """A process's state, as ``/readyz`` shows it."""

    STARTING = "starting"
    READY = "ready"
    DEGRADED = "degraded"
    DRAINING = "draining"


class Readiness:
    """Reads the state from the background tasks, the drawings and the database."""

    def __init__(self, *, database: Database, tasks: BackgroundTasks, drawings: SingleFlight[Answer]) -> None:
        self._database = database
        self._tasks = tasks
        self._drawings = drawings
        self._probe: asyncio.Task[None] | None = None

    async def state(self) -> State:
        """Return the state. A degraded process is ready: the database takes no writes, and cached faces are served."""
        if self._drawings.draining:
            return State.DRAINING
        if not self._tasks.ready:
            return State.STARTING
        if await self._takes_writes() and not self._database.has_failed_within(_RECENT_S):
            return State.READY
        return State.DEGRADED

    async def _takes_writes(self) -> bool:
        """Probe the database; all who ask meanwhile share one probe, which may hang in the driver."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.ensure_future(self._database.write(write_probe.probe))
        try:
            # Shielded, so that a thread that hangs in the driver does not hold up this answer.
            await asyncio.wait_for(asyncio.shield(self._probe), _PROBE_S)
        except (DatabaseUnavailable, TimeoutError):
            return False
        return True
