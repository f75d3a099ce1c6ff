"""The provider's HTTP side: a listening port, and the answers of each mode."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import socket
import struct
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.support.codings import Coding
from tests.support.fake_provider.image_request import Call, ImageRequest, RequestError
from tests.support.fake_provider.images import FILES, HostedPicture, Picture
from tests.support.fake_provider.moderation import moderated_texts, moderation_result
from tests.support.fake_provider.modes import FAILURES, GATEWAY_PAGES, Failure, Json, Mode, billing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.fake_provider.control import LoopbackProvider

ELSEWHERE = "http://169.254.169.254/latest/meta-data"
# "Endless" stops here, so that a client without a limit of its own fails its test and not the whole machine.
ENDLESS_BYTES = 2**30
# Packed it has an end: what is endless there is the few bytes that grow to so many, more than any client should keep.
BOMB_BYTES = 2**26
CHUNK = 2**16
CLOSING_S = 5.0
_POLL_S = 0.05

_ODD_DATA: dict[Mode, list[Json]] = {
    Mode.EMPTY_DATA: [],
    Mode.NO_PICTURE: [{"revised_prompt": "A face."}],
    Mode.BAD_BASE64: [{"b64_json": "%%% not * base64 %%%A"}],
}

_URL_MODES = frozenset(mode for mode in Mode if mode.name.startswith("URL"))


class Server(ThreadingHTTPServer):
    """One listening port with a thread for each connection."""

    daemon_threads = True
    request_queue_size = 4096

    def __init__(self, provider: LoopbackProvider, port: int, *, private: bool = False) -> None:
        self.provider = provider
        self.private = private
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, break every connection and wait until their threads have let go of them."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=CLOSING_S)

    # The signatures of socketserver are wider than what a TCP server is handed: always a socket.

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Close without the polite shutdown of the base class, which would send a FIN before an RST."""
        self.close_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    @property
    def provider(self) -> LoopbackProvider:
        return self.server.provider

    def log_message(self, *_: object) -> None:
        """Say nothing: the counts are the log."""

    def handle(self) -> None:
        """Serve until either side ends the connection; a client that leaves is no fault."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        first, _, rest = path.lstrip("/").partition("/")
        if self.server.private:
            self._answer_secret()
        elif path == "/_control/state":
            self._send_json(self.provider.state())
        elif first in {"files", "redirect"}:
            self._answer_download(first, rest)
        elif path.startswith("/v1/models"):
            self._guarded(lambda: self._answer_models(path.removeprefix("/v1/models").strip("/")))
        else:
            self._send_failure(Failure(HTTPStatus.NOT_FOUND, None, f"Invalid URL (GET {path})"))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        routes: dict[str, Callable[[Json], None]] = {
            "/v1/images/generations": self._answer_generation,
            "/v1/moderations": self._answer_moderation,
            "/_control/mode": self._answer_control,
            "/_control/reset": self._answer_reset,
        }
        body = self._read_body()
        if path not in routes or self.server.private:
            self._send_failure(Failure(HTTPStatus.NOT_FOUND, None, f"Invalid URL (POST {path})"))
        elif body is None:
            self._send_failure(Failure(HTTPStatus.BAD_REQUEST, None, "We could not parse the JSON body."))
        else:
            self._guarded(lambda: routes[path](body))

    def _guarded(self, answer: Callable[[], None]) -> None:
        try:
            answer()
        except RequestError as error:
            self._send_failure(error.failure)

    def _read_body(self) -> Json | None:
        """Read the whole request; None if it is not a JSON object."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def _check_key(self) -> None:
        if self.provider.key is not None and self.headers.get("Authorization") != f"Bearer {self.provider.key}":
            raise RequestError(FAILURES[Mode.UNAUTHORIZED])

    # Image generations.

    def _answer_generation(self, body: Json) -> None:
        call = Call(
            path=self.path,
            body=body,
            headers={name.lower(): value for name, value in self.headers.items()},
            at=time.monotonic(),
        )
        try:
            self._check_key()
            request = ImageRequest.read(body)
        except RequestError:
            self.provider.record_call(call)
            raise
        mode, held = self.provider.next_mode(str(body.get("prompt"))), self.provider.next_hold()
        self.provider.record_call(Call(call.path, call.body, call.headers, call.at, billing(mode)))
        while held is not None and not held.wait(_POLL_S):
            self._wait(0)
        self._wait(self.provider.delay + (self.provider.slow_s if mode is Mode.SLOW else 0))
        self._play(mode, request)

    def _wait(self, seconds: float) -> None:
        if self.provider.stopped.wait(seconds):
            raise ConnectionAbortedError

    def _play(self, mode: Mode, request: ImageRequest) -> None:
        """Answer a request in the way of its mode."""
        if mode in FAILURES:
            retry_after = self.provider.retry_after if mode is Mode.RATE_LIMIT else None
            self._send_failure(FAILURES[mode], retry_after=retry_after)
        elif mode in GATEWAY_PAGES:
            self._send_page(GATEWAY_PAGES[mode])
        elif mode in _BROKEN:
            _BROKEN[mode](self, request)
        else:
            self._send_json(self._drawn(mode, request))

    def _drawn(self, mode: Mode, request: ImageRequest) -> Json:
        """Return the answer that holds the pictures, or what stands for them."""
        data = _ODD_DATA[mode] if mode in _ODD_DATA else [self._datum(mode, request) for _ in range(request.count)]
        return request.answer(data, usage=self.provider.usage)

    def _datum(self, mode: Mode, request: ImageRequest) -> Json:
        picture = Picture(self.provider.next_number(), request.width, request.height, request.format)
        if mode in _URL_MODES or (request.by_url and mode not in FILES):
            return {"url": self._url(picture, mode)}
        return {"b64_json": base64.b64encode(FILES.get(mode, Picture.data)(picture)).decode("ascii")}

    def _url(self, picture: Picture, mode: Mode) -> str:
        if mode is Mode.URL_ELSEWHERE:
            return ELSEWHERE
        if mode is Mode.URL_PRIVATE:
            return f"{self.provider.private_origin}/secret.png"
        path = self.provider.host(picture, mode)
        return path if mode is Mode.URL_RELATIVE else f"{self.provider.origin}{path}"

    def _play_not_json(self, _: ImageRequest) -> None:
        self._send(HTTPStatus.OK, b'{"created": 1, "data": [{"b64_json": "iVBOR', "application/json")

    def _play_huge_body(self, _: ImageRequest) -> None:
        self._send_endlessly("application/json", b'{"created": 1, "data": [{"b64_json": "', b"A" * CHUNK)

    def _play_closes(self, _: ImageRequest) -> None:
        self.close_connection = True

    def _play_closes_midway(self, request: ImageRequest) -> None:
        body = self._packed(json.dumps(self._drawn(Mode.OK, request)).encode())
        self._send_head(HTTPStatus.OK, "application/json", {"Content-Length": str(len(body))})
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _play_reset(self, _: ImageRequest) -> None:
        """Close with an RST, which is what a close without lingering sends."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _play_hangs(self, _: ImageRequest) -> None:
        self._hang()

    def _play_trickle(self, request: ImageRequest) -> None:
        """Send the head at once and the body byte by byte."""
        body = self._packed(json.dumps(self._drawn(Mode.OK, request)).encode())
        self._send_head(HTTPStatus.OK, "application/json", {"Content-Length": str(len(body))})
        for byte in body:
            self.wfile.write(bytes([byte]))
            self._wait(self.provider.trickle_s)

    def _hang(self) -> None:
        """Say nothing until the client leaves or the server stops, which breaks the connection."""
        while self.connection.recv(1, socket.MSG_PEEK) and not self.provider.stopped.wait(0.2):
            pass
        self.close_connection = True

    # Downloads.

    def _answer_download(self, folder: str, name: str) -> None:
        number = name.partition(".")[0]
        if folder == "redirect":
            self._send_redirect(self.provider.redirect_to or f"{self.provider.origin}/files/{name}")
        elif number.isdecimal() and (found := self.provider.download(int(number))):
            self._send_hosted(*found)
        else:
            self._send(HTTPStatus.NOT_FOUND, b"no such picture", "text/plain")

    def _send_hosted(self, hosted: HostedPicture, downloads_before: int) -> None:
        picture, mode = hosted.picture, hosted.mode
        if mode is Mode.URL_HANGS:
            self._hang()
        elif mode is Mode.URL_ENDLESS:
            self._send_endlessly(picture.media_type, picture.data(), bytes(CHUNK))
        elif mode is Mode.URL_BROKEN_ONCE and not downloads_before:
            self._send_page(HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            self._send(HTTPStatus.OK, picture.data(), picture.media_type)

    def _answer_secret(self) -> None:
        """Send a picture that would pass, so that only refusing to ask for it keeps it out."""
        self.provider.record_intrusion()
        self._send(HTTPStatus.OK, Picture(self.provider.next_number(), 1024, 1024, "png").data(), "image/png")

    # Moderations, models, control.

    def _answer_moderation(self, body: Json) -> None:
        self._check_key()
        self.provider.record_moderation(body)
        if self.provider.moderation == "down":
            raise RequestError(FAILURES[Mode.UNAVAILABLE])
        if self.provider.moderation == "hangs":
            self._hang()
            return
        flagged = self.provider.moderation == "flagged"
        results = [moderation_result(text, flagged=flagged) for text in moderated_texts(body)]
        self._send_json({"id": "modr-1", "model": "omni-moderation-latest", "results": results})

    def _answer_models(self, name: str) -> None:
        self._check_key()
        if not name:
            self._send_json({"object": "list", "data": [self._model(each) for each in self.provider.models]})
        elif name in self.provider.models:
            self._send_json(self._model(name))
        else:
            raise RequestError(FAILURES[Mode.NOT_FOUND])

    def _model(self, name: str) -> Json:
        model: Json = {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "system"}
        shutdown_date = self.provider.models[name]
        return model | ({"shutdown_date": shutdown_date} if shutdown_date else {})

    def _answer_control(self, body: Json) -> None:
        try:
            self.provider.set_switches(body)
        except (TypeError, ValueError) as error:
            raise RequestError(Failure(HTTPStatus.BAD_REQUEST, None, str(error))) from error
        self._send_json(self.provider.state())

    def _answer_reset(self, _: Json) -> None:
        self.provider.reset()
        self._send_json(self.provider.state())

    # Answers.

    def _send_json(self, body: Json, *, status: HTTPStatus = HTTPStatus.OK, retry_after: str | None = None) -> None:
        headers = {"Retry-After": retry_after} if retry_after else {}
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send_failure(self, failure: Failure, *, retry_after: str | None = None) -> None:
        self._send_json(failure.json(), status=failure.status, retry_after=retry_after)

    def _send_page(self, status: HTTPStatus) -> None:
        page = f"<html><head><title>{status} {status.phrase}</title></head><body>gateway</body></html>"
        self._send(status, page.encode(), "text/html; charset=utf-8")

    def _send_redirect(self, location: str) -> None:
        self._send(HTTPStatus.FOUND, b"", "text/plain", {"Location": location})

    def _send(self, status: HTTPStatus, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        body = self._packed(body)
        self._send_head(status, content_type, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _send_head(self, status: HTTPStatus, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        everywhere = {"Content-Type": content_type, "x-request-id": self.provider.next_request_id()}
        for name, value in (everywhere | self._coding.header | headers).items():
            self.send_header(name, value)
        self.end_headers()

    @property
    def _coding(self) -> Coding:
        return Coding.NONE if self.path.startswith("/_control/") else self.provider.coding

    def _packed(self, body: bytes) -> bytes:
        return self._coding.pack(body)

    def _send_endlessly(self, content_type: str, start: bytes, filler: bytes) -> None:
        """Send chunks until the client leaves or the server stops (or ENDLESS_BYTES have gone), and break off."""
        if self._coding is not Coding.NONE:
            self._send(HTTPStatus.OK, start + filler * (BOMB_BYTES // len(filler)), content_type)
            return
        self._send_head(HTTPStatus.OK, content_type, {"Transfer-Encoding": "chunked"})
        self.close_connection = True
        for chunk in itertools.chain([start], itertools.repeat(filler, ENDLESS_BYTES // len(filler))):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))


_BROKEN: dict[Mode, Callable[[_Handler, ImageRequest], None]] = {
    Mode.NOT_JSON: _Handler._play_not_json,  # noqa: SLF001 - the table of the class above
    Mode.HUGE_BODY: _Handler._play_huge_body,  # noqa: SLF001
    Mode.CLOSES: _Handler._play_closes,  # noqa: SLF001
    Mode.CLOSES_MIDWAY: _Handler._play_closes_midway,  # noqa: SLF001
    Mode.RESET: _Handler._play_reset,  # noqa: SLF001
    Mode.HANGS: _Handler._play_hangs,  # noqa: SLF001
    Mode.TRICKLE: _Handler._play_trickle,  # noqa: SLF001
}
