"""Counters in Redis, for all replicas together. This module is imported only when a Redis URL is set."""

import time
from typing import Final

from limits.aio.storage import RedisStorage, Storage
from redis.asyncio import BlockingConnectionPool, Redis

_CONNECTIONS: Final = 32
_TIMEOUT_S: Final = 0.5


class RedisCounters:
    """Counts in Redis over a bounded pool of connections; a request waits half a second at most for a free one."""

    def __init__(self, url: str) -> None:
        self._pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=_TIMEOUT_S,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
        )
        self.storage: Storage = _Windows(url, self._pool)

    async def renew(self) -> None:
        """Drop idle connections."""
        await self._pool.disconnect(inuse_connections=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()


class _Windows(RedisStorage):
    """Reads a window's end in milliseconds.

    The library rounds it to seconds, so a client that waits for ``Retry-After`` could be rejected again.
    """

    def __init__(self, url: str, pool: BlockingConnectionPool) -> None:
        super().__init__(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="avatars",
            connection_pool=pool,  # type: ignore[arg-type]  # the library passes it on to Redis
        )
        self._redis = Redis(connection_pool=pool)

    async def get_expiry(self, key: str) -> float:
        """The end of this key's window, in seconds since 1970."""
        milliseconds = await self._redis.pttl(self.bridge.prefixed_key(key))
        return time.time() + max(milliseconds, 0) / 1000
