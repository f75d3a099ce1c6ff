"""The keyring: the API keys as they stand, from the environment and the database."""

import asyncio
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage import api_keys
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.database import Database

_FRESH_S: Final = 3.0
"""A revoked key is refused within 5 s, the time to read the keys included."""
_RANDOM_BYTES: Final = 32
_MARK: Final = "avk_"
"""So that people, and programs that search for lost secrets, see what it is."""


def new_secret() -> str:
    """What a new key's owner sends: 256 random bits as text."""
    return _MARK + secrets.token_urlsafe(_RANDOM_BYTES)


def hash_of(secret: str) -> str:
    """64 hex characters. No salt and no slow hash: nobody guesses 256 random bits."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


class Keyring:
    """Knows the keys without asking the database each time."""

    def __init__(self, database: Database, configured: Iterable[ApiKey]) -> None:
        self._database = database
        self._configured = {key.hash: key for key in configured}
        self._keys = self._configured
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def find(self, secret: str) -> ApiKey | None:
        """The key that is sent so, revoked or not. Raises ``DatabaseUnavailable``."""
        await self._refresh()
        return self.known(secret)

    async def holds_any(self) -> bool:
        """Whether there is any key that is not revoked. Raises ``DatabaseUnavailable``."""
        await self._refresh()
        return any(key.revoked_at is None for key in self._keys.values())

    async def recall(self, secret: str) -> ApiKey | None:
        """The same for what costs nothing: while the database is away, as the keys last stood."""
        with suppress(DatabaseUnavailable):
            await self._refresh()
        return self.known(secret)

    def known(self, secret: str) -> ApiKey | None:
        """The key that is sent so, as the keys last stood."""
        given = hash_of(secret)
        key = self._keys.get(given)
        return key if key is not None and compare_digest(key.hash, given) else None

    async def _refresh(self) -> None:
        """One read at a time, for all who ask meanwhile; one of them who waits no longer does not end it."""
        if self._is_fresh():
            return
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        began = time.monotonic()
        kept = await self._database.read(api_keys.everyone)
        self._keys = {key.hash: key for key in kept} | self._configured
        self._read_at = began

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < _FRESH_S
