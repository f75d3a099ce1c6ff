"""Renditions: originals in other sizes and formats, each made once for all concurrent requests and then stored.

Any client may request any rendition, so large ones are not stored: that bounds what strangers can make the store hold.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.concurrency.fair_queue import FairQueue
from avatars_as_a_service.concurrency.single_flight import SingleFlight, WaitExpired
from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.errors import (
    Busy,
    DatabaseUnavailable,
    ImageStoreUnavailable,
    PictureNotFound,
    ProviderTimeout,
)
from avatars_as_a_service.imaging.render_job import RenderRequest
from avatars_as_a_service.imaging.render_pool import CannotRender, RenderPool, RenderWorkerFailed
from avatars_as_a_service.imaging.vector import resized
from avatars_as_a_service.pictures.reader import PictureReader
from avatars_as_a_service.providers.local import local_picture
from avatars_as_a_service.storage import images as pictures
from avatars_as_a_service.storage import renditions
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.picture_store import PictureStore
from avatars_as_a_service.storage.renditions import RenditionKey

_WAIT_S: Final = 60.0
"""A page of a thousand new pictures takes a busy machine that long."""
_LOOKUP_S: Final = 2.0
"""If the original is in memory, the lookup of a stored rendition ends after so long: making it again is faster."""
_RETRY_AFTER_S: Final = 2.0
MAX_KEPT_BYTES: Final = 64 * 2**10
"""A larger rendition is stored in the default size alone; each process makes the others again.

