"""The ``images`` table: pictures under the digest of their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.picture import Picture, PictureFormat, PictureRef
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import images


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is known of a picture whose bytes are not in the database."""

    ref: PictureRef
    width: int
    height: int

    def holding(self, data: bytes) -> Picture:
        """The picture, of those bytes and under their digest."""
        return Picture.of(data, format=self.ref.format, width=self.width, height=self.height)


def get(connection: Connection, digest: str) -> Picture | Elsewhere | None:
    """The picture byte for byte, what is known of it where its bytes are elsewhere, or ``None``."""
    row = connection.execute(select(images).where(images.c.digest == digest)).one_or_none()
    if row is None:
        return None
    kind = PictureFormat(row.format)
    if row.data is None:
        return Elsewhere(PictureRef(row.digest, kind), row.width, row.height)
    return Picture(bytes(row.data), kind, row.width, row.height, row.digest)


def add(connection: Connection, picture: Picture) -> None:
    """Keep the picture; where it is kept already, nothing changes."""
    _add(connection, picture, picture.data)


def add_elsewhere(connection: Connection, picture: Picture) -> None:
    """Promise the picture, whose bytes are kept elsewhere; where that is done already, nothing changes."""
    _add(connection, picture, None)


def refs(connection: Connection, digests: Sequence[str]) -> list[PictureRef]:
    """Where the kept ones among them are found."""
    kept = select(images.c.digest, images.c.format).where(images.c.digest.in_(digests))
    return [PictureRef(row.digest, PictureFormat(row.format)) for row in connection.execute(kept)]


def remove(connection: Connection, digests: Sequence[str]) -> None:
    """Take their rows away. No face may show them any more."""
    connection.execute(delete(images).where(images.c.digest.in_(digests)))


def _add(connection: Connection, picture: Picture, data: bytes | None) -> None:
    values = {
        "digest": picture.digest,
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "data": data,
        "created_at": utc_now(connection),
    }
    known = select(images.c.digest).where(images.c.digest == picture.digest)
    if connection.execute(known).one_or_none():
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(images), values)
    except IntegrityError:
        if connection.execute(known).one_or_none() is None:
            raise
