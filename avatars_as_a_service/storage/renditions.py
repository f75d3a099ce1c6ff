"""The ``renditions`` table: which stored picture is which original in another size or format."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.domain.picture import PictureFormat, PictureRef
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import avatars, renditions

_ORIGINAL_SIZE: Final = 0
"""The stored size of a rendition that is as large as its original."""


@dataclass(frozen=True, slots=True)
class RenditionKey:
    """An original's digest and the rendition's format and size; ``None`` is the original's own size."""

    original: str
    format: PictureFormat
    size: int | None


def get(connection: Connection, key: RenditionKey) -> str | None:
    """Return the digest of this rendition, or ``None``."""
    return connection.execute(select(renditions.c.digest).where(_is(key))).scalar_one_or_none()


def add(connection: Connection, key: RenditionKey, digest: str) -> str | None:
    """Record that the stored picture of this digest is this rendition.

    Return the recorded digest, which is an earlier one if there was one; ``None`` if the original is not stored (yet).
    """
    recorded = get(connection, key)
    if recorded is not None:
        return recorded
    try:
        with connection.begin_nested():
            connection.execute(insert(renditions), _values(key) | {"digest": digest, "created_at": utc_now(connection)})
    except IntegrityError:
        return get(connection, key)
    return digest


def made_from(connection: Connection, originals: Sequence[str]) -> list[PictureRef]:
    """Return the renditions of these originals alone: no other original has them and no face shows them."""
    theirs = select(renditions.c.digest, renditions.c.format).where(renditions.c.original.in_(originals)).distinct()
    of_others = select(renditions.c.digest).where(renditions.c.original.not_in(originals))
    of_faces = select(avatars.c.digest)
    exclusive = theirs.where(renditions.c.digest.not_in(of_others), renditions.c.digest.not_in(of_faces))
    return [PictureRef(row.digest, PictureFormat(row.format)) for row in connection.execute(exclusive)]


def remove(connection: Connection, digests: Sequence[str]) -> None:
    """Delete all rows in which one of these pictures is the original or the rendition."""
    affected = or_(renditions.c.original.in_(digests), renditions.c.digest.in_(digests))
    connection.execute(delete(renditions).where(affected))


def _is(key: RenditionKey) -> ColumnElement[bool]:
    return and_(*(renditions.c[name] == value for name, value in _values(key).items()))


def _values(key: RenditionKey) -> dict[str, Any]:
    return {"original": key.original, "format": key.format, "size": key.size or _ORIGINAL_SIZE}
