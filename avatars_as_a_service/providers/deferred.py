"""A provider that is built at its first use: its imports take a second, and a hit needs none of them."""

import asyncio
from collections.abc import Callable
from datetime import date

from avatars_as_a_service.providers.base import (
    Drawing,
    DrawRequest,
    ImageClient,
    ModerationFailed,
    ProbeFailed,
    ProviderInfo,
    Unbilled,
)


class _NotBuilt(Exception):
    """The client cannot be built; the message gives the reason."""


class DeferredProvider:
    """Builds its image client in a thread, once."""

    def __init__(self, info: ProviderInfo, build: Callable[[], ImageClient]) -> None:
        self.info = info
        self._build = build
        self._client: ImageClient | None = None
        self._building = asyncio.Lock()

    async def draw(self, request: DrawRequest, *, deadline: float) -> Drawing:
        """Draw with the client. Raises ``Unbilled`` too if the client cannot be built."""
        try:
            client = await self._built()
        except _NotBuilt as failed:
            raise Unbilled("not_built", reason=f"nothing was sent: the client cannot be built: {failed}") from failed
        return await client.draw(request, deadline=deadline)

    async def moderate(self, description: str) -> list[str]:
        """Moderate with the client. Raises ``ModerationFailed`` too if the client cannot be built."""
        try:
            client = await self._built()
        except _NotBuilt as failed:
            raise ModerationFailed from failed
        return await client.moderate(description)

    async def model_shutdown_date(self) -> date | None:
        """Ask the client; ``None`` too if the client cannot be built."""
        try:
            client = await self._built()
        except _NotBuilt:
            return None
        return await client.model_shutdown_date()

    async def probe(self) -> str:
        """Probe with the client. Raises ``ProbeFailed`` too if the client cannot be built."""
        try:
            client = await self._built()
        except _NotBuilt as failed:
            raise ProbeFailed(f"the client cannot be built: {failed}") from failed
        return await client.probe()

    async def close(self) -> None:
        """Close the client if it was built."""
        if self._client is not None:
            await self._client.close()

    async def _built(self) -> ImageClient:
        async with self._building:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._build)
                except Exception as failed:
                    raise _NotBuilt(repr(failed)) from failed
            return self._client
