"""Whether this process should get requests."""

import asyncio
from enum import StrEnum
from typing import Final

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.service.flights import Flights
from avatars_as_a_service.service.housekeeping import Housekeeping
from avatars_as_a_service.storage.database import Database

_PING_S: Final = 2.0


class State(StrEnum):
    """Where a process stands between its start and its end."""

    STARTING = "starting"
    READY = "ready"
    DEGRADED = "degraded"
    DRAINING = "draining"


class Readiness:
    """Asks those who know."""

    def __init__(self, *, database: Database, housekeeping: Housekeeping, flights: Flights[Answer]) -> None:
        self._database = database
        self._housekeeping = housekeeping
        self._flights = flights

    async def state(self) -> State:
        """Degraded is ready: the database is away, and what is remembered is served."""
        if self._flights.draining:
            return State.DRAINING
        if not self._housekeeping.ready:
            return State.STARTING
        try:
            # Shielded: a thread that hangs in the driver is not waited for.
            await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(self._database.ping())), _PING_S)
        except (DatabaseUnavailable, TimeoutError):
            return State.DEGRADED
        return State.READY
