"""A provider that is built at its first use: what it imports takes a second, and a hit needs none of it."""

import asyncio
from collections.abc import Callable
from datetime import date

from avatars_as_a_service.providers.contract import About, Commission, Drawer, Drawing


class DeferredProvider:
    """Builds who draws in a thread, once."""

    def __init__(self, about: About, build: Callable[[], Drawer]) -> None:
        self.about = about
        self._build = build
        self._drawer: Drawer | None = None
        self._building = asyncio.Lock()

    async def draw(self, commission: Commission, *, deadline: float) -> Drawing:
        """What it draws."""
        return await (await self._built()).draw(commission, deadline=deadline)

    async def flagged(self, description: str) -> list[str]:
        """What it says of the text."""
        return await (await self._built()).flagged(description)

    async def switched_off_on(self) -> date | None:
        """What it says of its model."""
        return await (await self._built()).switched_off_on()

    async def close(self) -> None:
        """Close it, if it was ever built."""
        if self._drawer is not None:
            await self._drawer.close()

    async def _built(self) -> Drawer:
        async with self._building:
            if self._drawer is None:
                self._drawer = await asyncio.to_thread(self._build)
            return self._drawer
