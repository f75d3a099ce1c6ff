"""Draws with an image model behind OpenAI's API: OpenAI's own, Azure's, or a compatible server's."""

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final

import anyio.to_thread
import httpx2
from openai import APIConnectionError, APIStatusError, AsyncAzureOpenAI, AsyncOpenAI, OpenAIError

from avatars_as_a_service.domain.picture import Picture
from avatars_as_a_service.imaging.inspection import NotAPicture, inspect
from avatars_as_a_service.providers.answers import PaidAnswer
from avatars_as_a_service.providers.base import (
    BilledWithoutPicture,
    Drawing,
    DrawRequest,
    MaybeBilled,
    ModerationFailed,
    ProbeFailed,
    ProviderFailure,
    RetryableFailure,
    Unbilled,
)
from avatars_as_a_service.providers.content_coding import AnswerTooLarge
from avatars_as_a_service.providers.download import Downloader, DownloadFailed
from avatars_as_a_service.providers.endpoint import Endpoint
from avatars_as_a_service.providers.error_answers import failure, request_id_of
from avatars_as_a_service.providers.http_client import track_send
from avatars_as_a_service.providers.parameters import Style, parameters
from avatars_as_a_service.providers.redaction import redacted

_MIN_DOWNLOAD_S: Final = 10
"""The time that a paid picture has to be downloaded, even past the deadline."""
_MODERATION_S: Final = 15
_MODEL_S: Final = 15
_MODERATION_MODEL: Final = "omni-moderation-latest"
_UNREACHABLE: Final = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.ProxyError, TimeoutError)
"""Failures that may not happen again. Their messages are safe for the log; those of others may hold a secret."""
_NO_LIST_OF_MODELS: Final = {404, 405, 501}

_CLIENT_ERRORS: Final = (
    OpenAIError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    AnswerTooLarge,
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
)
"""All that the client library raises for an unexpected answer."""


