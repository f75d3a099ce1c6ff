"""Kept faces: hits that memory does not have and the database does, answered before the framework reads the request."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.gates import first_of_each
from avatars_as_a_service.web.problems import problem
from avatars_as_a_service.web.replies import face_reply

_ASKED_FOR: Final = "avatars.face"


class KeptFaces:
    """Plain ASGI behind the gates: answers what the front door had to pass on, and hands all else to ``app``."""

    def __init__(self, app: ASGIApp, *, find: Callable[[str], Awaitable[Answer | None]], addresses: Addresses) -> None:
        self._app = app
        self._find = find
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hit, or say that the database is away, or pass the request on."""
        app, key = self._app, scope.get(_ASKED_FOR)
        if key is not None:
            try:
                answer = await self._find(key)
            except DatabaseUnavailable as away:
                app = problem(away)
            else:
                app = self._app if answer is None else self._reply(answer, scope)
        await app(scope, receive, send)

    def _reply(self, answer: Answer, scope: Scope) -> ASGIApp:
        scope["state"]["outcome"] = "hit"
        base = self._addresses.base(scope, first_of_each(scope).get(b"host"), kept=True)
        return face_reply(answer, base=base, path=self._addresses.path(answer))


def look_for(scope: Scope, key: str) -> None:
    """Have the database asked for the face under that key, wherever the request passes ``KeptFaces``."""
    scope[_ASKED_FOR] = key
