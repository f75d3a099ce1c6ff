"""The ``descriptions`` table: which pictures were drawn from a free description, and when. Not what it said."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import descriptions


def add(connection: Connection, digest: str) -> None:
    """Note that this picture was drawn from a description; where that is known, nothing changes."""
    try:
        with connection.begin_nested():
            connection.execute(insert(descriptions), {"digest": digest, "drawn_at": utc_now(connection)})
    except IntegrityError:
        pass


def older_than(connection: Connection, age: timedelta, *, limit: int) -> list[str]:
    """The digests of so many that were drawn that long ago, the oldest first."""
    old = descriptions.c.drawn_at < utc_now(connection) - age
    return list(
        connection.scalars(select(descriptions.c.digest).where(old).order_by(descriptions.c.drawn_at).limit(limit))
    )


def remove(connection: Connection, digests: Sequence[str]) -> None:
    """Forget where these pictures came from."""
    connection.execute(delete(descriptions).where(descriptions.c.digest.in_(digests)))
