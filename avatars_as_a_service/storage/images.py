"""The ``images`` table: pictures under the digest of their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.domain.picture import Picture, PictureFormat, PictureRef
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import images


@dataclass(frozen=True, slots=True)
class ExternalPicture:
    """The row of a picture whose bytes are in an object store."""

    ref: PictureRef
    width: int
    height: int

    def with_data(self, data: bytes) -> Picture:
        """Return the picture with these bytes, under the digest of these bytes."""
        return Picture.of(data, format=self.ref.format, width=self.width, height=self.height)


def get(connection: Connection, digest: str) -> Picture | ExternalPicture | None:
    """Return the stored picture, or its row alone if an object store has the bytes, or ``None`` without a row."""
    row = connection.execute(select(images).where(images.c.digest == digest)).one_or_none()
    if row is None:
        return None
    picture_format = PictureFormat(row.format)
    if row.data is None:
        return ExternalPicture(PictureRef(row.digest, picture_format), row.width, row.height)
    return Picture(bytes(row.data), picture_format, row.width, row.height, row.digest)


def add(connection: Connection, picture: Picture) -> None:
    """Store the picture with its bytes; a complete row stays as it is.

    A row without bytes gets them: the object store that has them may be gone.
    """
    without_data = (images.c.digest == picture.digest) & images.c.data.is_(None)
    if connection.execute(update(images).where(without_data).values(data=picture.data)).rowcount == 0:
        _add(connection, picture, picture.data)


def add_external(connection: Connection, picture: Picture) -> None:
    """Store the picture's row without its bytes, which the object store has; an existing row stays as it is."""
    _add(connection, picture, None)


def refs(connection: Connection, digests: Sequence[str]) -> list[PictureRef]:
    """Return a reference to each stored picture among these digests."""
    query = select(images.c.digest, images.c.format).where(images.c.digest.in_(digests))
    return [PictureRef(row.digest, PictureFormat(row.format)) for row in connection.execute(query)]


def count_external(connection: Connection) -> int:
    """Count the rows without bytes."""
    return connection.execute(select(func.count()).where(images.c.data.is_(None))).scalar_one()


def sample_external(connection: Connection, *, limit: int) -> list[PictureRef]:
    """Return references to the first rows without bytes, in the order of their digests."""
    query = select(images.c.digest, images.c.format).where(images.c.data.is_(None)).order_by(images.c.digest)
    return [PictureRef(row.digest, PictureFormat(row.format)) for row in connection.execute(query.limit(limit))]


def remove(connection: Connection, digests: Sequence[str]) -> None:
    """Delete these rows; no face may show these pictures any more."""
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
    existing = select(images.c.digest).where(images.c.digest == picture.digest)
    if connection.execute(existing).one_or_none():
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(images), values)
    except IntegrityError:
        if connection.execute(existing).one_or_none() is None:
            raise
