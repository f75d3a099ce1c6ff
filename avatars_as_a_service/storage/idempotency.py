"""The ``idempotency_keys`` table: stored answers, for requests that are repeated."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import idempotency_keys

ANSWER_LIFETIME: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as JSON text, and the hash of the request body that it belongs to."""

    body_hash: str
    answer: str


def get(connection: Connection, subject: str) -> KeptAnswer | None:
    """Return the answer of this subject, or ``None`` if there is none or it has expired."""
    row = connection.execute(
        select(idempotency_keys).where(
            idempotency_keys.c.subject == subject, idempotency_keys.c.expires_at > utc_now(connection)
        )
    ).one_or_none()
    return None if row is None else KeptAnswer(row.body_hash, row.answer)


def add(connection: Connection, subject: str, kept: KeptAnswer, lifetime: timedelta) -> None:
    """Store an answer; an unexpired one stays as it is."""
    if get(connection, subject) is not None:
        return
    now = utc_now(connection)
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.subject == subject))
    connection.execute(
        insert(idempotency_keys),
        {"subject": subject, "body_hash": kept.body_hash, "answer": kept.answer, "expires_at": now + lifetime},
    )


def delete_expired(connection: Connection) -> None:
    """Delete expired answers."""
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.expires_at < utc_now(connection)))
