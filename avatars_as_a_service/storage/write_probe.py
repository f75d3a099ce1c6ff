"""The write probe: tells whether the database takes writes, and leaves nothing behind."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection

from avatars_as_a_service.storage import claims
from avatars_as_a_service.storage.claims import Claim

_OWNER = "write-probe"


def probe(connection: Connection) -> None:
    """Write a row and delete it again in the same transaction; no other transaction sees it or waits for it."""
    claim = Claim(uuid4().hex, _OWNER, uuid4().hex)
    claims.acquire(connection, claim, timedelta())
    claims.release(connection, claim)