All 44 renditions of a picture then take 0.3 MB of storage, a few times the original. With PNG from 256 pixels on, they
would take four times as much.
"""

log = structlog.get_logger(__name__)


class RenditionService:
    """Finds or makes renditions, in a pool of processes behind a bounded queue.

    A cached rendition needs neither the database nor a thread.
    """

    def __init__(
        self,
        *,
        reader: PictureReader,
        pictures: PictureStore,
        database: Database,
        memory: MemoryCache,
        pool: RenderPool,
        queue: FairQueue,
        default_size: int,
    ) -> None:
        self._reader = reader
        self._pictures = pictures
        self._database = database
        self._memory = memory
        self._pool = pool
        self._queue = queue
        self._default_size = default_size
        self._in_progress: SingleFlight[Picture] = SingleFlight()

    def get_cached(self, digest: str, format: str, size: int | None) -> Picture | None:  # noqa: A002 - the field's own name
        """Return that original in this format and size if this process has it in memory.

        Without a size, the rendition is as large as its original; in the original's format, it is the original.
        """
        if size is None:
            original = self._reader.get_cached(digest)
            if original is not None and original.format == format:
                return original
        return self._memory.get_rendition(digest, format, size)

    @property
    def cache_version(self) -> int:
        """Grows whenever pictures are evicted from memory: what was read by ``get_cached`` before may be gone."""
        return self._memory.version

    async def get(self, digest: str, format: PictureFormat, size: int | None, *, client: str) -> Picture:  # noqa: A002 - the field's own name
        """Return that original in this format and size, made if necessary; stored bytes never change.

        ``client`` is the name by which render workers are shared fairly.

        Raises ``PictureNotFound`` or ``PictureGone``; ``Busy`` where too many renditions wait to be made;
        ``DatabaseUnavailable`` or ``ImageStoreUnavailable`` where one of the two is needed and away.
        """
        cached = self.get_cached(digest, format, size)
        if cached is not None:
            return cached
        if size is None:
            original = await self._reader.get(digest)
            if original.format is format:
                return original
        key = RenditionKey(digest, format, size)
        return await self._once(repr(key), partial(self._find_or_make, key, client))

    def drawing_now(self, features: Features, format: PictureFormat, size: int | None) -> Picture | None:  # noqa: A002 - the field's own name
        """Return the local artist's picture of these features, if it is an SVG or this process has it in memory."""
        if format is PictureFormat.SVG:
            drawn = local_picture(features)
            if size is None:
                return drawn
            return resized(drawn, RenderRequest(drawn.format, drawn.width, drawn.height, format, size).box)
        return self._memory.get_stand_in((features, format, size))

    async def drawing(self, features: Features, format: PictureFormat, size: int | None, *, client: str) -> Picture:  # noqa: A002 - the field's own name
        """Return the local artist's picture of these features, cached but never stored. Raises ``Busy``."""
        now = self.drawing_now(features, format, size)
        if now is not None:
            return now
        drawn, name = local_picture(features), (features, format, size)
        request = RenderRequest(drawn.format, drawn.width, drawn.height, format, size)
        picture = await self._once(repr(name), partial(self._render, drawn, request, client))
        self._memory.put_stand_in(name, picture)
        return picture

    async def close(self) -> None:
        """Finish the renditions under way, then stop the pool."""
        await self._in_progress.drain()
        await asyncio.to_thread(self._pool.close)

    async def _once(self, name: str, make: Callable[[], Awaitable[Picture]]) -> Picture:
        try:
            return (await self._in_progress.run(name, make, wait_s=_WAIT_S)).result
        except (WaitExpired, ProviderTimeout) as late:
            raise Busy(retry_after=_RETRY_AFTER_S) from late

    async def _find_or_make(self, key: RenditionKey, client: str) -> Picture:
        name = (key.original, key.format, key.size)
        try:
            stored = await self._look_up(key)
            if stored is not None:
                self._memory.put_rendition(name, stored)
                return stored
            made = await self._make(key, client, store=True)
        except (DatabaseUnavailable, ImageStoreUnavailable, TimeoutError):
            # The original may be in memory or in the spool, and gives equal bytes; if it is not, this raises again.
            made = await self._make(key, client, store=False)
        if self._reader.get_cached(key.original) is not None:  # else it may have been purged meanwhile
            self._memory.put_rendition(name, made)
        return made

    async def _look_up(self, key: RenditionKey) -> Picture | None:
        if self._reader.get_cached(key.original) is None:
            return await self._stored(key)
        lookup = asyncio.ensure_future(self._stored(key))
        lookup.add_done_callback(lambda done: done.cancelled() or done.exception())  # even after the wait has ended
        # Shielded, so that a thread that hangs in the driver does not hold up this request.
        return await asyncio.wait_for(asyncio.shield(lookup), _LOOKUP_S)

    async def _stored(self, key: RenditionKey) -> Picture | None:
        digest = await self._database.read(lambda connection: renditions.get(connection, key))
        return None if digest is None else await self._pictures.get(digest)

    async def _make(self, key: RenditionKey, client: str, *, store: bool) -> Picture:
        original = await self._reader.get(key.original)
        request = RenderRequest(original.format, original.width, original.height, key.format, key.size)
        if request.is_original:
            return original
        if key.format is not PictureFormat.SVG:
            made = await self._render(original, request, client)
            return await self._store(key, made) if store and self._may_be_stored(key, made) else made
        if original.format is not PictureFormat.SVG:
            raise PictureNotFound
        return resized(original, request.box)

    async def _render(self, original: Picture, request: RenderRequest, client: str) -> Picture:
        deadline = asyncio.get_running_loop().time() + _WAIT_S
        try:
            async with self._queue.slot(client, deadline):
                return await self._pool.render(original, request)
        except CannotRender as wrong:
            log.error("a picture cannot be rendered", digest=original.digest, reason=str(wrong))  # noqa: TRY400 - one line is enough
            raise PictureNotFound from wrong
        except RenderWorkerFailed as broke:
            raise Busy(retry_after=_RETRY_AFTER_S) from broke

    def _may_be_stored(self, key: RenditionKey, made: Picture) -> bool:
        return key.size == self._default_size or len(made.data) <= MAX_KEPT_BYTES

    async def _store(self, key: RenditionKey, made: Picture) -> Picture:
        """Store the rendition and return the stored one: another process may have been first."""
        try:
            if not await self._database.read(lambda connection: pictures.refs(connection, [key.original])):
                return made  # the original is in the spool, or has been purged
            await self._pictures.add(made, urgent=False)
            first = await self._database.write(lambda connection: renditions.add(connection, key, made.digest))
            if first is None:
                await self._remove(made)
            return made if first in {made.digest, None} else await self._pictures.get(str(first)) or made
        except (DatabaseUnavailable, ImageStoreUnavailable) as away:
            log.warning("a rendition is in memory alone", reason=away.reason)
            return made

    async def _remove(self, made: Picture) -> None:
        """Remove a rendition whose original was purged while it was stored."""
        try:
            await self._database.write(lambda connection: pictures.remove(connection, [made.digest]))
        except IntegrityError:  # another original has a rendition of the very same bytes
            return
        await self._pictures.discard(made.ref)
