"""The ``descriptions`` table: which pictures were drawn from a description, and when. It never holds the text."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import descriptions


def add(connection: Connection, digest: str) -> None:
    """Record that this picture was drawn from a description; an existing row stays as it is."""
    try:
        with connection.begin_nested():
            connection.execute(insert(descriptions), {"digest": digest, "drawn_at": utc_now(connection)})
    except IntegrityError:
        pass


def older_than(connection: Connection, age: timedelta, *, limit: int) -> list[str]:
    """Return up to ``limit`` digests of pictures older than this age, the oldest first."""
    old = descriptions.c.drawn_at < utc_now(connection) - age
    return list(
        connection.scalars(select(descriptions.c.digest).where(old).order_by(descriptions.c.drawn_at).limit(limit))
    )


def remove(connection: Connection, digests: Sequence[str]) -> None:
    """Delete these rows."""
    connection.execute(delete(descriptions).where(descriptions.c.digest.in_(digests)))
