"""The shelf: where pictures are kept. Their rows are in the database; their bytes are there too, or in objects."""

from typing import TYPE_CHECKING, Protocol

from avatars_as_a_service.errors import ImageStoreUnavailable
from avatars_as_a_service.picture import Picture, PictureRef
from avatars_as_a_service.storage import pictures
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.pictures import Elsewhere

if TYPE_CHECKING:
    from avatars_as_a_service.images.objects import Objects


class Shelf(Protocol):
    """Keeps pictures under their digests.

    All methods raise ``DatabaseUnavailable`` or ``ImageStoreUnavailable`` where one of the two is away.
    """

    async def get(self, digest: str) -> Picture | None:
        """The picture, or ``None`` where no row promises it."""

    async def add(self, picture: Picture, *, urgent: bool) -> None:
        """Keep it: bytes first, then the row that promises them. Where it is kept already, nothing changes.

        What is urgent, a paid picture, does not queue behind requests for the database.
        """

    def add_now(self, picture: Picture) -> None:
        """What ``add`` does, in the thread that calls it."""

    async def discard(self, ref: PictureRef) -> None:
        """Take away bytes that no row promises any more."""


class DatabaseShelf:
    """The bytes stand in the rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, digest: str) -> Picture | None:
        """The picture in its row. One that was put into an object store cannot be had without it."""
        found = await self._database.read(lambda connection: pictures.get(connection, digest))
        if isinstance(found, Elsewhere):
            raise ImageStoreUnavailable("the picture is in an image store, and none is set")
        return found

    async def add(self, picture: Picture, *, urgent: bool) -> None:
        """One row."""
        await self._database.write(lambda connection: pictures.add(connection, picture), urgent=urgent)

    def add_now(self, picture: Picture) -> None:
        """One row."""
        self._database.write_now(lambda connection: pictures.add(connection, picture))

    async def discard(self, ref: PictureRef) -> None:
        """They went with the row."""


class ObjectShelf:
    """The bytes stand in an object store; those that were kept before it was set stay where they are."""

    def __init__(self, database: Database, objects: "Objects") -> None:
        self._database = database
        self._objects = objects

    async def get(self, digest: str) -> Picture | None:
        """The picture, whichever of the two has its bytes; they are held against their digest."""
        found = await self._database.read(lambda connection: pictures.get(connection, digest))
        if not isinstance(found, Elsewhere):
            return found
        picture = found.holding(await self._objects.get(found.ref))
        if picture.digest != digest:
            raise ImageStoreUnavailable(f"its bytes are not those of {found.ref.path}")
        return picture

    async def add(self, picture: Picture, *, urgent: bool) -> None:
        """An object, then a row without bytes."""
        await self._objects.put(picture)
        await self._database.write(lambda connection: pictures.add_elsewhere(connection, picture), urgent=urgent)

    def add_now(self, picture: Picture) -> None:
        """An object, then a row without bytes."""
        self._objects.put_now(picture)
        self._database.write_now(lambda connection: pictures.add_elsewhere(connection, picture))

    async def discard(self, ref: PictureRef) -> None:
        """The object goes."""
        await self._objects.delete(ref)
