"""Cached faces: replies to ``POST /query`` from memory."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.types import Message, Scope

from avatars_as_a_service.domain.query import Answer, Query
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.web.middleware.memo import remember
from avatars_as_a_service.web.requests.keyed_request import KeyedRequest, set_keyed_request
from avatars_as_a_service.web.requests.parsing import is_json, parse_body, parse_query
from avatars_as_a_service.web.responses.hits import EncodedResponse, face_reply
from avatars_as_a_service.web.urls import PictureUrls

_MAX_BODY_BYTES: Final = 4096
"""A query for a face is far shorter; a larger body is left to the framework."""
_MAX_LENGTH_DIGITS: Final = len(str(_MAX_BODY_BYTES))
_MAX_MEMO_BODY_BYTES: Final = 512


def may_be_cached(headers: dict[bytes, bytes]) -> bool:
    """Whether a query with these headers may be for a kept face. Others may be rejected before their body comes."""
    return (
        b"idempotency-key" not in headers
        and is_json(headers.get(b"content-type"))
        and len(headers.get(b"content-length", b"")) <= _MAX_LENGTH_DIGITS
    )


@dataclass(slots=True)
class _Face:
    """A face's key, and the reply with ``answer``, which holds while memory has that very answer."""

    key: str
    answer: Answer | None = None
    base: str = ""
    reply: EncodedResponse | None = None


class CachedFaces:
    """Replies with the faces that this process remembers, and remembers the face of each body and of each choice."""

    def __init__(self, faces: FaceService, urls: PictureUrls, *, seed_variants: int) -> None:
        self._faces = faces
        self._seed_variants = seed_variants
        self._urls = urls
        self._by_body: dict[bytes, _Face] = {}
        self._by_choice: dict[tuple[object, ...], _Face] = {}

    def reply(self, scope: Scope, headers: dict[bytes, bytes], message: Message) -> EncodedResponse | None:
        """The reply to the request whose body's first part is ``message``, if its face is cached.

        If it is not, what is known of the query is left in the scope for the endpoint.
        """
        body = message.get("body", b"")
        if message.get("more_body", True) or len(body) > _MAX_BODY_BYTES:
            return None
        face, query = self._by_body.get(body), None
        if face is None:
            try:
                face, query = self._read(body)
            except (AvatarsError, RequestValidationError):  # the endpoint answers it
                return None
        is_cached = query is None or query.is_cached
        answer = self._faces.get_cached(face.key) if is_cached else None
        if answer is None:
            again = partial(parse_query, body, idempotency_key=None, seed_variants=self._seed_variants)
            set_keyed_request(scope, KeyedRequest(face.key, again if query is None else lambda: query, is_cached))
            return None
        base = self._urls.base(scope, headers.get(b"host"), kept=True)
        if face.reply is None or face.answer is not answer or face.base != base:
            face.answer, face.base = answer, base
            face.reply = face_reply(answer, base=base, path=self._urls.path(answer))
        return face.reply

    def _read(self, body: bytes) -> tuple[_Face, Query | None]:
        """The face of a body, and its query unless the choice is known. Raises what the parser raises."""
        request, query = parse_body(body), None
        choice = request.choice
        face = None if choice is None else self._by_choice.get(choice)
        if face is None:
            query = request.query(idempotency_key=None, seed_variants=self._seed_variants)
            face = _Face(self._faces.key_of(query))
            if choice is not None:
                remember(self._by_choice, choice, face)
        if (query is None or query.is_cached) and len(body) <= _MAX_MEMO_BODY_BYTES:
            remember(self._by_body, body, face)
        return face, query
