"""The replies to the two requests that come all day: a face's JSON and a picture. Each is shaped here and only here."""

import json
import math
from functools import lru_cache
from typing import Final, Self

from starlette.responses import Response

from avatars_as_a_service.money import usd
from avatars_as_a_service.picture import Picture, PictureFormat
from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.web.hardening import HARDENED
from avatars_as_a_service.web.headers import EncodedHeaders

FOR_EVER: Final = "public, max-age=31536000, immutable"
KEPT: Final = "public, max-age=300, stale-while-revalidate=86400"
PROVISIONAL: Final = "public, max-age=10"
_SVG_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_PICTURES: Final = 16_384
"""Of so many pictures the headers are remembered."""


class Reply(Response):
    """A response whose headers are encoded already."""

    raw_headers: EncodedHeaders

    def __init__(self, status_code: int, headers: EncodedHeaders, body: bytes = b"") -> None:
        self.status_code = status_code
        self.raw_headers = headers
        self.body = body
        self.background = None

    def with_headers(self, *more: tuple[str, str]) -> Self:
        """The same with more headers."""
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in more]
        return type(self)(self.status_code, EncodedHeaders.of([*self.raw_headers, *headers]), bytes(self.body))


def face_reply(answer: Answer, *, base: str, path: str) -> Reply:
    """The answer in the form of ``AnswerBody``; its picture is at ``base`` and ``path``. 202 while that is drawn."""
    before, after = _around_base(answer, path)
    body = before + _quoted(base) + after
    reply = Reply(200 if answer.ready_in is None else 202, _face_headers(len(body)), body)
    return reply if answer.ready_in is None else reply.with_headers(("Retry-After", str(math.ceil(answer.ready_in))))


def picture_reply(picture: Picture, *, lifetime: str, status: str | None, if_none_match: str | None) -> Reply:
    """The picture, or 304 where the client has it. ``status`` is what ``X-Avatar-Status`` says, if anything."""
    etag = f'"{picture.digest}"'
    if if_none_match is not None and _matches(if_none_match, etag):
        return Reply(304, _picture_headers(picture.digest, picture.format, None, lifetime, status))
    headers = _picture_headers(picture.digest, picture.format, len(picture.data), lifetime, status)
    return Reply(200, headers, picture.data)


@lru_cache(1024)
def _face_headers(length: int) -> EncodedHeaders:
    """Shared by all bodies of that length: a process remembers one for each face."""
    return EncodedHeaders.of(
        [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"content-length", b"%d" % length),
            *HARDENED,
        ]
    )


def _around_base(answer: Answer, path: str) -> tuple[bytes, bytes]:
    """The JSON text before and after the base of the picture's address."""
    mark = "\0"
    text = json.dumps(
        {
            "data": {"image_hash": answer.image_hash, "image_url": mark + path},
            "cache_hit": answer.cache_hit,
            "prompt": answer.prompt,
            "provisional": answer.provisional,
            "cost_usd": usd(answer.cost),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    before, _, after = text.partition(json.dumps(mark)[1:-1])
    return before.encode(), after.encode()


@lru_cache(1024)
def _quoted(base: str) -> bytes:
    return json.dumps(base, ensure_ascii=False)[1:-1].encode()


@lru_cache(_PICTURES)
def _picture_headers(
    digest: str, kind: PictureFormat, length: int | None, lifetime: str, status: str | None
) -> EncodedHeaders:
    hardened = {name.decode(): value.decode() for name, value in HARDENED}
    headers = {"etag": f'"{digest}"', "cache-control": lifetime, **hardened}
    if length is not None:
        headers |= {"content-type": kind.media_type, "content-length": str(length)}
    if kind is PictureFormat.SVG:
        headers["content-security-policy"] = _SVG_POLICY
    if status is not None:
        headers["x-avatar-status"] = status
    return EncodedHeaders.of((name.encode(), value.encode()) for name, value in headers.items())


def _matches(if_none_match: str, etag: str) -> bool:
    """RFC 9110, 13.1.2: any of the tags, compared weakly, or a star."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]
