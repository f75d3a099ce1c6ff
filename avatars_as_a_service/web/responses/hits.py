"""The response to a hit of ``POST /query``: encoded here for every way that a request takes."""

import math
from functools import lru_cache
from typing import Self

from pydantic_core import to_json
from starlette.responses import Response

from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.web.responses.encoded_headers import EncodedHeaders
from avatars_as_a_service.web.responses.outcome import Outcome
from avatars_as_a_service.web.responses.security_policy import SECURITY_HEADERS
from avatars_as_a_service.web.urls import face_path


class EncodedResponse(Response):
    """A response with encoded headers, which many responses may share."""

    raw_headers: EncodedHeaders  # type: ignore[assignment]  # only read
    outcome = Outcome.HIT
    """What log and metrics name it, where it is sent from memory."""
    is_shared = False
    """Whether its headers say that any site's page may show it."""

    def __init__(self, status_code: int, headers: EncodedHeaders, body: bytes = b"") -> None:
        self.status_code = status_code
        self.raw_headers = headers
        self.body = body
        self.background = None

    def with_headers(self, *more: tuple[str, str]) -> Self:
        """Return the response with more headers."""
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in more]
        return type(self)(self.status_code, EncodedHeaders.of([*self.raw_headers, *headers]), bytes(self.body))


def face_reply(answer: Answer, *, base: str, path: str) -> EncodedResponse:
    """The answer as an ``AnswerResponse`` with the picture's URL, ``base`` and ``path``. 202 if it is still drawn."""
    has_status = answer.provisional and answer.image_hash != ""
    body = to_json(
        {
            "data": {"image_hash": answer.image_hash, "image_url": base + path},
            "cache_hit": answer.cache_hit,
            "prompt": answer.prompt,
            "provisional": answer.provisional,
            "cost_usd": usd(answer.cost),
            "reason": answer.reason,
            "status_url": base + face_path(answer.image_hash) if has_status else None,
        }
    )
    reply = EncodedResponse(202 if answer.still_drawing else 200, _face_headers(len(body)), body)
    return reply if answer.ready_in is None else reply.with_headers(("Retry-After", str(math.ceil(answer.ready_in))))


@lru_cache(1024)
def _face_headers(length: int) -> EncodedHeaders:
    """The headers that all bodies of that length share."""
    return EncodedHeaders.of(
        [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"content-length", b"%d" % length),
            *SECURITY_HEADERS,
        ]
    )
