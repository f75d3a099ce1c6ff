"""Purging: deletes faces and pictures for good, in every process. The ledger keeps its rows."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import anyio.to_thread
import structlog
from sqlalchemy import Connection

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.domain.picture import PictureRef
from avatars_as_a_service.pictures.spool_purge import SpoolPurger
from avatars_as_a_service.storage import avatars, descriptions, generation, purged_pictures, renditions
from avatars_as_a_service.storage import images as pictures
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.picture_store import PictureStore

_BATCH: Final = 200
_ALL: Final = 2**31 - 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many faces and pictures were purged; ``unknown`` lists the names without a face or picture."""

    faces: int = 0
    pictures: int = 0
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _PurgePlan:
    """Keys of the faces to purge, the pictures that no other face shows, and the renditions of these pictures.

    ``shares``: a picture of one of the faces stays, since another face shows it.
    """

    faces: tuple[str, ...] = ()
    pictures: tuple[PictureRef, ...] = ()
    renditions: tuple[PictureRef, ...] = ()
    shares: bool = False

    @property
    def digests(self) -> list[str]:
        """The digests of all pictures and renditions to purge."""
        return [ref.digest for ref in (*self.pictures, *self.renditions)]

    @property
    def names(self) -> set[str]:
        """The keys of the faces and the digests of the pictures."""
        return {*self.faces, *(ref.digest for ref in self.pictures)}

    def missing(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return those of the names that are neither a face nor a picture here."""
        return tuple(name for name in names if name not in self.names)


class Purger:
    """Deletes faces and pictures. Raises ``DatabaseUnavailable`` and ``ImageStoreUnavailable``; a retry is safe.

    Bytes are deleted before the rows that promise them, so a purge that is reported has deleted the bytes. Within 5 s
    every process answers 410 at the picture's URL, until the very same bytes are drawn again.
    """

    def __init__(self, *, database: Database, pictures: PictureStore, spool: SpoolPurger, memory: MemoryCache) -> None:
        self._database = database
        self._pictures = pictures
        self._spool = spool
        self._memory = memory

    async def preview(self, names: Sequence[str], *, descriptions_older_than: timedelta | None = None) -> Purged:
        """Count what ``purge`` and ``purge_descriptions`` would remove. Changes nothing."""
        return await self._database.read(partial(_preview, names=names, age=descriptions_older_than))

    async def purge(self, names: Sequence[str], *, who: str) -> Purged:
        """Purge faces by their keys, each with its picture, and pictures by their digests, each with its faces."""
        # The spool first: a picture that is stored meanwhile is then found among the stored ones.
        spooled = await anyio.to_thread.run_sync(self._spool.purge, names)
        plan = await self._execute(partial(_plan_named, names=names))
        if spooled.digests:  # stored without their rows, where the database refused only those
            await self._execute(partial(_plan_unshown, digests=sorted(spooled.digests)))
            self._memory.evict(spooled.digests, spooled.faces)
        faces = {*spooled.faces, *plan.faces}
        digests = {*spooled.digests, *(ref.digest for ref in plan.pictures)}
        unknown = tuple(name for name in names if name not in faces | digests)
        log.warning("purged", who=who, what=sorted(faces | digests), unknown=unknown)
        return Purged(len(faces), len(digests), unknown)

    async def purge_descriptions(self, age: timedelta, *, who: str) -> Purged:
        """Purge pictures that were drawn from descriptions longer ago than ``age``, unless a face shows them."""
        count = 0
        while digests := await self._database.read(partial(descriptions.older_than, age=age, limit=_BATCH)):
            plan = await self._execute(partial(_plan_unshown, digests=digests))
            await self._database.write(partial(descriptions.remove, digests=digests))
            count += len(plan.pictures)
        if count:
            log.warning("purged", who=who, what=f"descriptions older than {age}", pictures=count)
        return Purged(pictures=count)

    async def is_gone(self, digest: str) -> bool:
        """Return whether that picture was purged. Raises ``DatabaseUnavailable``."""
        return await self._database.read(partial(purged_pictures.contains, digest=digest))

    async def _execute(self, make_plan: Callable[[Connection], _PurgePlan]) -> _PurgePlan:
        plan = await self._database.read(make_plan)
        for ref in (*plan.pictures, *plan.renditions):
            await self._pictures.discard(ref)
        if plan != _PurgePlan():
            await self._database.write(partial(_delete, plan=plan))
            self._memory.evict(set(plan.digests), plan.faces)
        return plan


def _plan_named(connection: Connection, *, names: Sequence[str]) -> _PurgePlan:
    named = pictures.refs(connection, names)
    faces = {*avatars.known(connection, names), *avatars.showing(connection, [ref.digest for ref in named])}
    shown = pictures.refs(connection, [avatar.picture.digest for avatar in avatars.get_all(connection, faces)])
    unshared = [ref for ref in {*named, *shown} if set(avatars.showing(connection, [ref.digest])) <= faces]
    return replace(_plan(connection, faces, unshared), shares=not set(shown) <= set(unshared))


def _preview(connection: Connection, *, names: Sequence[str], age: timedelta | None) -> Purged:
    plan = _plan_named(connection, names=names)
    lost = {ref.digest for ref in plan.pictures}
    old = [] if age is None else descriptions.older_than(connection, age, limit=_ALL)
    for start in range(0, len(old), _BATCH):
        unshown = _plan_unshown(connection, digests=old[start : start + _BATCH])
        lost.update(ref.digest for ref in unshown.pictures)
    return Purged(len(plan.faces), len(lost), plan.missing(names))


def _plan_unshown(connection: Connection, *, digests: Sequence[str]) -> _PurgePlan:
    refs = pictures.refs(connection, digests)
    return _plan(connection, (), [ref for ref in refs if not avatars.showing(connection, [ref.digest])])


def _plan(connection: Connection, faces: Collection[str], originals: Collection[PictureRef]) -> _PurgePlan:
    digests = {ref.digest for ref in originals}
    made = [ref for ref in renditions.made_from(connection, list(digests)) if ref.digest not in digests]
    return _PurgePlan(tuple(sorted(faces)), tuple(originals), tuple(made))


def _delete(connection: Connection, *, plan: _PurgePlan) -> None:
    digests = plan.digests
    avatars.remove(connection, plan.faces)
    renditions.remove(connection, digests)
    pictures.remove(connection, digests)
    descriptions.remove(connection, digests)
    if digests:
        purged_pictures.add(connection, digests, generation.bump(connection))
    if plan.shares or not digests:
        generation.bump(connection)  # without digests, it evicts everything: no purged picture names the face
