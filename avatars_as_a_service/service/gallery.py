"""The kept pictures, by digest: from memory, else the shelf, else the spool."""

from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable, PictureGone, PictureNotFound
from avatars_as_a_service.picture import Picture
from avatars_as_a_service.service.keeper import Keeper
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.service.removal import Removal
from avatars_as_a_service.service.shelf import Shelf


class Gallery:
    """Finds pictures. One that is remembered is found without the database and without a thread."""

    def __init__(self, *, shelf: Shelf, memory: Memory, keeper: Keeper, removal: Removal) -> None:
        self._removal = removal
        self._shelf = shelf
        self._memory = memory
        self._keeper = keeper

    def remembered(self, digest: str) -> Picture | None:
        """The picture with that digest, if this process remembers it: no database, no thread."""
        return self._memory.picture(digest)

    async def picture(self, digest: str) -> Picture:
        """The picture with that digest.

        Raises ``PictureNotFound`` or ``PictureGone``; ``DatabaseUnavailable`` or ``ImageStoreUnavailable`` where nobody
        can tell.
        """
        remembered = self.remembered(digest)
        if remembered is not None:
            return remembered
        try:
            picture = await self._shelf.get(digest)
        except (DatabaseUnavailable, ImageStoreUnavailable):
            picture = await self._keeper.find(digest)
            if picture is None:
                raise
        picture = picture or await self._keeper.find(digest)
        if picture is None:
            raise PictureGone if await self._removal.is_gone(digest) else PictureNotFound
        self._memory.remember_picture(picture)
        return picture
