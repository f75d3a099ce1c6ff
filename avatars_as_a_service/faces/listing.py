"""The listing of kept faces, newest first, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from avatars_as_a_service.storage import avatars
from avatars_as_a_service.storage.avatars import DatedAvatar
from avatars_as_a_service.storage.database import Database

Cursor = tuple[datetime, str]
"""The date and the key of the last face on a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Faces, and the cursor of the next page; ``None`` on the last page."""

    faces: list[DatedAvatar]
    next_cursor: Cursor | None


class FaceListing:
    """Lists faces only. A picture drawn from a description is no face, and is never listed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, *, having: Mapping[str, str | bool | int], after: Cursor | None, limit: int) -> Page:
        """At most ``limit`` faces after that cursor, with these values in their columns: features, edition, ….

        Raises ``DatabaseUnavailable``.
        """
        one_more = limit + 1
        found = await self._database.read(partial(avatars.newest, before=after, limit=one_more, having=having))
        faces = found[:limit]
        last = faces[-1] if len(found) > limit else None
        return Page(faces, None if last is None else (last.created_at, last.avatar.image_hash))
