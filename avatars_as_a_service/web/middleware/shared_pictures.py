"""Shared pictures: lets pages of any site show and read pictures, and the errors in their place."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.domain.signing import Verdict
from avatars_as_a_service.web.requests.embed_path import AVATAR, is_by_text
from avatars_as_a_service.web.requests.signature import verify_signature
from avatars_as_a_service.web.responses.pictures import SHARED

_IMAGES: Final = "/images/"
_METHODS: Final = frozenset({"GET", "HEAD"})


class SharedPictures:
    """Adds the headers of a shared picture to each response to a request for one, and passes all others to ``app``.

    In private mode only a picture with a valid signature is shared. ``pictures`` is the application without the rules
    of ``AVATARS_CORS_ORIGINS``.
    """

    def __init__(self, app: ASGIApp, pictures: ASGIApp, *, is_private: bool, signing_key: str | None) -> None:
        self._app = app
        self._pictures = pictures
        self._is_private = is_private
        self._signing_key = signing_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its response back with the headers."""
        if not self._is_shared(scope):
            await self._app(scope, receive, send)
            return

        async def send_shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                if SHARED[0] not in headers:
                    message["headers"] = [*headers, *SHARED]
            await send(message)

        await self._pictures(scope, receive, send_shared)

    def _is_shared(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in _METHODS:
            return False
        path = scope["path"]
        if path != AVATAR and not is_by_text(path) and not path.startswith(_IMAGES):
            return False
        return not self._is_private or verify_signature(scope, self._signing_key) is Verdict.VALID
