"""Compressed text: lists, figures, pages and the OpenAPI document in gzip, for the clients that take it.

Starlette's ``GZipMiddleware`` compresses ``POST /query`` too, and keeps the ETag of the uncompressed form.
"""

import zlib
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.web.requests.accept import accepts_gzip
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.responses import compression

_TEXTS: Final = ("text/", "application/json", "application/javascript", "application/openmetrics-text")
_SUCCESS: Final = 200


class CompressedText:
    """Compresses the text of answers to GET and HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its response back, compressed."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        accepts = accepts_gzip(header_map(scope).get(b"accept-encoding"))
        await self._app(scope, receive, _Compressor(send, accepts_gzip=accepts, is_head=scope["method"] == "HEAD"))


class _Compressor:
    """Sends the messages of one response, its text compressed."""

    def __init__(self, send: Send, *, accepts_gzip: bool, is_head: bool) -> None:
        self._send = send
        self._accepts_gzip = accepts_gzip
        self._is_head = is_head
        self._start: Message | None = None
        self._packer: zlib._Compress | None = None

    async def __call__(self, message: Message) -> None:
        """Hold the head of a text until its body comes, which decides its length."""
        if message["type"] == "http.response.start":
            if _is_text(message):
                self._start = message
                return
        elif self._start is not None:
            await self._send_start(self._start, message)
            self._start = None
        if self._packer is not None:
            message = {**message, "body": self._packed(message)}
        await self._send(message)

    async def _send_start(self, start: Message, body: Message) -> None:
        headers = MutableHeaders(raw=list(start["headers"]))
        headers.add_vary_header("Accept-Encoding")
        if self._accepts_gzip:
            headers["content-encoding"] = "gzip"
            del headers["content-length"]
            if "etag" in headers:
                headers["etag"] = compression.gzip_tag(headers["etag"])
            if not body.get("more_body") and not self._is_head:
                body["body"] = compression.gzipped(body.get("body", b""))
                headers["content-length"] = str(len(body["body"]))
            else:
                self._packer = compression.packer()
        await self._send({**start, "headers": headers.raw})

    def _packed(self, message: Message) -> bytes:
        if self._packer is None or self._is_head:
            return b""
        packed = self._packer.compress(message.get("body", b""))
        return packed if message.get("more_body") else packed + self._packer.flush()


def _is_text(start: Message) -> bool:
    headers = MutableHeaders(raw=list(start.get("headers", ())))
    is_text = headers.get("content-type", "").startswith(_TEXTS) and "content-encoding" not in headers
    is_long = int(headers.get("content-length", compression.MIN_BYTES)) >= compression.MIN_BYTES
    return is_text and is_long and start["status"] == _SUCCESS
