"""A TCP proxy on loopback in front of a database: the way there can be cut, frozen and restored."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self, TypeVar

from sqlalchemy.engine import make_url

T = TypeVar("T")

_PORTS: Final = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
_CHUNK: Final = 65_536
_TURN_S: Final = 120


class FaultProxy:
    """Passes bytes on in both directions while the context is open; ``port`` stays the same through every fault."""

    def __init__(self, host: str, port: int) -> None:
        """In front of the server at that address."""
        self._server_address = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._visits: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._watched: Counter[bytes] = Counter()
        self._place = _place(0)
        self.port: int = self._place.getsockname()[1]

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        """Break every connection and listen no longer."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset the open connections and refuse new ones, like a server that has died."""
        self._do(self._cut())

    def freeze(self) -> None:
        """Take new connections and say nothing more on any, like a network that swallows everything."""
        self._do(self._stop_flow())

    def lead_to(self, host: str, port: int) -> None:
        """Lead new connections to another server, like an address that moves in a failover; open ones stay."""
        self._server_address = (host, port)

    def restore(self) -> None:
        """Let new connections pass, and those that were frozen go on."""
        self._do(self._listen())

    def watch(self, words: bytes) -> Callable[[], int]:
        """Return how often clients have sent these words since."""
        self._watched[words] = 0
        return lambda: self._watched[words]

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_TURN_S)

    async def _listen(self) -> None:
        self._flows.set()
        if self._listener is None:
            self._listener = await asyncio.start_server(self._visit, sock=self._place, backlog=1024)

    async def _cut(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._place = _place(self.port)
        self._flows.set()
        for writer in list(self._open):
            _reset(writer)

    async def _stop_flow(self) -> None:
        self._flows.clear()

    async def _end(self) -> None:
        await self._cut()
        self._place.close()
        for visit in list(self._visits):
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        with self._registered(writer), contextlib.suppress(OSError, asyncio.CancelledError):
            await self._flows.wait()
            onward = await asyncio.open_connection(*self._server_address)
            with self._registered(onward[1]):
                await self._pass_on(reader, writer, *onward)
        self._visits.discard(visit)

    async def _pass_on(
        self,
        client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        pumps = [
            asyncio.ensure_future(self._pump(client, to_server, self._count)),
            asyncio.ensure_future(self._pump(server, to_client)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        look_at: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        while data := await source.read(_CHUNK):
            look_at(data)
            await self._flows.wait()
            target.write(data)
            await target.drain()

    def _count(self, data: bytes) -> None:
        for words in tuple(self._watched):  # the test's thread may add some
            self._watched[words] += data.count(words)

    @contextmanager
    def _registered(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.close()


@contextmanager
def proxied(database: str) -> Iterator[tuple[FaultProxy, str]]:
    """A proxy in front of that database, and the database's address by way of it."""
    url = make_url(database)
    with FaultProxy(url.host or "127.0.0.1", url.port or _PORTS[url.get_backend_name()]) as proxy:
        detour = url.set(host="127.0.0.1", port=proxy.port)
        yield proxy, detour.render_as_string(hide_password=False)


def _place(port: int) -> socket.socket:
    """A port of our own on which nobody listens yet: until then, connections to it are refused."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", port))
    return place


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with an RST, which is what a close without lingering sends."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
