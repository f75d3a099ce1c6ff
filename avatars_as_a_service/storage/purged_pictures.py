"""The ``gone`` table: purged pictures, and the generation of each purge."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import gone


def add(connection: Connection, digests: Sequence[str], generation: int) -> None:
    """Record that the purge of this generation removed these pictures."""
    now = utc_now(connection)
    connection.execute(delete(gone).where(gone.c.digest.in_(digests)))
    connection.execute(
        insert(gone), [{"digest": digest, "generation": generation, "gone_at": now} for digest in digests]
    )


def contains(connection: Connection, digest: str) -> bool:
    """Whether this picture was purged."""
    return connection.execute(select(gone.c.digest).where(gone.c.digest == digest)).one_or_none() is not None


def by_generation(connection: Connection, after: int, last: int) -> dict[int, list[str]]:
    """Return the purged digests of each generation later than ``after``, up to and including ``last``."""
    digests: dict[int, list[str]] = {}
    for row in connection.execute(select(gone).where(gone.c.generation > after, gone.c.generation <= last)):
        digests.setdefault(row.generation, []).append(row.digest)
    return digests
