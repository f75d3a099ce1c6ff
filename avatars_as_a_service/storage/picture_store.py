"""The picture store: keeps pictures. Rows are in the database; bytes are in these rows or in an object store."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from avatars_as_a_service.domain.picture import Picture, PictureRef
from avatars_as_a_service.errors import ImageStoreUnavailable, PictureInAnotherStore
from avatars_as_a_service.storage import images, packet_limit
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.images import ExternalPicture

if TYPE_CHECKING:
    from avatars_as_a_service.storage.object_store import ObjectStore

_SAMPLE_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class MissingPictures:
    """Rows whose bytes the configured store does not have.

    ``total`` rows have no bytes in the database. Of these, ``sampled`` were looked for and ``missing`` not found.
    """

    total: int
    missing: int
    sampled: int


class PictureStore(Protocol):
    """Keeps pictures under their digests.

    All methods raise ``DatabaseUnavailable`` or ``ImageStoreUnavailable``. ``get`` raises ``PictureInAnotherStore``
    if the configured store does not have the bytes of a row.
    """

    async def get(self, digest: str) -> Picture | None:
        """Return the picture, or ``None`` without a row."""

    async def add(self, picture: Picture, *, urgent: bool) -> None:
        """Store the picture: first the bytes, then the row that promises them. A stored picture stays as it is.

        An urgent picture (a paid one) does not queue behind requests for the database.
        """

    def add_now(self, picture: Picture) -> None:
        """Do what ``add`` does, in the calling thread."""

    async def discard(self, ref: PictureRef) -> None:
        """Delete bytes whose row is deleted."""

    async def max_packet_bytes(self) -> int | None:
        """Return the largest statement, in bytes, that can store a picture; ``None`` without a limit."""

    async def find_missing(self) -> MissingPictures | None:
        """Count the pictures that the configured store does not have; ``None`` if none is missing."""


class DatabasePictureStore:
    """Keeps the bytes in the rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, digest: str) -> Picture | None:
        """Read the picture from its row. Raises ``PictureInAnotherStore`` if an object store has the bytes."""
        found = await self._database.read(lambda connection: images.get(connection, digest))
        if isinstance(found, ExternalPicture):
            raise PictureInAnotherStore(f"{found.ref.path} is not in the database, and no image store is set")
        return found

    async def add(self, picture: Picture, *, urgent: bool) -> None:
        """Write one row."""
        await self._database.write(lambda connection: images.add(connection, picture), urgent=urgent)

    def add_now(self, picture: Picture) -> None:
        """Write one row."""
        self._database.write_now(lambda connection: images.add(connection, picture))

    async def discard(self, ref: PictureRef) -> None:
        """Do nothing: the bytes were deleted with the row."""

    async def max_packet_bytes(self) -> int | None:
        """Return the database server's limit."""
        return await self._database.read(packet_limit.max_packet_bytes)

    async def find_missing(self) -> MissingPictures | None:
        """Count all rows without bytes: an object store has them, and none is configured."""
        count = await self._database.read(images.count_external)
        return MissingPictures(count, count, sampled=count) if count else None


class ObjectPictureStore:
    """Keeps the bytes of new pictures in an object store; older pictures keep theirs in the database."""

    def __init__(self, database: Database, objects: "ObjectStore") -> None:
        self._database = database
        self._objects = objects

    async def get(self, digest: str) -> Picture | None:
        """Read the picture from the database or the object store, and compare its bytes with the digest."""
        found = await self._database.read(lambda connection: images.get(connection, digest))
        if not isinstance(found, ExternalPicture):
            return found
        picture = found.with_data(await self._objects.get(found.ref))
        if picture.digest != digest:
            raise ImageStoreUnavailable(f"the bytes of {found.ref.path} do not match its digest")
        return picture

    async def add(self, picture: Picture, *, urgent: bool) -> None:
        """Write an object, then a row without bytes."""
        await self._objects.put(picture)
        await self._database.write(lambda connection: images.add_external(connection, picture), urgent=urgent)

    def add_now(self, picture: Picture) -> None:
        """Write an object, then a row without bytes."""
        self._objects.put_now(picture)
        self._database.write_now(lambda connection: images.add_external(connection, picture))

    async def discard(self, ref: PictureRef) -> None:
        """Delete the object."""
        await self._objects.delete(ref)

    async def max_packet_bytes(self) -> int | None:
        """Return ``None``: an object may be larger than any picture."""
        return None

    async def find_missing(self) -> MissingPictures | None:
        """Look for a sample of the pictures without bytes in the configured object store.

        The first digests in their order are a fair sample, since digests are as good as random.
        """
        sample = await self._database.read(partial(images.sample_external, limit=_SAMPLE_SIZE))
        found = await asyncio.gather(*(self._objects.has(ref) for ref in sample))
        missing = found.count(False)
        if not missing:
            return None
        return MissingPictures(await self._database.read(images.count_external), missing, sampled=len(sample))
