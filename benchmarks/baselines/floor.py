"""The floor: a bare ASGI application that answers each request with the same bytes and reads nothing."""

import base64
import json
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send


def floor(reply: Path) -> ASGIApp:
    """Build an app that answers with the reply in this file: ``status``, ``headers``, and ``body`` in Base64."""
    content = json.loads(reply.read_text())
    status: int = content["status"]
    headers = [(name.encode(), value.encode()) for name, value in content["headers"]]
    body = base64.b64decode(content["body"])

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app
