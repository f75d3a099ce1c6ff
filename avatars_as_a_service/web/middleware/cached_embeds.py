"""Cached embeds: replies to ``GET /avatar…`` that need neither the database nor a render worker."""

import time
from dataclasses import dataclass, field
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.types import Scope

from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.faces.embeds import Embed, Embeds
from avatars_as_a_service.web.middleware.memo import ByteBoundMemo
from avatars_as_a_service.web.requests.accept import accepts_gzip
from avatars_as_a_service.web.requests.embed_path import EmbedPath
from avatars_as_a_service.web.requests.embed_request import EmbedClient, EmbedReader
from avatars_as_a_service.web.responses.embed_replies import embed_reply
from avatars_as_a_service.web.responses.hits import EncodedResponse

_MAX_URL_BYTES: Final = 2_048
"""Longer URLs are left to the framework, and none is remembered."""
_OVERHEAD_BYTES: Final = 2_500
"""Memory of an entry beside its picture and its URL."""
_MAX_TAG_BYTES: Final = 256
_MAX_TAGS: Final = 2

_Key = tuple[str, bytes, bytes | None, bool, str]
"""The path, the query string, ``Accept``, whether gzip is accepted, the URL before the path of a kept picture."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An embed and its reply; they hold as long as memory has the embed's very answer, or still has none.

    ``unchanged`` has the replies without a body by the header ``If-None-Match``. ``expires_at`` is when a valid
    signature ends.
    """

    embed: Embed
    client: EmbedClient
    full: EncodedResponse
    expires_at: float | None
    unchanged: dict[bytes, EncodedResponse] = field(default_factory=dict)

    def reply(self, tags: bytes | None) -> EncodedResponse:
        """The reply to a client that has the pictures with these tags."""
        if tags is None:
            return self.full
        known = self.unchanged.get(tags)
        if known is None:
            known = embed_reply(self.embed, self.client, tags.decode("latin-1"))
            if not known.body and len(tags) <= _MAX_TAG_BYTES and len(self.unchanged) < _MAX_TAGS:
                self.unchanged[tags] = known
        return known


class CachedEmbeds:
    """Replies with faces in memory and with drawings, and remembers each request's reply.

    A request with a valid signature is answered here only if its face is kept: nothing that is remembered has a face
    drawn.
    """

    def __init__(self, embeds: Embeds, reader: EmbedReader, *, max_bytes: int) -> None:
        self._embeds = embeds
        self._holds = embeds.holds
        self._reader = reader
        self._base = reader.base
        self._memo: ByteBoundMemo[_Key, _Entry] = ByteBoundMemo(max_bytes)
        self._cache_version = embeds.cache_version

    def reply(self, scope: Scope, headers: dict[bytes, bytes]) -> EncodedResponse | None:
        """The reply to the request, if it is known or made at once."""
        accept = headers.get(b"accept")
        accepts = accepts_gzip(headers.get(b"accept-encoding"))
        key = (scope["path"], scope["query_string"], accept, accepts, self._base(scope, headers))
        entry = self._memo.get(key)
        if entry is None or not self._is_valid(entry):
            entry = self._new_entry(scope, headers, key)
        return None if entry is None else entry.reply(headers.get(b"if-none-match"))

    def _is_valid(self, entry: _Entry) -> bool:
        embed = entry.embed
        return self._holds(embed.image_hash, embed.answer) and (
            entry.expires_at is None or time.time() <= entry.expires_at
        )

    def _new_entry(self, scope: Scope, headers: dict[bytes, bytes], key: _Key) -> _Entry | None:
        if self._cache_version != self._embeds.cache_version:
            self._cache_version = self._embeds.cache_version
            self._memo.clear()
        size = len(key[0]) + len(key[1]) + len(key[2] or b"")
        path = EmbedPath.parse(key[0])
        if path is None or size > _MAX_URL_BYTES:
            return None
        try:
            parsed = self._reader.read(scope, headers, path)
        except (AvatarsError, RequestValidationError):  # the endpoint answers it
            return None
        embed = self._embeds.get_now(parsed.query)
        if embed is None or (parsed.may_draw and not embed.is_kept):
            return None
        entry = _Entry(embed, parsed.client, embed_reply(embed, parsed.client, None), parsed.expires_at)
        data = embed.picture.data
        size += len(data) if entry.full.body is data else len(data) + len(entry.full.body)
        self._memo.put(key, entry, size + _OVERHEAD_BYTES)
        return entry
