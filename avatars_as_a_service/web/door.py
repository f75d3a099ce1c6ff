"""The front door: hits answered from memory before the framework is asked. All else goes on, body and all.

It decides nothing by itself: the same parser reads the body, the same service recalls the face, the same shape is sent,
the same log hears of it.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Final, TypeVar

from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.picture import SIZES, Picture
from avatars_as_a_service.service.conversation import Answer, Query
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.gates import CrossOrigin, RequestLog, first_of_each
from avatars_as_a_service.web.kept import look_for
from avatars_as_a_service.web.parsing import is_json, parse_picture_name, parse_query
from avatars_as_a_service.web.replies import FOR_EVER, Reply, face_reply, picture_reply

_MAX_BODY: Final = 4096
"""A larger body is no everyday query; it goes on as soon as it shows."""
_MAX_DIGITS: Final = len(str(_MAX_BODY))
"""A longer length is announced for a larger body alone."""
_IMAGES: Final = "/images/"
_MAX_MEMO: Final = 16_384
"""More than there are faces in the whole catalogue."""
_MAX_MEMO_BODY: Final = 512
_MAX_MEMO_TAG: Final = 256
_SIZES: Final[dict[bytes, int | None]] = {b"": None} | {b"size=%d" % size: size for size in SIZES}
"""What stands after the ``?`` of a picture's everyday address."""

_K = TypeVar("_K")
_V = TypeVar("_V")


class FrontDoor:
    """Plain ASGI: answers hits by itself, and hands every other request to ``app``, which stands behind the gates."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        key: Callable[[Query], str],
        recall: Callable[[str], Answer | None],
        picture: Callable[[str, str, int | None], Picture | None],
        log: RequestLog,
        cross_origin: CrossOrigin | None,
        addresses: Addresses,
    ) -> None:
        self._app = app
        self._key = key
        self._recall = recall
        self._picture = picture
        self._log = log
        self._cross_origin = cross_origin
        self._addresses = addresses
        self._keys: dict[bytes, str] = {}
        self._unchanged: dict[tuple[str, bytes], tuple[bytes | None, Reply]] = {}
        self._replies: dict[str, tuple[Answer, str, Reply]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hit, or pass the request on."""
        began, reply = perf_counter(), None
        method = scope.get("method")  # of HTTP alone
        if method == "POST" and scope["path"] == "/query":
            headers = first_of_each(scope)
            if _is_everyday(headers):
                message = await receive()
                reply = self._face(scope, headers, message)
                if reply is None:
                    receive = _again(message, receive)
        elif method == "GET":
            headers = first_of_each(scope)
            reply = self._image(scope["path"], scope["query_string"], headers.get(b"if-none-match"))
        if reply is None:
            await self._app(scope, receive, send)
            return
        request_id = self._log.request_id(headers)
        start = reply.raw_headers.plus(b"x-request-id", request_id)
        if self._cross_origin is not None:
            for name, value in await self._cross_origin.headers(headers.get(b"origin")):
                start = start.plus(name, value)
        await send({"type": "http.response.start", "status": reply.status_code, "headers": start})
        await send({"type": "http.response.body", "body": reply.body})
        self._log.hit(scope, request_id, reply.status_code, began)

    def forget(self) -> None:
        """Ask the memory again whether pictures are there."""
        self._unchanged.clear()

    def _face(self, scope: Scope, headers: dict[bytes, bytes], message: Message) -> Reply | None:
        if message.get("more_body", True):
            return None
        body = message["body"]
        key = self._keys.get(body) or self._parsed(body)
        if key is None:
            return None
        answer = self._recall(key)
        if answer is None:
            look_for(scope, key)
            return None
        base = self._addresses.base(scope, headers.get(b"host"), kept=True)
        shaped = self._replies.get(answer.image_hash)
        if shaped is None or shaped[0] is not answer or shaped[1] != base:
            shaped = (answer, base, face_reply(answer, base=base, path=self._addresses.path(answer)))
            _remember(self._replies, answer.image_hash, shaped)
        return shaped[2]

    def _parsed(self, body: bytes) -> str | None:
        """The key of the face that is asked for; ``None`` for what is not cached and for what is wrong."""
        if len(body) > _MAX_BODY:
            return None
        try:
            query = parse_query(body, idempotency_key=None)
        except (AvatarsError, RequestValidationError):
            return None
        if not query.is_cached:
            return None
        key = self._key(query)
        if len(body) <= _MAX_MEMO_BODY:
            _remember(self._keys, body, key)
        return key

    def _image(self, path: str, query: bytes, tags: bytes | None) -> Reply | None:
        unchanged = self._unchanged.get((path, query))
        if unchanged is not None and unchanged[0] == tags:
            return unchanged[1]
        if query not in _SIZES or not path.startswith(_IMAGES):
            return None
        name = parse_picture_name(path[len(_IMAGES) :])
        picture = name and self._picture(*name, _SIZES[query])
        if not picture:
            return None
        reply = picture_reply(
            picture, lifetime=FOR_EVER, status=None, if_none_match=None if tags is None else tags.decode("latin-1")
        )
        # Where the client has it, nothing here holds a picture that the memory lets go of.
        if not reply.body and len(tags or b"") <= _MAX_MEMO_TAG:
            _remember(self._unchanged, (path, query), (tags, reply))
        return reply


def _is_everyday(headers: dict[bytes, bytes]) -> bool:
    """Whether a query may be for a kept face. Any other may be refused before its body comes."""
    return (
        b"idempotency-key" not in headers
        and is_json(headers.get(b"content-type"))
        and len(headers.get(b"content-length", b"")) <= _MAX_DIGITS
    )


def _again(message: Message, receive: Receive) -> Receive:
    """A way to receive that message again, and then the others."""
    waiting = [message]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _remember(memo: dict[_K, _V], key: _K, value: _V) -> None:
    """Bounded in the simplest way there is: what is asked for all day is soon there again."""
    if len(memo) >= _MAX_MEMO:
        memo.clear()
    memo[key] = value
