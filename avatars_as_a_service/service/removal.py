"""Removal: takes faces and pictures away for good, in every process. The ledger keeps its rows."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.picture import PictureRef
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.service.shelf import Shelf
from avatars_as_a_service.storage import avatars, descriptions, generation, gone, pictures, renditions
from avatars_as_a_service.storage.database import Database

_AT_ONCE: Final = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many faces and pictures are no more; ``unknown`` is what was named and is not there."""

    faces: int = 0
    pictures: int = 0
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Doomed:
    """The keys of faces, the pictures that nothing shows once they are gone, and what was made from those.

    ``shares`` where a picture of one of the faces stays, since another shows it.
    """

    faces: tuple[str, ...] = ()
    pictures: tuple[PictureRef, ...] = ()
    renditions: tuple[PictureRef, ...] = ()
    shares: bool = False

    @property
    def digests(self) -> list[str]:
        """Of all bytes that go."""
        return [ref.digest for ref in (*self.pictures, *self.renditions)]


class Removal:
    """Its methods raise ``DatabaseUnavailable`` and ``ImageStoreUnavailable``; then they may be repeated.

    Bytes go before the rows that promise them: what is said to be gone is gone. Within 5 s every process answers 410
    at the picture's address, until the very same bytes are drawn again.
    """

    def __init__(self, *, database: Database, shelf: Shelf, memory: Memory) -> None:
        self._database = database
        self._shelf = shelf
        self._memory = memory

    async def purge(self, names: Sequence[str], *, who: str) -> Removed:
        """Take away faces by their keys, each with its picture, and pictures by their digests, each with its faces."""
        known = await self._remove(partial(_named, names=names))
        there = {*known.faces, *(ref.digest for ref in known.pictures)}
        unknown = tuple(name for name in names if name not in there)
        log.warning("purged", who=who, what=sorted(there), unknown=unknown)
        return Removed(len(known.faces), len(known.pictures), unknown)

    async def purge_descriptions(self, age: timedelta, *, who: str) -> Removed:
        """Take away the pictures that were drawn from descriptions that long ago, unless a face shows them."""
        count = 0
        while digests := await self._database.read(partial(descriptions.older_than, age=age, limit=_AT_ONCE)):
            removed = await self._remove(partial(_unshown, digests=digests))
            await self._database.write(partial(descriptions.remove, digests=digests))
            count += len(removed.pictures)
        if count:
            log.warning("purged", who=who, what=f"descriptions older than {age}", pictures=count)
        return Removed(pictures=count)

    async def is_gone(self, digest: str) -> bool:
        """Whether that picture was taken away. Raises ``DatabaseUnavailable``."""
        return await self._database.read(partial(gone.holds, digest=digest))

    async def _remove(self, choose: Callable[[Connection], _Doomed]) -> _Doomed:
        doomed = await self._database.read(choose)
        for ref in (*doomed.pictures, *doomed.renditions):
            await self._shelf.discard(ref)
        if doomed != _Doomed():
            await self._database.write(partial(_delete, doomed=doomed))
            self._memory.forget(set(doomed.digests), doomed.faces)
        return doomed


def _named(connection: Connection, *, names: Sequence[str]) -> _Doomed:
    shown = pictures.refs(connection, names)
    faces = {*avatars.known(connection, names), *avatars.showing(connection, [ref.digest for ref in shown])}
    theirs = pictures.refs(connection, [avatar.picture.digest for avatar in avatars.get_all(connection, faces)])
    lost = [ref for ref in {*shown, *theirs} if set(avatars.showing(connection, [ref.digest])) <= faces]
    return replace(_doomed(connection, faces, lost), shares=not set(theirs) <= set(lost))


def _unshown(connection: Connection, *, digests: Sequence[str]) -> _Doomed:
    refs = pictures.refs(connection, digests)
    return _doomed(connection, (), [ref for ref in refs if not avatars.showing(connection, [ref.digest])])


def _doomed(connection: Connection, faces: Collection[str], lost: Collection[PictureRef]) -> _Doomed:
    digests = {ref.digest for ref in lost}
    made = [ref for ref in renditions.made_from(connection, list(digests)) if ref.digest not in digests]
    return _Doomed(tuple(sorted(faces)), tuple(lost), tuple(made))


def _delete(connection: Connection, *, doomed: _Doomed) -> None:
    digests = doomed.digests
    avatars.remove(connection, doomed.faces)
    renditions.remove(connection, digests)
    pictures.remove(connection, digests)
    descriptions.remove(connection, digests)
    if digests:
        gone.add(connection, digests, generation.bump(connection))
    if doomed.shares or not digests:
        generation.bump(connection)  # nobody could tell by a picture which face it is about
