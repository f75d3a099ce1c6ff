"""Stored hits: answers hits that only the database has, before the framework sees the request."""

from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.web.middleware.hit_sender import HitSender
from avatars_as_a_service.web.middleware.rejections import Refuse
from avatars_as_a_service.web.middleware.request_log import RequestLog
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.keyed_request import KeyedRequest, keyed_request
from avatars_as_a_service.web.responses.hits import face_reply
from avatars_as_a_service.web.responses.outcome import Outcome
from avatars_as_a_service.web.urls import PictureUrls


class StoredHits:
    """Looks up the face of a query that ``CachedHits`` has parsed, and passes every other request on to ``app``."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faces: FaceService,
        addresses: PictureUrls,
        sender: HitSender,
        log: RequestLog,
        refuse: Refuse,
    ) -> None:
        self._app = app
        self._faces = faces
        self._addresses = addresses
        self._sender = sender
        self._log = log
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hit, or that the database is unavailable, or pass the request on."""
        began, keyed, hit, app = perf_counter(), keyed_request(scope), None, self._app
        if keyed is not None and keyed.is_cached:
            try:
                hit = await self._look_up(keyed)
            except DatabaseUnavailable as away:
                app = self._refuse(away)
        if hit is None:
            await app(scope, receive, send)
            return
        headers = header_map(scope)
        base = self._addresses.base(scope, headers.get(b"host"), kept=True)
        reply = face_reply(hit, base=base, path=self._addresses.path(hit))
        request_id = await self._sender.send(reply, headers, send)
        self._log.add(scope, request_id, reply.status_code, Outcome.HIT, began)

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
