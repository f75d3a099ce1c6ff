"""The floor: a bare ASGI application that sends the same bytes to everybody and reads nothing."""

import base64
import json
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send


def floor(reply: Path) -> ASGIApp:
    """Answers everything with the reply in that file: ``status``, ``headers``, and ``body`` in Base64."""
    said = json.loads(reply.read_text())
    status: int = said["status"]
    headers = [(name.encode(), value.encode()) for name, value in said["headers"]]
    body = base64.b64decode(said["body"])

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app
