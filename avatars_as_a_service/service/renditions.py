"""Pictures in other sizes and formats: each is made once, however many ask, and kept beside its original."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.errors import (
    Busy,
    DatabaseUnavailable,
    ImageStoreUnavailable,
    PictureNotFound,
    ProviderTimeout,
)
from avatars_as_a_service.features import Features
from avatars_as_a_service.images.orders import Wanted
from avatars_as_a_service.images.vector import resized
from avatars_as_a_service.images.workshop import CannotRender, WorkbenchBroke, Workshop
from avatars_as_a_service.picture import Picture, PictureFormat
from avatars_as_a_service.providers.local import local_picture
from avatars_as_a_service.service.flights import Flights, StillFlying
from avatars_as_a_service.service.gallery import Gallery
from avatars_as_a_service.service.line import Line
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.service.shelf import Shelf
from avatars_as_a_service.storage import pictures, renditions
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.renditions import RenditionKey

_PATIENCE_S: Final = 30.0
_LOOK_S: Final = 2.0
"""A rendition whose original is at hand is looked for no longer than that: it takes less to make it again."""
_TRY_LATER_S: Final = 2.0

log = structlog.get_logger(__name__)


class Renditions:
    """Makes pictures smaller or into another format, on a workshop with a bounded line before it.

    One that is remembered is found without the database and without a thread.
    """

    def __init__(
        self, *, gallery: Gallery, shelf: Shelf, database: Database, memory: Memory, workshop: Workshop, line: Line
    ) -> None:
        self._gallery = gallery
        self._shelf = shelf
        self._database = database
        self._memory = memory
        self._workshop = workshop
        self._line = line
        self._flights: Flights[Picture] = Flights()

    def remembered(self, digest: str, format: str, size: int | None) -> Picture | None:  # noqa: A002 - the field's own name
        """That original in this format and size, if this process remembers it: no database, no thread.

        Without a size it is as large as its original, and in the original's format the original itself.
        """
        if size is None:
            original = self._gallery.remembered(digest)
            if original is not None and original.format == format:
                return original
        return self._memory.rendition(digest, format, size)

    def when_forgetting(self, forget: Callable[[], None]) -> None:
        """Call that whenever remembered pictures may be gone."""
        self._memory.when_forgetting(forget)

    async def picture(self, digest: str, format: PictureFormat, size: int | None) -> Picture:  # noqa: A002 - likewise
        """The same, wherever it is kept, and made where it is not. Its bytes never change.

        Raises ``PictureNotFound`` or ``PictureGone``; ``Busy`` where too many renditions wait to be made;
        ``DatabaseUnavailable`` or ``ImageStoreUnavailable`` where nobody can tell.
        """
        remembered = self.remembered(digest, format, size)
        if remembered is not None:
            return remembered
        if size is None:
            original = await self._gallery.picture(digest)
            if original.format is format:
                return original
        key = RenditionKey(digest, format, size)
        return await self._once(repr(key), partial(self._find_or_make, key))

    async def stand_in(self, features: Features, format: PictureFormat, size: int | None) -> Picture:  # noqa: A002 - likewise
        """The local artist's picture of these features, remembered for a while and kept nowhere. Raises ``Busy``."""
        name = (features, format, size)
        remembered = self._memory.stand_in(name)
        if remembered is not None:
            return remembered
        drawn = local_picture(features)
        wanted = Wanted(drawn.format, drawn.width, drawn.height, format, size)
        if format is PictureFormat.SVG:
            return resized(drawn, wanted.box)
        picture = await self._once(repr(name), partial(self._made, drawn, wanted))
        self._memory.remember_stand_in(name, picture)
        return picture

    async def close(self) -> None:
        """Let what is being made be finished, then send the workbenches home."""
        await self._flights.drain()
        await asyncio.to_thread(self._workshop.close)

    async def _once(self, name: str, make: Callable[[], Awaitable[Picture]]) -> Picture:
        try:
            return (await self._flights.join(name, make, patience_s=_PATIENCE_S)).result
        except (StillFlying, ProviderTimeout) as late:
            raise Busy(retry_after=_TRY_LATER_S) from late

    async def _find_or_make(self, key: RenditionKey) -> Picture:
        name = (key.original, key.format, key.size)
        try:
            kept = await self._look(key)
            if kept is not None:
                self._memory.remember_rendition(name, kept)
                return kept
            made = await self._rendition(key, keep=True)
        except (DatabaseUnavailable, ImageStoreUnavailable, TimeoutError):
            # The original may be in memory or in the spool, and equal bytes come from it; if not, this says so again.
            made = await self._rendition(key, keep=False)
        if self._gallery.remembered(key.original) is not None:  # else it may have been taken away meanwhile
            self._memory.remember_rendition(name, made)
        return made

    async def _look(self, key: RenditionKey) -> Picture | None:
        if self._gallery.remembered(key.original) is None:
            return await self._kept(key)
        looking = asyncio.ensure_future(self._kept(key))
        looking.add_done_callback(lambda done: done.cancelled() or done.exception())  # whether or not we still wait
        # Shielded: a thread that hangs in the driver is not waited for.
        return await asyncio.wait_for(asyncio.shield(looking), _LOOK_S)

    async def _kept(self, key: RenditionKey) -> Picture | None:
        digest = await self._database.read(lambda connection: renditions.get(connection, key))
        return None if digest is None else await self._shelf.get(digest)

    async def _rendition(self, key: RenditionKey, *, keep: bool) -> Picture:
        original = await self._gallery.picture(key.original)
        wanted = Wanted(original.format, original.width, original.height, key.format, key.size)
        if wanted.is_the_original:
            return original
        if key.format is not PictureFormat.SVG:
            made = await self._made(original, wanted)
            return await self._keep(key, made) if keep else made
        if original.format is not PictureFormat.SVG:
            raise PictureNotFound
        return resized(original, wanted.box)

    async def _made(self, original: Picture, wanted: Wanted) -> Picture:
        deadline = asyncio.get_running_loop().time() + _PATIENCE_S
        try:
            async with self._line.turn(deadline):
                return await self._workshop.render(original, wanted)
        except CannotRender as wrong:
            log.error("a picture cannot be rendered", digest=original.digest, reason=str(wrong))  # noqa: TRY400 - said in one line
            raise PictureNotFound from wrong
        except WorkbenchBroke as broke:
            raise Busy(retry_after=_TRY_LATER_S) from broke

    async def _keep(self, key: RenditionKey, made: Picture) -> Picture:
        """The one that stands there now; where nothing can be kept, the one that was made."""
        try:
            if not await self._database.read(lambda connection: pictures.refs(connection, [key.original])):
                return made  # the original itself waits for a place, or has been taken away
            await self._shelf.add(made, urgent=False)
            first = await self._database.write(lambda connection: renditions.add(connection, key, made.digest))
            if first is None:
                await self._take_back(made)
            return made if first in {made.digest, None} else await self._shelf.get(str(first)) or made
        except (DatabaseUnavailable, ImageStoreUnavailable) as away:
            log.warning("a rendition is kept in memory alone", reason=away.reason)
            return made

    async def _take_back(self, made: Picture) -> None:
        """Its original was taken away at the last moment: what was made from it goes too."""
        try:
            await self._database.write(lambda connection: pictures.remove(connection, [made.digest]))
        except IntegrityError:  # somebody else made the very same bytes from another original
            return
        await self._shelf.discard(made.ref)
