"""Uvicorn's request and response cycle, with a shorter way for hits."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from avatars_as_a_service.web.responses.encoded_headers import EncodedHeaders, Header, WholeReply, lines_of


class SingleWriteCycle(RequestResponseCycle):
    """Sends an answer in one write where its headers are encoded already.

    Uvicorn checks every header of every answer, and writes the head before the body. That takes several times as long
    as finding the hit.
    """

    _head: Any = None
    """The message that begins the answer, until its body follows."""
    _encoded: ClassVar[tuple[Sequence[Header], bytes]] = ((), b"")
    """The server's own headers of the last answer, and their text."""

    def answer_soon(self, find: Callable[[Any, bytes], WholeReply | None], loop: asyncio.AbstractEventLoop) -> bool:
        """Return whether ``find`` has a reply to the request. It leaves in the loop's next turn.

        If it were written now, the loop would hold it until it has read all other connections: clients would wait for
        the server, and then the server for them.
        """
        if self.more_body or self.disconnected or self.flow.write_paused or self.transport.is_closing():
            return False
        try:
            reply = find(self.scope, bytes(self.body))
        except Exception:  # noqa: BLE001 - the application raises it again in its task, where uvicorn logs it
            return False
        if reply is None:
            return False
        loop.call_soon(self._send_hit, *reply)
        return True

    def _send_hit(self, status: int, lines: bytes, body: bytes) -> None:
        if not self.disconnected:
            self.response_started = True
            self._send_whole(status, lines, body)

    async def send(self, message: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """Send the application's message, or hold an encoded head until its body follows."""
        if self._head is not None:
            if self.flow.write_paused and not self.disconnected:
                await self.flow.drain()
            if not self.disconnected:
                self._send_whole(self._head["status"], self._head["headers"].lines, message["body"])
        elif isinstance(message.get("headers"), EncodedHeaders):
            self.response_started = True
            self._head = message
        else:
            await RequestResponseCycle.send(self, message)

    def _send_whole(self, status: int, lines: bytes, body: bytes) -> None:
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        head = b"".join((STATUS_LINE[status], self._default_lines(), lines, end))
        if body:
            self.transport.writelines((head, body))  # not joined: a large picture is not copied for each client
        else:
            self.transport.write(head)
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _default_lines(self) -> bytes:
        """The server's own headers as text; uvicorn makes a new list of them each second."""
        headers, lines = SingleWriteCycle._encoded
        if headers is not self.default_headers:
            headers, lines = SingleWriteCycle._encoded = self.default_headers, lines_of(self.default_headers)
        return lines
