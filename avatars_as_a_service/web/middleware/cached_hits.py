"""Cached hits: answers hits from memory before the framework sees the request, and passes all others on.

It shares every decision with the way through the framework: the parser, the face service, the responses, the log.
"""

from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.web.middleware.cached_embeds import CachedEmbeds
from avatars_as_a_service.web.middleware.cached_faces import CachedFaces, may_be_cached
from avatars_as_a_service.web.middleware.cached_pictures import CachedPictures
from avatars_as_a_service.web.middleware.cors import CorsPolicy
from avatars_as_a_service.web.middleware.request_log import IMAGE, QUERY, QUERY_PATHS, RequestLog
from avatars_as_a_service.web.requests.embed_path import AVATAR, BY_TEXT, is_by_text
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.responses.encoded_headers import WholeReply, lines_of
from avatars_as_a_service.web.responses.hits import EncodedResponse

_PASSED_ON: Final = "avatars.passed_on"


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
        began, hit = perf_counter(), None
        if scope["type"] == "http" and _PASSED_ON not in scope:
            headers, message = header_map(scope), None
            if _is_query(scope) and may_be_cached(headers):
                message = await receive()
                receive = _replay(message, receive)
            hit = self._find(scope, headers, message)
        if hit is None:
            await self._app(scope, receive, send)
            return
        route, reply = hit
        request_id = self._log.request_id(headers)
        start = reply.raw_headers.plus(b"x-request-id", request_id)
        if self._cors is not None and not reply.is_shared:
            start = start.plus_all(await self._cors.headers_for(headers.get(b"origin")))
        await send({"type": "http.response.start", "status": reply.status_code, "headers": start})
        await send({"type": "http.response.body", "body": reply.body})
        self._log.add_cached_hit(scope, route, request_id, reply, began)

    def answer_now(self, scope: Scope, body: bytes) -> WholeReply | None:
        """The reply to a whole request if it is a hit: a server that can send it need not start a task for it.

        Otherwise the server calls the application, which does not look again.
        """
        began, headers = perf_counter(), header_map(scope)
        allowed = None if self._cors is None else self._cors.known_headers_for(headers.get(b"origin"))
        if allowed is None and self._cors is not None:  # the application computes them
            return None
        is_query = _is_query(scope) and may_be_cached(headers)
        hit = self._find(scope, headers, {"body": body, "more_body": False} if is_query else None)
        if hit is None:
            scope[_PASSED_ON] = True
            return None
        route, reply = hit
        request_id = self._log.request_id(headers)
        lines = b"%bx-request-id: %b\r\n" % (reply.raw_headers.lines, request_id)
        if allowed is not None and not reply.is_shared:
            lines += lines_of(allowed)
        self._log.add_cached_hit(scope, route, request_id, reply, began)
        return reply.status_code, lines, bytes(reply.body)

    def _find(
        self, scope: Scope, headers: dict[bytes, bytes], message: Message | None
    ) -> tuple[str, EncodedResponse] | None:
        """The route's template and the reply, if it is a hit; ``message`` has the body of a query."""
        path = scope["path"]
        if message is not None:
            route, reply = QUERY, self._face_reply(scope, headers, message)
        elif scope["method"] != "GET":
            return None
        elif path.startswith(AVATAR):
            route, reply = BY_TEXT if is_by_text(path) else AVATAR, self._embed_reply(scope, headers)
        else:
            route, reply = IMAGE, self._picture_reply(path, scope["query_string"], headers)
        return None if reply is None else (route, reply)


def _is_query(scope: Scope) -> bool:
    return scope["method"] == "POST" and scope["path"] in QUERY_PATHS


def _replay(message: Message, receive: Receive) -> Receive:
    """Receive that message again, then the others."""
    pending = [message]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again
