"""Draws with an image model behind OpenAI's API, OpenAI's own or a compatible server's."""

import asyncio
import base64
import math
from collections.abc import AsyncIterator, Mapping
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any, Final

import anyio.to_thread
import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAIError
from pydantic import BaseModel, ValidationError

from avatars_as_a_service.images.inspection import NotAPicture, inspect
from avatars_as_a_service.picture import MAX_PICTURE_BYTES, Picture
from avatars_as_a_service.pricing import Usage
from avatars_as_a_service.providers.contract import (
    BilledForNothing,
    Commission,
    Drawing,
    MaybeBilled,
    ModerationFailed,
    OutOfQuota,
    ProviderFailure,
    RefusedByModel,
    Unbilled,
    UnbilledForNow,
    WrongRequest,
)
from avatars_as_a_service.providers.download import DownloadFailed, download
from avatars_as_a_service.providers.parameters import Style, parameters

OFFICIAL_HOST: Final = "api.openai.com"
_MAX_ANSWER_BYTES: Final = 2 * MAX_PICTURE_BYTES
"""Base64 takes four bytes for three; the rest is room for what stands around it."""
_CONNECT_S: Final = 10
_LEAST_FETCH_S: Final = 10
"""How long at least, whatever the deadline, a picture may take to be fetched once it is paid for."""
_MODERATION_S: Final = 15
_MODEL_S: Final = 15
_MODERATION_MODEL: Final = "omni-moderation-latest"
_MAX_CONNECTIONS: Final = 1000
_QUOTA: Final = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "billing_hard_limit_reached",
}
_REFUSED: Final = {"moderation_blocked", "content_policy_violation"}
_SURELY_UNBILLED: Final = {409, 429, 500, 503}
_NEVER_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_WRONG_REQUEST: Final = {400, 413, 422}
_TIMEOUT_STATUS: Final = 408
_SERVER_ERROR: Final = 500
_MAX_REQUEST_ID: Final = 200
_MAX_OUTCOME: Final = 50


class _Item(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class _Answer(BaseModel):
    data: list[_Item]
    usage: Any = None


class _AnswerTooLarge(Exception):
    """The answer has more bytes than any picture that would be kept."""


_NO_WORD: Final = (
    OpenAIError,
    httpx2.HTTPError,
    _AnswerTooLarge,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
)
"""Whatever a client library does with an answer that it did not expect."""


class OpenAIImages:
    """Draws with ``POST /v1/images/generations``; one call of ``draw`` is one request, never repeated here."""

    def __init__(self, *, api_key: str, base_url: str, is_official: bool, style: Style) -> None:
        self._base_url = httpx2.URL(base_url + "/")
        self._is_official = is_official
        self._model = style.model
        self._asked = parameters(style)
        self._client = AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            default_headers={"Accept-Encoding": "identity"},
            http_client=_http_client(),
        )

    async def draw(self, commission: Commission, *, deadline: float) -> Drawing:
        """The picture for the commission's prompt."""
        try:
            async with asyncio.timeout_at(deadline):
                raw = await self._client.images.with_raw_response.generate(
                    prompt=commission.prompt, extra_body=dict(self._asked)
                )
        except APIStatusError as refused:
            raise _from_status(refused) from refused
        except APIConnectionError as failed:
            raise _from_connection(failed) from failed
        except (OpenAIError, httpx2.HTTPError, _AnswerTooLarge) as failed:
            reason = "it cannot be read"
            raise BilledForNothing("unreadable_answer", reason=reason, usage=None, request_id=None) from failed
        request_id = _short(raw.headers.get("x-request-id"), _MAX_REQUEST_ID)
        answer = _parsed(raw.http_response.content, request_id)
        usage = _usage(answer.usage)
        try:
            async with asyncio.timeout_at(max(deadline, asyncio.get_running_loop().time() + _LEAST_FETCH_S)):
                picture = await self._picture(answer.data[0])
        except (NotAPicture, DownloadFailed, TimeoutError) as wrong:
            outcome, reason = "no_picture", str(wrong) or "its download takes too long"
            raise BilledForNothing(outcome, reason=reason, usage=usage, request_id=request_id) from wrong
        return Drawing(picture, usage, request_id)

    async def flagged(self, description: str) -> list[str]:
        """What OpenAI's free moderation model says of the text."""
        try:
            answer = await self._client.moderations.create(
                model=_MODERATION_MODEL, input=description, timeout=_MODERATION_S
            )
            first = answer.results[0]
            named = sorted(name for name, hit in first.categories.to_dict().items() if hit)
            flagged = bool(first.flagged)
        except _NO_WORD as failed:
            raise ModerationFailed from failed
        return (named or ["other"]) if flagged else []

    async def switched_off_on(self) -> date | None:
        """What OpenAI's list of models says; compatible servers have no such day and are not asked."""
        if not self._is_official:
            return None
        try:
            model = await self._client.models.retrieve(self._model, timeout=_MODEL_S)
            return date.fromisoformat(model.shutdown_date) if model.shutdown_date else None
        except _NO_WORD:
            return None

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _picture(self, item: _Item) -> Picture:
        if item.b64_json:
            data = _decoded(item.b64_json)
        elif item.url:
            data = await download(item.url, provider=self._base_url)
        else:
            raise NotAPicture("it has neither bytes nor an address")
        return await anyio.to_thread.run_sync(inspect, data)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as wrong:
        raise NotAPicture("it is no base64") from wrong


