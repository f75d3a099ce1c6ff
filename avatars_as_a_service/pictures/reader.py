"""Finds pictures by digest: in memory, else in the picture store or the spool."""

import anyio.to_thread

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.domain.picture import Picture
from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable, PictureGone, PictureNotFound
from avatars_as_a_service.pictures.purge import Purger
from avatars_as_a_service.storage.picture_store import PictureStore
from avatars_as_a_service.storage.spool_index import SpoolIndex


class PictureReader:
    """Reads pictures. A cached one needs neither the database nor a thread."""

    def __init__(self, *, pictures: PictureStore, memory: MemoryCache, spooled: SpoolIndex, purger: Purger) -> None:
        self._pictures = pictures
        self._memory = memory
        self._spooled = spooled
        self._purger = purger

    def get_cached(self, digest: str) -> Picture | None:
        """Return the picture with that digest if this process has it in memory."""
        return self._memory.get_picture(digest)

    async def get(self, digest: str) -> Picture:
        """Return the picture with that digest.

        Raises ``PictureNotFound`` or ``PictureGone``; ``DatabaseUnavailable`` or ``ImageStoreUnavailable`` where one of
        the two is needed and away.
        """
        cached = self.get_cached(digest)
        if cached is not None:
            return cached
        picture = await self._spooled_picture(digest) if self._spooled.knows_picture(digest) else None
        if picture is None:
            picture = await self._stored_or_spooled(digest)
        if picture is None:
            raise PictureGone if await self._purger.is_gone(digest) else PictureNotFound
        self._memory.put_picture(picture)
        return picture

    async def _stored_or_spooled(self, digest: str) -> Picture | None:
        try:
            stored = await self._pictures.get(digest)
        except (DatabaseUnavailable, ImageStoreUnavailable):
            spooled = await self._spooled_picture(digest)
            if spooled is None:
                raise
            return spooled
        return stored or await self._spooled_picture(digest)

    async def _spooled_picture(self, digest: str) -> Picture | None:
        return await anyio.to_thread.run_sync(self._spooled.picture, digest)
