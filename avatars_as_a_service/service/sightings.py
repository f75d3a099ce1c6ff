"""Sightings: looks at other processes' claims, once for all who wait in this process and not once for each."""

import asyncio
from functools import partial
from typing import Final

from avatars_as_a_service.storage import claims
from avatars_as_a_service.storage.claims import Sighting
from avatars_as_a_service.storage.database import Database

_GATHER_S: Final = 0.05
_REST: Final = 2
"""After a look, at least so many times as long as it took until the next one."""


class Sightings:
    """However many subjects are waited for, their claims are read by one query at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[str, asyncio.Future[Sighting | None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def see(self, subject: str) -> Sighting | None:
        """The claim on that subject as it stands a moment from now. Raises ``DatabaseUnavailable``."""
        loop = asyncio.get_running_loop()
        asked = self._asked.setdefault(subject, loop.create_future())
        if self._looking is None:
            self._looking = loop.create_task(self._look())
        return await asyncio.shield(asked)

    async def _look(self) -> None:
        clock, pause = asyncio.get_running_loop().time, _GATHER_S
        while self._asked:
            await asyncio.sleep(pause)
            began = clock()
            asked, self._asked = self._asked, {}
            await self._answer(asked)
            pause = max(_GATHER_S, _REST * (clock() - began))
        self._looking = None

    async def _answer(self, asked: dict[str, asyncio.Future[Sighting | None]]) -> None:
        try:
            seen = await self._database.read(partial(claims.see_all, subjects=list(asked)))
        except Exception as failed:  # noqa: BLE001 - whatever it is, those who wait for this look are told of it
            for each in asked.values():
                each.set_exception(failed)
        else:
            for subject, each in asked.items():
                each.set_result(seen.get(subject))