class OpenAIImages:
    """Draws with ``POST /v1/images/generations``; one call of ``draw`` is one request, never repeated here."""

    def __init__(self, *, endpoint: Endpoint, style: Style, http_client: httpx2.AsyncClient) -> None:
        self._endpoint = endpoint
        self._model = style.model
        self._parameters = {**parameters(style), **endpoint.additions.body}
        self._client = _client(endpoint, http_client)
        self._downloader = Downloader(
            provider=httpx2.URL(endpoint.url + "/"),
            key={**endpoint.key_header, **endpoint.additions.headers},
            private_hosts=endpoint.download_hosts,
        )

    async def draw(self, request: DrawRequest, *, deadline: float) -> Drawing:
        """Draw the request's prompt."""
        response = await self._post(request.prompt, deadline)
        answer = PaidAnswer(response.content, request_id_of(response.headers))
        try:
            async with asyncio.timeout_at(max(deadline, asyncio.get_running_loop().time() + _MIN_DOWNLOAD_S)):
                picture = await self._picture(answer)
        except (NotAPicture, DownloadFailed, TimeoutError) as wrong:
            raise answer.failure(str(wrong) or "its download took too long") from wrong
        return Drawing(picture, answer.usage, answer.request_id)

    async def moderate(self, description: str) -> list[str]:
        """Ask OpenAI's free moderation model."""
        try:
            answer = await self._client.moderations.create(
                model=_MODERATION_MODEL, input=description, timeout=_MODERATION_S
            )
            first = answer.results[0]
            categories = sorted(name for name, hit in first.categories.to_dict().items() if hit)
            flagged = bool(first.flagged)
        except _CLIENT_ERRORS as failed:
            raise ModerationFailed from failed
        return (categories or ["other"]) if flagged else []

    async def model_shutdown_date(self) -> date | None:
        """Ask OpenAI's list of models; a compatible server has no such date and is not asked."""
        if not self._endpoint.is_official:
            return None
        try:
            model = await self._client.models.retrieve(self._model, timeout=_MODEL_S)
            return date.fromisoformat(model.shutdown_date) if model.shutdown_date else None
        except _CLIENT_ERRORS:
            return None

    async def probe(self) -> str:
        """Ask for the list of models, which is free."""
        try:
            models = await self._client.models.list(timeout=_MODEL_S)
            names = [model.id for model in models.data or []]
        except APIStatusError as refused:
            if refused.status_code in _NO_LIST_OF_MODELS:
                return "it answers, and has no list of models"
            said = failure(refused, sent=(), redact=self._redactor(""))
            raise ProbeFailed(f"it answers {said.outcome}" + (f": {said.message}" if said.message else "")) from refused
        except _CLIENT_ERRORS as failed:
            raise ProbeFailed(f"it does not answer ({type(_cause(failed)).__name__})") from failed
        if self._endpoint.api_version is not None:
            return "it answers"
        has_model = self._model in names
        return f"it answers and has {self._model}" if has_model else f"it answers, but does not list {self._model}"

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _post(self, prompt: str, deadline: float) -> httpx2.Response:
        """Send the request and return the response if its status is a success; its body is not parsed yet."""
        with track_send() as tracker:
            try:
                async with asyncio.timeout_at(deadline):
                    raw = await self._client.images.with_raw_response.generate(
                        prompt=prompt,
                        model=self._model,  # the SDK makes Azure's URL of it
                        extra_body=dict(self._parameters),
                    )
                    return raw.http_response
            except APIStatusError as refused:
                raise failure(refused, sent=list(self._parameters), redact=self._redactor(prompt)) from refused
            except Exception as failed:
                if not tracker.body_started:
                    raise _not_sent(failed) from failed
                if isinstance(failed, TimeoutError):
                    raise
                raise _not_answered(failed) from failed

    def _redactor(self, prompt: str) -> Callable[[str], str]:
        return partial(redacted, prompt=prompt, secrets=self._endpoint.secrets)

    async def _picture(self, answer: PaidAnswer) -> Picture:
        found = answer.picture()
        data = await self._downloader.download(found) if isinstance(found, str) else found
        return await anyio.to_thread.run_sync(inspect, data)


def _not_sent(failed: Exception) -> Unbilled:
    """Classify a failure before any byte of the body was sent: the call cannot be billed."""
    cause = _cause(failed)
    outcome = type(cause).__name__
    if isinstance(cause, _UNREACHABLE):
        return RetryableFailure(outcome, reason=f"nothing was sent: {str(cause) or 'no connection in time'}")
    return Unbilled(outcome, reason="nothing was sent: the request cannot be made")


def _not_answered(failed: Exception) -> ProviderFailure:
    """Classify a failure after sending began, without a complete answer."""
    if isinstance(failed, AnswerTooLarge):
        reason = "it cannot be read"
        return BilledWithoutPicture("unreadable_answer", reason=reason, usage=None, request_id=None)
    return MaybeBilled(type(_cause(failed)).__name__)


def _cause(failed: BaseException) -> BaseException:
    """Return the exception that the SDK has wrapped, or the failure itself."""
    return failed.__cause__ or failed if isinstance(failed, APIConnectionError) else failed


def _client(endpoint: Endpoint, http_client: httpx2.AsyncClient) -> AsyncOpenAI:
    """Build the SDK's client, which sends each request once."""
    account = endpoint.account
    options: dict[str, Any] = {
        "api_key": account.api_key,
        "max_retries": 0,
        "default_headers": {"Accept-Encoding": "identity", **endpoint.additions.headers},
        "default_query": dict(endpoint.additions.query),
        "http_client": http_client,
    }
    client = (
        AsyncOpenAI(base_url=endpoint.url, **options)
        if endpoint.api_version is None
        else AsyncAzureOpenAI(azure_endpoint=endpoint.url, api_version=endpoint.api_version, **options)
    )
    # Set here, because the constructor takes None as an order to read the unchecked environment.
    client.organization, client.project = account.organization, account.project
    return client
