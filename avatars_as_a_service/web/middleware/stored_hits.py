"""Stored hits: answers hits that only the database has, before the framework reads the request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from avatars_as_a_service.domain.query import Answer, KeyedQuery
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.parsed_query import parsed_query, set_parsed_query
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
        app, keyed = self._app, parsed_query(scope)
        if keyed is not None and keyed.query.is_cached:
            app = await self._answer(keyed, scope)
        await app(scope, receive, send)

    async def _answer(self, keyed: KeyedQuery, scope: Scope) -> ASGIApp:
        try:
            found = await self._faces.get_stored(keyed)
        except DatabaseUnavailable as away:
            return error_response(away)
        if isinstance(found, Answer):
            set_outcome(scope, Outcome.HIT)
            base = self._addresses.base(scope, header_map(scope).get(b"host"), kept=True)
            return face_reply(found, base=base, path=self._addresses.path(found))
        set_parsed_query(scope, found)
        return self._app
