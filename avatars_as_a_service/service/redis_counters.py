"""Counters in Redis, for all replicas together. Only where an address of it is set is this module imported."""

import time
from typing import Final

from limits.aio.storage import RedisStorage, Storage
from redis.asyncio import BlockingConnectionPool, Redis

_CONNECTIONS: Final = 32
_PATIENCE_S: Final = 0.5


class RedisCounters:
    """In Redis, for all replicas. It is asked over so many connections at once; who finds none free waits shortly."""

    def __init__(self, address: str) -> None:
        self._pool = BlockingConnectionPool.from_url(
            address,
            max_connections=_CONNECTIONS,
            timeout=_PATIENCE_S,
            socket_timeout=_PATIENCE_S,
            socket_connect_timeout=_PATIENCE_S,
        )
        self.storage: Storage = _Windows(address, self._pool)

    async def renew(self) -> None:
        """Drop the connections that nobody uses."""
        await self._pool.disconnect(inuse_connections=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()


class _Windows(RedisStorage):
    """The library's own asks for a window's end in rounded seconds: who waited as long as told was refused again."""

    def __init__(self, address: str, pool: BlockingConnectionPool) -> None:
        super().__init__(
            f"async+{address}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="avatars",
            connection_pool=pool,  # type: ignore[arg-type]  # handed on to Redis, whatever the library's types say
        )
        self._redis = Redis(connection_pool=pool)

    async def get_expiry(self, key: str) -> float:
        """When the window of that key ends, in seconds since 1970."""
        milliseconds = await self._redis.pttl(self.bridge.prefixed_key(key))
        return time.time() + max(milliseconds, 0) / 1000
