"""Error answers: what a provider's error costs, whether another try may help, and what the provider says of it."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Final

from openai import APIStatusError

from avatars_as_a_service.providers.base import (
    MAX_OUTCOME,
    MaybeBilled,
    OutOfQuota,
    ProviderFailure,
    RefusedByModel,
    RetryableFailure,
    Unbilled,
    WrongRequest,
)
from avatars_as_a_service.providers.parameters import SETTING_OF
from avatars_as_a_service.settings import variable

_QUOTA: Final = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "billing_hard_limit_reached",
    "budget_exceeded",
}
"""The codes of an account without money: OpenAI's, and that of LiteLLM's proxy."""
_NO_MONEY: Final = 402
_REFUSED: Final = {
    "moderation_blocked",
    "content_policy_violation",
    "content_filter",
    "contentfilter",
    "responsibleaipolicyviolation",
}
"""The codes of a refusal, in lower case: OpenAI's, and those of Azure's content filter."""
_REFUSED_IN_WORDS: Final = re.compile(
    r"\bmoderation\b|\bsafety (system|filter|polic)|\bcontent[ _-]?(policy|filter|management)", re.IGNORECASE
)
"""How servers say it that have no code for it."""
_MAY_REFUSE: Final = {400, 403, 422}
_NEVER_GUESSED: Final = {"model", "prompt", "n"}
"""Words that a message may use for something else than the parameter."""
_SURELY_UNBILLED: Final = {409, 429, 500, 503}
_LOST_BY_A_PROXY: Final = re.compile(r"\bAPI(Connection|Timeout)Error\b")
"""How LiteLLM's proxy says, with a 5xx, that its own call broke off: the image server may have drawn."""
_WRONG_REQUEST: Final = {400, 413, 422}
_TIMEOUT_STATUS: Final = 408
_SERVER_ERROR: Final = 500
_MAX_REQUEST_ID: Final = 200
_MESSAGES: Final = ("message", "detail", "error", "msg", "title")
"""The fields in which servers say what is wrong, the plainest first."""
_MAX_DEPTH: Final = 3


def failure(refused: APIStatusError, *, sent: Sequence[str], redact: Callable[[str], str]) -> ProviderFailure:
    """Return the failure that this error answer means.

    ``sent`` names the parameters of the request; ``redact`` takes the prompt and secrets out of a text.
    """
    status, request_id, codes = refused.status_code, request_id_of(refused.response.headers), _codes(refused)
    named = next((code for code in codes if code != str(status)), "")
    outcome = shortened(f"{status} {named}".rstrip(), MAX_OUTCOME) or str(status)
    said = _message(refused.body)
    message = redact(said) or None
    if status == _NO_MONEY or not _QUOTA.isdisjoint(codes):
        return OutOfQuota(outcome, request_id=request_id, message=message)
    in_words = status in _MAY_REFUSE and _REFUSED_IN_WORDS.search(message or "")
    if in_words or not _REFUSED.isdisjoint(code.lower() for code in codes):
        return RefusedByModel(outcome, request_id=request_id, message=message)
    is_lost = status >= _SERVER_ERROR and _LOST_BY_A_PROXY.search(said)
    if status in _SURELY_UNBILLED and not is_lost:
        retry_after = _retry_after(refused.response.headers)
        return RetryableFailure(outcome, request_id=request_id, message=message, retry_after=retry_after)
    if status >= _SERVER_ERROR or status == _TIMEOUT_STATUS:
        return MaybeBilled(outcome, request_id=request_id, message=message)
    if status in _WRONG_REQUEST:
        parameter = _parameter(refused, said, sent)
        setting = parameter and SETTING_OF.get(parameter, variable("extra_body"))
        return WrongRequest(outcome, request_id=request_id, message=message, parameter=parameter, setting=setting)
    return Unbilled(outcome, request_id=request_id, message=message)


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return the provider's id of the call, as long as a column is."""
    return shortened(headers.get("x-request-id"), _MAX_REQUEST_ID)


def shortened(text: str | None, length: int) -> str | None:
    """Return the printable characters of the provider's text, cut to the length of a column."""
    return text and "".join(character for character in text[:length] if character.isprintable())


def _codes(refused: APIStatusError) -> list[str]:
    """Return the error's code and type; Azure has the true reason of a refusal one level deeper."""
    codes = [refused.code, refused.type]
    body = refused.body
    if isinstance(body, Mapping):
        for name in ("innererror", "inner_error"):
            inner = body.get(name)
            codes += [inner.get("code")] if isinstance(inner, Mapping) else []
    return [str(code) for code in codes if code]


def _message(body: object, depth: int = 0) -> str:
    """Return what the answer says, whatever its shape: a text, an object, a list; a page says nothing."""
    if isinstance(body, str):
        return "" if body.lstrip().startswith("<") else body
    if depth == _MAX_DEPTH:
        return ""
    if isinstance(body, Mapping):
        found = next((body[name] for name in _MESSAGES if body.get(name)), None)
        place = body.get("loc")
        said = _message(found, depth + 1)
        return f"{'.'.join(map(str, place))}: {said}" if isinstance(place, list) else said
    if isinstance(body, list):
        return "; ".join(filter(None, (_message(item, depth + 1) for item in body[:3])))
    return ""


def _parameter(refused: APIStatusError, said: str, sent: Sequence[str]) -> str | None:
    """Return the parameter that the server does not take: the one that it names, or the first that it mentions."""
    named = refused.param
    if isinstance(named, str) and named in sent:
        return named
    mentioned = (name for name in sent if name not in _NEVER_GUESSED and re.search(rf"\b{re.escape(name)}\b", said))
    return next(mentioned, None)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``, a number of seconds or a date, as seconds; ``None`` without a valid one."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
        return max(seconds, 0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - parsedate_to_datetime(headers["date"]).timestamp(), 0)
    except (ValueError, TypeError, KeyError):
        return None
