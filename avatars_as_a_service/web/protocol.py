"""Uvicorn's HTTP protocol with an end to its patience: slow, huge and endless requests do not hold the server up."""

import asyncio
import socket
from math import inf
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from avatars_as_a_service.web.cycle import OnePieceCycle

MOST_HEAD: Final = 32 * 1024
"""Bytes of a request before its body."""
_UNREAD_S: Final = 30
"""How long an answer may wait for a client that does not read it."""
_END_OF_HEAD: Final = b"\r\n\r\n"
_SHARE: Final = 16
"""Of the connections, one in so many is closed at a time where there are too many."""
_TOO_LATE: Final = (408, b"The request did not come in time.")
_TOO_LARGE: Final = (431, b"The headers are too large.")


class GuardedConfig(uvicorn.Config):
    """Uvicorn's settings, and how long a request may take to come, in seconds, and how many connections may be open."""

    def __init__(self, app: Any, *, request_s: float, most_connections: int, **more: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(app, http=GuardedProtocol, **more)
        self.request_s = request_s
        self.most_connections = most_connections


class GuardedProtocol(HttpToolsProtocol):
    """One connection.

    It has so many seconds for its first request, and each request so many from its first byte to its last. Where too
    many are open, those that have kept the server waiting longest are closed for new ones: who holds connections open
    keeps nobody out. A request that comes in one piece costs nothing of it.
    """

    config: GuardedConfig
    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _answered: RequestResponseCycle | None = None
    """The request that is being answered, or was last; those that came behind it wait."""
    _resting: asyncio.TimerHandle | None = None
    _rests_since = 0.0
    _head = 0
    """So many bytes of the headers that are not all there have come."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Take it, and in its place close others where there are too many."""
        super().connection_made(transport)
        _mind_dead_peers(transport)
        self._start_timer()
        if len(self.connections) > self.config.most_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop_timer()
        self._stop_unread()
        self._stop_resting()
        self._disconnect()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Go on with a request, or begin one."""
        if len(data) > MOST_HEAD and self._lacks_head() and _END_OF_HEAD not in data[:MOST_HEAD]:
            self._refuse(*_TOO_LARGE)
            return
        HttpToolsProtocol.data_received(self, data)  # super() takes twice as long, here and below
        cycle = self.cycle
        if not cycle or cycle.more_body or cycle.scope is not self.scope:
            self._is_incomplete(data)
            return
        self._head = 0
        if cycle.response_complete and not self.transport.is_closing():  # empty lines, and no request
            self._start_timer()
        elif self._timer is not None:
            self._stop_timer()

    def on_chunk_header(self) -> None:
        """A body in chunks begins; what may come behind it are no headers of the request."""
        self.headers: list[tuple[bytes, bytes]] = []

    def eof_received(self) -> None:
        """It has gone, and nothing more may be written."""
        self._disconnect()

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        super().send_400_response(msg)
        self._disconnect()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(_UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
        self._stop_unread()
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own
        cycle.__class__ = OnePieceCycle  # uvicorn has no setting for it
        self._answered = cycle
        HttpToolsProtocol._start_asgi_task(self, cycle, app)  # noqa: SLF001 - our own base

    def on_response_complete(self) -> None:
        """Go on with the next request, or rest: as uvicorn's own, which starts a timer for each rest and cancels it.

        That takes longer than a hit does here. One timer for all rests of a connection looks whether the last was long.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._rests_since = self.loop.time()
        if self._resting is None:
            self._resting = self.loop.call_later(self.timeout_keep_alive, self._has_rested)

    @property
    def patience(self) -> float | None:
        """Until when its request is waited for, by the loop's clock; ``None`` while one is being answered."""
        if self._timer is None:
            return None if self._is_busy() else inf  # between two requests
        return self._timer.when()

    def _is_incomplete(self, data: bytes) -> None:
        """Wait for the rest, so long and for so much."""
        if self.transport.is_closing():
            return
        self._start_timer()
        before, _, newest = data.rpartition(_END_OF_HEAD)  # whole requests may have come with it
        self._head = len(newest) + (0 if before else self._head) if self._lacks_head() else 0
        if self._head > MOST_HEAD:
            self._refuse(*_TOO_LARGE)

    def _lacks_head(self) -> bool:
        """Whether what comes next belongs to a request whose headers are not all there."""
        newest: RequestResponseCycle | None = self.cycle
        return newest is None or newest.scope is not self.scope or not newest.more_body

    def _is_busy(self) -> bool:
        """Whether a whole request is being answered."""
        cycle = self._answered
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def _too_late(self) -> None:
        self._timer, cycle = None, self._answered
        if self._is_busy():  # with the request before; what came of the next one is not even read
            self._start_timer()
        elif cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.abort()
        else:
            self._refuse(*_TOO_LATE)

    def _has_rested(self) -> None:
        self._resting = None
        left_s = self._rests_since + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._resting = self.loop.call_later(left_s, self._has_rested)
        elif self._timer is None and not self._is_busy():
            self.timeout_keep_alive_handler()

    def _refuse(self, status: int, words: bytes) -> None:
        """Say why, and end the connection."""
        if self.transport.is_closing():
            return
        head = [STATUS_LINE[status], b"content-type: text/plain; charset=utf-8\r\n", b"connection: close\r\n"]
        head += [b"x-content-type-options: nosniff\r\n", b"content-length: %d\r\n\r\n" % len(words)]
        self.transport.write(b"".join(head) + words)
        self.transport.close()
        self._disconnect()

    def _disconnect(self) -> None:
        """Tell who still answers a request before; writing to a connection that is closing is an error."""
        cycle = self._answered
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _make_room(self) -> None:
        others = [each for each in self.connections if isinstance(each, GuardedProtocol) and each is not self]
        idle = [(other.patience, id(other), other) for other in others if other.patience is not None]
        room = [other for *_, other in sorted(idle)[: max(1, self.config.most_connections // _SHARE)]]
        for each in room or [self]:
            each.transport.abort()

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.config.request_s, self._too_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_resting(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


def _mind_dead_peers(transport: asyncio.Transport) -> None:
    """A peer that has vanished without a word is noticed by the kernel."""
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is None or connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_S * 1000)
