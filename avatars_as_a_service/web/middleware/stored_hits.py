"""Stored hits: answers hits that only the database has, before the framework sees the request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.web.middleware.cors import CorsPolicy
from avatars_as_a_service.web.middleware.rejections import Refuse
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.keyed_request import KeyedRequest, keyed_request
from avatars_as_a_service.web.responses.hits import EncodedResponse, face_reply
from avatars_as_a_service.web.responses.outcome import Outcome, set_outcome
from avatars_as_a_service.web.urls import PictureUrls


class StoredHits:
    """Looks up the face of a query that ``CachedHits`` has parsed, and passes every other request on to ``app``.

    It stands in front of the middlewares that add headers, since a hit has its headers already.
    """

    def __init__(
        self, app: ASGIApp, *, faces: FaceService, urls: PictureUrls, cors: CorsPolicy | None, refuse: Refuse
    ) -> None:
        self._app = app
        self._faces = faces
        self._urls = urls
        self._cors = cors
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hit, or that the database is unavailable, or pass the request on."""
        app, keyed = self._app, keyed_request(scope)
        if keyed is not None and keyed.is_cached:
            try:
                hit = await self._look_up(keyed)
            except DatabaseUnavailable as away:
                app = self._refuse(away)
            else:
                app = self._app if hit is None else await self._reply(hit, scope)
        await app(scope, receive, send)

    async def _look_up(self, keyed: KeyedRequest) -> Answer | None:
        """The stored face, or ``None`` if there is none, or if only the endpoint can tell.

        Raises ``DatabaseUnavailable``.
        """
        try:
            hit = await self._faces.get_stored(keyed.key)
        except DatabaseUnavailable:
            raise
        except Exception:  # noqa: BLE001 - the endpoint asks again: it waits as long as the client, and answers errors
            return None
        keyed.is_absent = hit is None
        return hit

    async def _reply(self, hit: Answer, scope: Scope) -> EncodedResponse:
        set_outcome(scope, Outcome.HIT)
        headers = header_map(scope)
        base = self._urls.base(scope, headers.get(b"host"), kept=True)
        reply = face_reply(hit, base=base, path=self._urls.path(hit))
        if self._cors is None:
            return reply
        allowed = await self._cors.headers_for(headers.get(b"origin"))
        return EncodedResponse(reply.status_code, reply.raw_headers.plus_all(allowed), bytes(reply.body))
