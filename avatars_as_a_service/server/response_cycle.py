"""Uvicorn's request and response cycle, with a shorter way for hits."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from avatars_as_a_service.web.responses.encoded_headers import EncodedHeaders, lines_of


class SingleWriteCycle(RequestResponseCycle):
    """Sends an answer in one write where its headers are encoded already.

    Uvicorn checks every header of every answer, and writes the head before the body. That takes several times as long
    as finding the hit.
    """

    _head: Any = None
    """The message that begins the answer, until its body follows."""

    async def send(self, message: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """Send the application's message, or hold an encoded head until its body follows."""
        if self._head is not None:
            if self.flow.write_paused and not self.disconnected:
                await self.flow.drain()
            if not self.disconnected:
                self._send_whole(message["body"])
        elif isinstance(message.get("headers"), EncodedHeaders):
            self.response_started = True
            self._head = message
        else:
            await RequestResponseCycle.send(self, message)

    def _send_whole(self, body: bytes) -> None:
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        lines = lines_of(self.default_headers) + self._head["headers"].lines
        head = STATUS_LINE[self._head["status"]] + lines + end
        if body:
            self.transport.writelines((head, body))  # not joined: a large picture is not copied for each client
        else:
            self.transport.write(head)
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
