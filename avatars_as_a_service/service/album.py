"""The album: the kept faces, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from avatars_as_a_service.storage import avatars
from avatars_as_a_service.storage.avatars import Dated
from avatars_as_a_service.storage.database import Database

Place = tuple[datetime, str]
"""A face's date and key: where a page ended."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some faces, and the place after which the next ones stand; ``None``: there are no more."""

    faces: list[Dated]
    end: Place | None


class Album:
    """Shows faces alone. A picture that was drawn from a description is no face, and never in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, *, having: Mapping[str, str | bool], after: Place | None, limit: int) -> Page:
        """The faces that have these features, after that place. Raises ``DatabaseUnavailable``."""
        one_more = limit + 1
        found = await self._database.read(partial(avatars.newest, before=after, limit=one_more, having=having))
        faces = found[:limit]
        last = faces[-1] if len(found) > limit else None
        return Page(faces, None if last is None else (last.created_at, last.avatar.image_hash))
