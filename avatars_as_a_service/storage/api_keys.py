"""The ``api_keys`` table: API keys by name, stored as SHA-256 hashes."""

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
    """An API key: its name, the hash of its secret (64 hex characters), its budgets, rate limit and origins.

    A key with ``origins`` may stand in a web page, where every visitor can read it: it is a limit and no secret.
    """

    name: str
    hash: str
    caps: Caps = UNCAPPED
    per_minute: int | None = None
    origins: tuple[str, ...] = ()
    created_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_for(self, origin: str | None) -> bool:
        """Whether a page of this origin may send the key; ``None`` stands for a program."""
        return not self.origins or origin in self.origins


def add(connection: Connection, key: ApiKey) -> bool:
    """Store the key. ``False`` if its name is taken, by a revoked key too: the ledger lists calls by key name."""
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


def list_all(connection: Connection) -> list[ApiKey]:
    """Return all keys, revoked ones too, the oldest first."""
    return [_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.name))]


def revoke(connection: Connection, name: str) -> ApiKey | None:
    """Revoke the key. Return it as it was before, or ``None`` if no key has this name."""
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
