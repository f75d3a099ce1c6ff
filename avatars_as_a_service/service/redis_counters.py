"""Counters in Redis, for all replicas together. Only where an address of it is set is this module imported."""

from typing import Final

from limits.aio.storage import RedisStorage, Storage
from redis.asyncio import BlockingConnectionPool

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
        self.storage: Storage = RedisStorage(
            f"async+{address}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="avatars",
            connection_pool=self._pool,  # type: ignore[arg-type]  # handed on to Redis, whatever the library's types say
        )

    async def renew(self) -> None:
        """Drop the connections that nobody uses."""
        await self._pool.disconnect(inuse_connections=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()
