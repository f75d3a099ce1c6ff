"""How the provider answers an image call, and what it bills for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
Format: TypeAlias = Literal["png", "jpeg", "webp"]
ModerationMode: TypeAlias = Literal["ok", "flagged", "down", "hangs"]


class Mode(StrEnum):
    """How an image call is answered."""

    OK = auto()
    SLOW = auto()
    URL = auto()
    URL_RELATIVE = auto()
    URL_ELSEWHERE = auto()
    URL_PRIVATE = auto()
    URL_REDIRECT = auto()
    URL_BROKEN_ONCE = auto()
    URL_ENDLESS = auto()
    URL_HANGS = auto()
    RATE_LIMIT = auto()
    QUOTA = auto()
    SPEND_LIMIT = auto()
    HARD_LIMIT = auto()
    REFUSED = auto()
    REFUSED_OLD = auto()
    BAD_REQUEST = auto()
    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    NOT_FOUND = auto()
    CONFLICT = auto()
    SERVER_ERROR = auto()
    BAD_GATEWAY = auto()
    UNAVAILABLE = auto()
    GATEWAY_TIMEOUT = auto()
    HTML = auto()
    NOT_JSON = auto()
    EMPTY_DATA = auto()
    NO_PICTURE = auto()
    BAD_BASE64 = auto()
    NOT_A_PICTURE = auto()
    TRUNCATED = auto()
    ANIMATED = auto()
    SVG = auto()
    BOMB = auto()
    OVERSIZE = auto()
    LARGE = auto()
    HUGE_BODY = auto()
    HANGS = auto()
    CLOSES = auto()
    CLOSES_MIDWAY = auto()
    RESET = auto()
    TRICKLE = auto()


class Billing(StrEnum):
    """Whether a real provider would send a bill for a call."""

    NO = auto()
    MAYBE = auto()
    YES = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """An error answer in OpenAI's shape."""

    status: HTTPStatus
    code: str | None
    message: str
    type: str = "invalid_request_error"
    param: str | None = None

    def json(self) -> Json:
        """Return the body of the answer."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}


FAILURES: dict[Mode, Failure] = {
    Mode.RATE_LIMIT: Failure(
        HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded", "Rate limit reached. Please try again later.", "requests"
    ),
    Mode.QUOTA: Failure(
        HTTPStatus.TOO_MANY_REQUESTS, "insufficient_quota", "You exceeded your current quota.", "insufficient_quota"
    ),
    Mode.SPEND_LIMIT: Failure(
        HTTPStatus.TOO_MANY_REQUESTS, "project_spend_limit_exceeded", "The project has reached its spend limit."
    ),
    Mode.HARD_LIMIT: Failure(
        HTTPStatus.BAD_REQUEST, "billing_hard_limit_reached", "Billing hard limit has been reached."
    ),
    Mode.REFUSED: Failure(
        HTTPStatus.BAD_REQUEST,
        "moderation_blocked",
        "Your request was rejected by the safety system.",
        "image_generation_user_error",
    ),
    Mode.REFUSED_OLD: Failure(
        HTTPStatus.BAD_REQUEST, "content_policy_violation", "Your request was rejected by our safety system."
    ),
    Mode.BAD_REQUEST: Failure(HTTPStatus.BAD_REQUEST, "invalid_value", "Invalid value: 'size'.", param="size"),
    Mode.UNAUTHORIZED: Failure(HTTPStatus.UNAUTHORIZED, "invalid_api_key", "Incorrect API key provided."),
    Mode.FORBIDDEN: Failure(HTTPStatus.FORBIDDEN, None, "Your organization must be verified to use the model."),
    Mode.NOT_FOUND: Failure(
        HTTPStatus.NOT_FOUND, "model_not_found", "The model does not exist or you do not have access to it."
    ),
    Mode.CONFLICT: Failure(HTTPStatus.CONFLICT, None, "The resource was changed by another request."),
    Mode.SERVER_ERROR: Failure(
        HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "The server had an error.", "server_error"
    ),
    Mode.UNAVAILABLE: Failure(
        HTTPStatus.SERVICE_UNAVAILABLE, None, "The engine is currently overloaded.", "service_unavailable_error"
    ),
}

# Gateways answer with a page of their own, not with the provider's JSON.
GATEWAY_PAGES: dict[Mode, HTTPStatus] = {
    Mode.BAD_GATEWAY: HTTPStatus.BAD_GATEWAY,
    Mode.GATEWAY_TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    Mode.HTML: HTTPStatus.OK,
}

# The provider has read the request and may have drawn; no picture, nor anything like one, came back to tell.
MAYBE_BILLED = frozenset(
    {
        Mode.BAD_GATEWAY,
        Mode.GATEWAY_TIMEOUT,
        Mode.HTML,
        Mode.NOT_JSON,
        Mode.HUGE_BODY,
        Mode.HANGS,
        Mode.CLOSES,
        Mode.RESET,
    }
)


def billing(mode: Mode) -> Billing:
    """Tell whether a call answered in `mode` is billed: errors are not, a lost answer may be, any other 200 is."""
    if mode in FAILURES:
        return Billing.NO
    return Billing.MAYBE if mode in MAYBE_BILLED else Billing.YES