def _http_client() -> httpx2.AsyncClient:
    """No connection is used twice: one that the server has just closed would leave a paid call in doubt."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(None, connect=_CONNECT_S),
        limits=httpx2.Limits(max_connections=_MAX_CONNECTIONS, max_keepalive_connections=0),
        follow_redirects=False,
        event_hooks={"response": [_bound]},
    )


async def _bound(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _AnswerTooLarge
    response.stream = _BoundedStream(response.stream)


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - httpx2 types it as either kind of stream
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._stream:
            seen += len(chunk)
            if seen > _MAX_ANSWER_BYTES:
                raise _AnswerTooLarge
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _parsed(body: bytes, request_id: str | None) -> _Answer:
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError as wrong:
        reason = "it is not the JSON of a picture"
        raise BilledForNothing("unreadable_answer", reason=reason, usage=None, request_id=request_id) from wrong
    if not answer.data:
        raise BilledForNothing(
            "no_picture", reason="it holds no picture", usage=_usage(answer.usage), request_id=request_id
        )
    return answer


def _usage(said: Any) -> Usage | None:  # noqa: ANN401 - whatever a compatible server sends
    """The tokens, where the provider tells them in OpenAI's form."""
    if not isinstance(said, Mapping):
        return None
    details = said.get("input_tokens_details")
    details = details if isinstance(details, Mapping) else {}
    text_in = details.get("text_tokens", said.get("input_tokens"))
    tokens = [text_in, details.get("image_tokens", 0), said.get("output_tokens")]
    return Usage(*tokens) if all(isinstance(number, int) for number in tokens) else None


def _from_status(refused: APIStatusError) -> ProviderFailure:
    status, request_id = refused.status_code, _short(refused.request_id, _MAX_REQUEST_ID)
    words = [str(word) for word in (refused.code, refused.type) if word]
    outcome = _short(" ".join([str(status), *words[:1]]), _MAX_OUTCOME) or str(status)
    if not _QUOTA.isdisjoint(words):
        return OutOfQuota(outcome, request_id=request_id)
    if not _REFUSED.isdisjoint(words):
        return RefusedByModel(outcome, request_id=request_id)
    if status in _SURELY_UNBILLED:
        return UnbilledForNow(outcome, request_id=request_id, retry_after=_retry_after(refused.response.headers))
    if status >= _SERVER_ERROR or status == _TIMEOUT_STATUS:
        return MaybeBilled(outcome, request_id=request_id)
    if status in _WRONG_REQUEST:
        return WrongRequest(outcome, request_id=request_id)
    return Unbilled(outcome, request_id=request_id)


def _from_connection(failed: APIConnectionError) -> ProviderFailure:
    cause = failed.__cause__
    outcome = type(cause or failed).__name__
    return UnbilledForNow(outcome) if isinstance(cause, _NEVER_SENT) else MaybeBilled(outcome)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number of them or a date; ``None`` for neither."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
        return max(seconds, 0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(said).timestamp() - parsedate_to_datetime(headers["date"]).timestamp(), 0)
    except (ValueError, TypeError, KeyError):
        return None


def _short(said: str | None, most: int) -> str | None:
    """What a provider says, as far as it fits into a column."""
    return said and "".join(character for character in said[:most] if character.isprintable())
