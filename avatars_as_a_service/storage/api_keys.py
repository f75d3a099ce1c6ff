"""The ``api_keys`` table: who may spend, by the SHA-256 of what they send."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.ledger import UNCAPPED, Caps
from avatars_as_a_service.storage.tables import api_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key by its name: the hash of what is sent (64 hex characters), what it may spend, how often and from where.

    One with ``origins`` may stand in a web page: anybody can read it there, so it is a limit and no secret.
    """

    name: str
    hash: str
    caps: Caps = UNCAPPED
    per_minute: int | None = None
    origins: tuple[str, ...] = ()
    created_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_for(self, origin: str | None) -> bool:
        """Whether a page of that origin, or, with ``None``, a program, may send it."""
        return not self.origins or origin in self.origins


def add(connection: Connection, key: ApiKey) -> bool:
    """Keep the key. ``False`` where its name is taken, by a revoked key as well: the ledger tells them by name."""
    values = {
        "name": key.name,
        "hash": key.hash,
        "daily_micro_usd": key.caps.daily,
        "monthly_micro_usd": key.caps.monthly,
        "per_minute": key.per_minute,
        "origins": " ".join(key.origins),
        "created_at": utc_now(connection),
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(api_keys), values)
    except IntegrityError:
        return False
    return True


def everyone(connection: Connection) -> list[ApiKey]:
    """All keys there ever were, the oldest first."""
    return [_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.name))]


def revoke(connection: Connection, name: str) -> ApiKey | None:
    """End the key, and give it back as it was; ``None`` where there is no such key."""
    row = connection.execute(select(api_keys).where(api_keys.c.name == name).with_for_update()).one_or_none()
    if row is None:
        return None
    if row.revoked_at is None:
        connection.execute(update(api_keys).where(api_keys.c.name == name).values(revoked_at=utc_now(connection)))
    return _key(row)


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        name=row.name,
        hash=row.hash,
        caps=Caps(row.daily_micro_usd, row.monthly_micro_usd),
        per_minute=row.per_minute,
        origins=tuple((row.origins or "").split()),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
