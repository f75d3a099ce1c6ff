"""Stored hits: answers hits that only the database has, before the framework reads the request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.concurrency.single_flight import WaitExpired
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.keyed_request import KeyedRequest, keyed_request
from avatars_as_a_service.web.responses.error_responses import error_response
from avatars_as_a_service.web.responses.hits import face_reply
from avatars_as_a_service.web.responses.outcome import Outcome, set_outcome
from avatars_as_a_service.web.urls import PictureUrls


class StoredHits:
    """Looks up the face of a query that ``CachedHits`` has parsed, and passes every other request on."""

    def __init__(self, app: ASGIApp, *, faces: FaceService, addresses: PictureUrls) -> None:
        self._app = app
        self._faces = faces
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hit, or that the database is unavailable, or pass the request on."""
        app, keyed = self._app, keyed_request(scope)
        if keyed is not None and keyed.is_cached:
            app = await self._answer(keyed, scope)
        await app(scope, receive, send)

    async def _answer(self, keyed: KeyedRequest, scope: Scope) -> ASGIApp:
        try:
            hit = await self._faces.get_stored(keyed.key)
        except WaitExpired:  # the endpoint asks again: it knows how long the client waits
            return self._app
        except DatabaseUnavailable as away:
            return error_response(away)
        if hit is None:
            keyed.is_absent = True
            return self._app
        set_outcome(scope, Outcome.HIT)
        base = self._addresses.base(scope, header_map(scope).get(b"host"), kept=True)
        return face_reply(hit, base=base, path=self._addresses.path(hit))
