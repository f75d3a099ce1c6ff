"""The API keys of the environment and of the database, cached for a few seconds."""

import asyncio
import secrets
import time
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage import api_keys
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.database import Database

_FRESH_S: Final = 3.0
"""A revoked key is rejected within 5 s, the time to read the keys included."""
_RANDOM_BYTES: Final = 32
_PREFIX: Final = "avk_"
"""People, and programs that search for leaked secrets, recognize a key by it."""


def new_secret() -> str:
    """A new API key: 256 random bits as text."""
    return _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def hash_of(secret: str) -> str:
    """The SHA-256 of an API key in hex. It needs neither salt nor a slow hash: 256 random bits cannot be guessed."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


class ApiKeyCache:
    """Finds API keys, revoked ones too, with one read of the database every few seconds."""

    def __init__(self, database: Database, configured: Iterable[ApiKey]) -> None:
        self._database = database
        self._configured = {key.hash: key for key in configured}
        self._keys = self._configured
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def find(self, secret: str | None, *, stale: bool = False) -> ApiKey | None:
        """The key with this secret, or ``None``.

        Raises ``DatabaseUnavailable``, but with ``stale``, for requests that cost nothing, uses the keys as last read.
        """
        if secret is None:
            return None
        try:
            await self._refresh()
        except DatabaseUnavailable:
            if not stale:
                raise
        given = hash_of(secret)
        key = self._keys.get(given)
        return key if key is not None and compare_digest(key.hash, given) else None

    async def has_active(self) -> bool:
        """Whether any key is not revoked. Raises ``DatabaseUnavailable``."""
        await self._refresh()
        return any(key.revoked_at is None for key in self._keys.values())

    async def _refresh(self) -> None:
        """Read the keys unless they are fresh. Concurrent requests share one read, and none of them can cancel it."""
        if self._is_fresh():
            return
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        began = time.monotonic()
        stored = await self._database.read(api_keys.list_all)
        self._keys = {key.hash: key for key in stored} | self._configured
        self._read_at = began

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < _FRESH_S
