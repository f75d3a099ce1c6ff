"""The ``renditions`` table: which kept picture is which other one in another size or format."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.picture import PictureFormat, PictureRef
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import avatars, renditions

_ITS_OWN: Final = 0
"""The size of what is as large as its original."""


@dataclass(frozen=True, slots=True)
class RenditionKey:
    """An original's digest, and the format and size that it is wanted in; without a size, its own."""

    original: str
    format: PictureFormat
    size: int | None


def get(connection: Connection, key: RenditionKey) -> str | None:
    """The digest of that rendition, or ``None``."""
    return connection.execute(select(renditions.c.digest).where(_is(key))).scalar_one_or_none()


def add(connection: Connection, key: RenditionKey, digest: str) -> str | None:
    """Note that the kept picture of that digest is this rendition.

    Returns the digest that stands there now: the first one wins. ``None``: the original itself is not kept (yet).
    """
    kept = get(connection, key)
    if kept is not None:
        return kept
    try:
        with connection.begin_nested():
            connection.execute(insert(renditions), _values(key) | {"digest": digest, "created_at": utc_now(connection)})
    except IntegrityError:
        return get(connection, key)
    return digest


def made_from(connection: Connection, originals: Sequence[str]) -> list[PictureRef]:
    """The renditions of these originals, but for those that are another original's too, or a face's own picture."""
    mine = select(renditions.c.digest, renditions.c.format).where(renditions.c.original.in_(originals)).distinct()
    others = select(renditions.c.digest).where(renditions.c.original.not_in(originals))
    shown = select(avatars.c.digest)
    lost = mine.where(renditions.c.digest.not_in(others), renditions.c.digest.not_in(shown))
    return [PictureRef(row.digest, PictureFormat(row.format)) for row in connection.execute(lost)]


def remove(connection: Connection, digests: Sequence[str]) -> None:
    """Forget all renditions that were made from these pictures, and that these pictures are."""
    theirs = or_(renditions.c.original.in_(digests), renditions.c.digest.in_(digests))
    connection.execute(delete(renditions).where(theirs))


def _is(key: RenditionKey) -> ColumnElement[bool]:
    return and_(*(renditions.c[name] == value for name, value in _values(key).items()))


def _values(key: RenditionKey) -> dict[str, Any]:
    return {"original": key.original, "format": key.format, "size": key.size or _ITS_OWN}
