"""Uvicorn's HTTP protocol with time and size limits: slow, huge and endless requests do not hold up the server."""

import asyncio
import select
import socket
from collections.abc import Callable
from math import inf
from typing import Any, Final, Literal, cast

import uvicorn
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from avatars_as_a_service.concurrency.parent_process import end_with_parent
from avatars_as_a_service.server.response_cycle import SingleWriteCycle
from avatars_as_a_service.web.responses.encoded_headers import WholeReply

MAX_HEAD_BYTES: Final = 32 * 1024
"""Bytes of a request before its body."""
_UNREAD_S: Final = 30
"""How long an answer may wait for a client that does not read it."""
_READ_SOON_S: Final = 0.01
_END_OF_HEAD: Final = b"\r\n\r\n"
_EVICTED_SHARE: Final = 16
"""Past the maximum, one connection in this many is closed at a time."""
_TIMED_OUT: Final = (408, b"The request did not come in time.")
_HEAD_TOO_LARGE: Final = (431, b"The headers are too large.")
_NOT_HTTP: Final = "Invalid HTTP request received."
_Part = Literal["nothing", "head", "body"]
"""The part of a request that has begun to arrive and is not complete; an enum's members take longer to look up."""


class GuardedConfig(uvicorn.Config):
    """Uvicorn's settings, the seconds that a request may take to arrive, and the maximum of open connections."""

    def __init__(self, app: Any, *, request_s: float, max_connections: int, **more: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(app, http=GuardedProtocol, **more)
        self.request_s = request_s
        self.max_connections = max_connections

    def load(self) -> None:
        """Load the application. A worker whose supervisor dies meanwhile ends at once: it holds the port."""
        end_with_parent()
        super().load()


class GuardedProtocol(HttpToolsProtocol):
    """One connection, with limits on how slowly its client may write and read.

    The first request must arrive within ``request_s`` seconds of the connection, each later one within so many of its
    first byte. Past ``max_connections``, the server closes the connections that have kept it waiting longest, so that
    idle ones cannot lock new clients out. A request that arrives in one piece starts no timer.
    """

    config: GuardedConfig
    _reading: _Part = "nothing"
    _head_bytes = 0
    """The bytes of an incomplete head that have arrived."""
    _answering: RequestResponseCycle | None = None
    """The request that is being answered, or was last; requests behind it wait."""
    _next: tuple[SingleWriteCycle, Any] | None = None
    """The request to be answered next, and the application."""
    _is_parsing = False
    """Whether the next request waits until what has arrived is parsed."""
    _find_hit: Callable[[Any, bytes], WholeReply | None] | None = None
    """The application's way to answer a hit without a task, if it has one."""
    _request_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None
    _idle_timer: asyncio.TimerHandle | None = None
    _idle_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Accept the connection; past the maximum, close others for it."""
        super().connection_made(transport)
        self._find_hit = getattr(self.app, "answer_now", None)
        _detect_dead_peers(transport)
        self._start_request_timer()
        if len(self.connections) > self.config.max_connections:
            self._evict_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers, and what still answers a request."""
        self._stop_request_timer()
        self._stop_unread_timer()
        self._stop_idle_timer()
        self._disconnect()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the data, then wait for the rest of a request, or for none."""
        if len(data) > MAX_HEAD_BYTES and self._reading != "body" and _END_OF_HEAD not in data[:MAX_HEAD_BYTES]:
            self._refuse(*_HEAD_TOO_LARGE)
            return
        self._is_parsing = True
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as offered:
            self._decline_upgrades(memoryview(data)[offered.args[0] :])
        except HttpParserError:
            self._refuse_bytes()
        self._is_parsing = False
        if self._reading == "nothing" and self._is_busy():
            self._stop_request_timer()
        elif not self.transport.is_closing():
            self._start_request_timer()
            if self._reading == "head":
                self._limit_head(data)
        self._answer_next()

    def on_message_begin(self) -> None:
        """Begin to read a head."""
        self._reading = "head"
        HttpToolsProtocol.on_message_begin(self)

    def on_headers_complete(self) -> None:
        """Begin to read a body, even an empty one."""
        self._reading = "body"
        self._head_bytes = 0
        if not self.parser.should_upgrade():  # else the request is parsed again
            HttpToolsProtocol.on_headers_complete(self)  # super() takes twice as long, here and below

    def on_message_complete(self) -> None:
        """End the request."""
        self._reading = "nothing"
        if not self.parser.should_upgrade():
            HttpToolsProtocol.on_message_complete(self)

    def on_chunk_header(self) -> None:
        """Keep trailers, which follow a body in chunks, out of the request's headers."""
        self.headers: list[tuple[bytes, bytes]] = []

    def eof_received(self) -> None:
        """End what still answers a request: the client has gone, and nothing more may be written."""
        self._disconnect()

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that are not HTTP."""
        super().send_400_response(msg)
        self._disconnect()

    def pause_writing(self) -> None:
        """Start the time in which a slow client must read."""
        super().pause_writing()
        if self._unread_timer is None:
            self._unread_timer = self.loop.call_later(_UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that time: the client has read."""
        self._stop_unread_timer()
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """Answer this request: at once, or when all that has arrived is parsed, which may have its body."""
        cycle.__class__ = SingleWriteCycle  # uvicorn has no setting for it
        self._answering, self._next = cycle, (cast("SingleWriteCycle", cycle), app)
        if not self._is_parsing:
            self._answer_next()

    def _answer_next(self) -> None:
        """Answer a hit without a task, and any other request in one."""
        if self._next is None:
            return
        (cycle, app), self._next = self._next, None
        if self._find_hit is None or not cycle.answer_soon(self._find_hit, self.loop):
            HttpToolsProtocol._start_asgi_task(self, cycle, app)  # noqa: SLF001 - our own base

    def on_response_complete(self) -> None:
        """Start the next request, or be idle.

        Uvicorn's own starts and cancels a timer for each idle time, which takes longer than a hit. Here one timer
        serves all idle times of a connection and checks how long the last one has been.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._check_idle)

    @property
    def deadline(self) -> float | None:
        """When the wait for a request ends (loop's clock): ``inf`` between two, ``None`` while one is answered."""
        if self._request_timer is None:
            return None if self._is_busy() else inf
        return self._request_timer.when()

    def _decline_upgrades(self, rest: memoryview) -> None:
        """Parse the request that has just offered another protocol once more, without its offer, and the ``rest``.

        HTTP lets a server ignore an offer (RFC 9110, 7.8). The parser ends the request behind its head, though, and
        then takes its body for something else; uvicorn does not put that right.
        """
        try:
            while True:
                head = self._head_without_offer()
                self.parser = HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn sets it
                self.parser.feed_data(head)
                try:
                    self.parser.feed_data(rest)
                except HttpParserUpgrade as offered:
                    rest = rest[offered.args[0] :]
                else:
                    return
        except (HttpParserError, HttpParserUpgrade):  # CONNECT is an upgrade by itself
            self._refuse_bytes()

    def _head_without_offer(self) -> bytes:
        parser = self.parser
        head = [b"%b %b HTTP/%b\r\n" % (parser.get_method(), self.url, parser.get_http_version().encode())]
        head += [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        return b"".join(head) + b"\r\n"

    def _refuse_bytes(self) -> None:
        self.logger.warning(_NOT_HTTP)
        self.send_400_response(_NOT_HTTP)

    def _limit_head(self, data: bytes) -> None:
        complete, _, rest = data.rpartition(_END_OF_HEAD)  # whole requests may stand before the incomplete head
        self._head_bytes = len(rest) if complete else self._head_bytes + len(rest)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(*_HEAD_TOO_LARGE)

    def _is_busy(self) -> bool:
        """Whether a whole request is being answered."""
        cycle = self._answering
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def _request_timed_out(self) -> None:
        self._request_timer, cycle = None, self._answering
        if self._is_busy():  # the next request waits for this answer, and is not even read
            self._start_request_timer()
        elif cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.abort()
        else:
            self._refuse(*_TIMED_OUT)

    def _check_idle(self) -> None:
        self._idle_timer = None
        left_s = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._idle_timer = self.loop.call_later(left_s, self._check_idle)
        elif self._request_timer is None and not self._is_busy():
            if _has_unread(self.transport):  # a request that came while the loop was busy
                self._idle_timer = self.loop.call_later(_READ_SOON_S, self._check_idle)
            else:
                self.timeout_keep_alive_handler()

    def _refuse(self, status: int, detail: bytes) -> None:
        """Answer with the reason, and close the connection."""
        if self.transport.is_closing():
            return
        head = [STATUS_LINE[status], b"content-type: text/plain; charset=utf-8\r\n", b"connection: close\r\n"]
        head += [b"x-content-type-options: nosniff\r\n", b"content-length: %d\r\n\r\n" % len(detail)]
        self.transport.write(b"".join(head) + detail)
        self.transport.close()
        self._disconnect()

    def _disconnect(self) -> None:
        """End what still answers a request; it may not write to a connection that is closing."""
        cycle = self._answering
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _evict_idle(self) -> None:
        others = [each for each in self.connections if isinstance(each, GuardedProtocol) and each is not self]
        idle = [(other.deadline, id(other), other) for other in others if other.deadline is not None]
        evicted = [other for *_, other in sorted(idle)[: max(1, self.config.max_connections // _EVICTED_SHARE)]]
        for each in evicted or [self]:
            each.transport.abort()

    def _start_request_timer(self) -> None:
        if self._request_timer is None:
            self._request_timer = self.loop.call_later(self.config.request_s, self._request_timed_out)

    def _stop_request_timer(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _stop_unread_timer(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None


def _has_unread(transport: asyncio.Transport) -> bool:
    """Whether bytes have arrived that the event loop has not read yet: it runs its timers first."""
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is None or connection.fileno() < 0:
        return False
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    return bool(poller.poll(0))


def _detect_dead_peers(transport: asyncio.Transport) -> None:
    """Have the kernel notice a peer that vanishes without closing the connection."""
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is None or connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_S * 1000)
