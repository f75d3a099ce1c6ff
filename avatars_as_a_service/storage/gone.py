"""The ``gone`` table: pictures that were taken away for good, and at which generation."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import gone


def add(connection: Connection, digests: Sequence[str], generation: int) -> None:
    """Note that these pictures went with that generation."""
    now = utc_now(connection)
    connection.execute(delete(gone).where(gone.c.digest.in_(digests)))
    connection.execute(
        insert(gone), [{"digest": digest, "generation": generation, "gone_at": now} for digest in digests]
    )


def holds(connection: Connection, digest: str) -> bool:
    """Whether that picture was taken away."""
    return connection.execute(select(gone.c.digest).where(gone.c.digest == digest)).one_or_none() is not None


def between(connection: Connection, generation: int, last: int) -> dict[int, list[str]]:
    """The digests that went with each generation after the first one, up to the last."""
    went: dict[int, list[str]] = {}
    for row in connection.execute(select(gone).where(gone.c.generation > generation, gone.c.generation <= last)):
        went.setdefault(row.generation, []).append(row.digest)
    return went
