"""Cached faces: replies to ``POST /query`` from memory."""

from functools import partial
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.types import Message, Scope

from avatars_as_a_service.domain.query import Answer, Query
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.web.middleware.memo import remember
from avatars_as_a_service.web.requests.keyed_request import KeyedRequest, set_keyed_request
from avatars_as_a_service.web.requests.parsing import is_json, parse_query
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


class CachedFaces:
    """Replies with the faces that this process remembers, and remembers each body's key and each face's reply."""

    def __init__(self, faces: FaceService, addresses: PictureUrls, *, seed_variants: int) -> None:
        self._faces = faces
        self._seed_variants = seed_variants
        self._addresses = addresses
        self._keys: dict[bytes, str] = {}
        self._replies: dict[str, tuple[Answer, str, EncodedResponse]] = {}

    def reply(self, scope: Scope, headers: dict[bytes, bytes], message: Message) -> EncodedResponse | None:
        """The reply to the request whose body's first part is ``message``, if its face is cached.

        If it is not, what is known of the query is left in the scope for the endpoint.
        """
        if message.get("more_body", True):
            return None
        body = message["body"]
        key, query = self._keys.get(body), None
        if key is None:
            query = self._parse(body)
            if query is None:
                return None
            key = self._key_of(query, body)
        is_cached = query is None or query.is_cached
        answer = self._faces.get_cached(key) if is_cached else None
        if answer is None:
            again = partial(parse_query, body, idempotency_key=None, seed_variants=self._seed_variants)
            set_keyed_request(scope, KeyedRequest(key, again if query is None else lambda: query, is_cached))
            return None
        base = self._addresses.base(scope, headers.get(b"host"), kept=True)
        encoded = self._replies.get(answer.image_hash)
        if encoded is None or encoded[0] is not answer or encoded[1] != base:
            encoded = (answer, base, face_reply(answer, base=base, path=self._addresses.path(answer)))
            remember(self._replies, answer.image_hash, encoded)
        return encoded[2]

    def _key_of(self, query: Query, body: bytes) -> str:
        key = self._faces.key_of(query)
        if query.is_cached and len(body) <= _MAX_MEMO_BODY_BYTES:
            remember(self._keys, body, key)
        return key

    def _parse(self, body: bytes) -> Query | None:
        """The query; ``None`` for a large body, and for an invalid one, which the endpoint answers."""
        if len(body) > _MAX_BODY_BYTES:
            return None
        try:
            return parse_query(body, idempotency_key=None, seed_variants=self._seed_variants)
        except (AvatarsError, RequestValidationError):
            return None
