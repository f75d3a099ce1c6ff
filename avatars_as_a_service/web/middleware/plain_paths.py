"""Plain paths: rejects paths with control characters."""

import re
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.errors import BadPath
from avatars_as_a_service.web.middleware.rejections import Refuse

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class PlainPaths:
    """Rejects a path with a control character before anything else reads it.

    No two parts of the application can then disagree about such a path: a regular expression's ``$`` matches before a
    final newline too.
    """

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or reject it."""
        app = self._app
        if scope["type"] != "lifespan" and _CONTROL.search(scope["path"]):
            app = self._refuse(BadPath())
        await app(scope, receive, send)
