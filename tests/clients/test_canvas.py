"""A page of another origin that isolates itself (`COEP: require-corp`) shows faces and reads them from a canvas."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.conftest import Serve

READ_PIXELS = """async ([url, crossOrigin]) => {
    const picture = new Image()
    if (crossOrigin) picture.crossOrigin = crossOrigin
    picture.src = url
    await picture.decode()
    const canvas = document.createElement("canvas")
    const brush = canvas.getContext("2d")
    brush.drawImage(picture, 0, 0, 32, 32)
    return crossOrigin ? [...brush.getImageData(16, 16, 1, 1).data] : [picture.naturalWidth]
}"""


class _Isolated(BaseHTTPRequestHandler):
    """An empty page that loads nothing which does not allow it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>x</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The URL of such a page on another origin and site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Isolated) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}"
        server.shutdown()


def test_an_isolated_page_shows_faces_and_reads_their_pixels(
    page: Page, serve: Serve, elsewhere: str, database: str
) -> None:
    service = serve({"DB_STRING": database})
    kept = service.client.post("/query", json={"properties": {"variant": 1}}).json()["data"]["image_url"]
    page.goto(elsewhere)
    assert page.evaluate("crossOriginIsolated")

    for url in (kept, f"{service.url}/avatar?seed=jane&size=64", f"{service.url}/avatar?seed=jane&format=svg&size=64"):
        assert page.evaluate(READ_PIXELS, [url, None])[0] > 0
        assert page.evaluate(READ_PIXELS, [url, "anonymous"])[3] == 255
