"""Cached hits: answers hits from memory before the framework sees the request, and passes all others on.

It shares every decision with the way through the framework: the parser, the face service, the responses, the log.
"""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.web.middleware.cached_embeds import CachedEmbeds
from avatars_as_a_service.web.middleware.cached_faces import CachedFaces, may_be_cached
from avatars_as_a_service.web.middleware.cached_pictures import CachedPictures
from avatars_as_a_service.web.middleware.cors import CorsPolicy
from avatars_as_a_service.web.middleware.request_log import IMAGE, QUERY, QUERY_PATHS, RequestLog
from avatars_as_a_service.web.requests.embed_path import AVATAR, BY_TEXT, is_by_text
from avatars_as_a_service.web.requests.headers import header_map


class CachedHits:
    """Answers requests for faces and pictures from memory; ``app`` gets each request that it cannot answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faces: CachedFaces,
        pictures: CachedPictures,
        embeds: CachedEmbeds,
        log: RequestLog,
        cors: CorsPolicy | None,
    ) -> None:
        self._app = app
        self._face_reply = faces.reply
        self._picture_reply = pictures.reply
        self._embed_reply = embeds.reply
        self._log = log
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hit, or pass the request on."""
        began, route, reply = perf_counter(), "", None
        method = scope.get("method")  # only HTTP has one
        if method == "POST" and scope["path"] in QUERY_PATHS:
            headers = header_map(scope)
            if may_be_cached(headers):
                message = await receive()
                route, reply = QUERY, self._face_reply(scope, headers, message)
                if reply is None:
                    receive = _replay(message, receive)
        elif method == "GET":
            headers, path = header_map(scope), scope["path"]
            if path.startswith(AVATAR):
                route, reply = BY_TEXT if is_by_text(path) else AVATAR, self._embed_reply(scope, headers)
            else:
                route, reply = IMAGE, self._picture_reply(path, scope["query_string"], headers)
        if reply is None:
            await self._app(scope, receive, send)
            return
        request_id = self._log.request_id(headers)
        start = reply.raw_headers.plus(b"x-request-id", request_id)
        if self._cors is not None and not reply.is_shared:
            start = start.plus_all(await self._cors.headers_for(headers.get(b"origin")))
        await send({"type": "http.response.start", "status": reply.status_code, "headers": start})
        await send({"type": "http.response.body", "body": reply.body})
        self._log.add_cached_hit(scope, route, request_id, reply, began)


def _replay(message: Message, receive: Receive) -> Receive:
    """Receive that message again, then the others."""
    pending = [message]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again
