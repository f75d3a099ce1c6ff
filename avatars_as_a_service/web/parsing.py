"""Reads a query from a request: the one parser, whichever way a request takes."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from avatars_as_a_service.errors import BadIdempotencyKey
from avatars_as_a_service.features import MAX_VARIANT
from avatars_as_a_service.service.conversation import Query
from avatars_as_a_service.web.bodies import EmbedBody, PropertiesBody, QueryBody, SizeBody

MAX_IDEMPOTENCY_KEY: Final = 255
_PICTURE_NAME: Final = re.compile(r"[0-9a-f]{64}\.[a-z]{1,8}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_Body = TypeVar("_Body", bound=BaseModel)
_MAX_ECHO: Final = 100
_MAX_PROBLEMS: Final = 20
_SAFE_INTEGER: Final = 2**53
"""Every JSON reader reads smaller ones exactly."""


@lru_cache(64)
def is_json(content_type: bytes | None) -> bool:
    """Whether a Content-Type says JSON."""
    return (content_type or b"").partition(b";")[0].strip().lower() == b"application/json"


def parse_picture_name(name: str) -> tuple[str, str] | None:
    """Digest and extension in a picture's name, or ``None``."""
    return (name[:64], name[65:]) if _PICTURE_NAME.fullmatch(name) else None


def parse_query(body: bytes, *, idempotency_key: str | None) -> Query:
    """The query in a JSON body.

    Raises ``BadIdempotencyKey``, or ``RequestValidationError``, which names each bad field and what is allowed.
    """
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= MAX_IDEMPOTENCY_KEY:
        raise BadIdempotencyKey(MAX_IDEMPOTENCY_KEY)
    try:
        return QueryBody.model_validate_json(body, strict=True).query(idempotency_key)
    except ValidationError as wrong:
        raise RequestValidationError(_problems(wrong, "body")) from None


def is_digest(name: str) -> bool:
    """Whether a picture is named without a format."""
    return _DIGEST.fullmatch(name) is not None


def parse_size(parameters: Iterable[tuple[str, str]]) -> int | None:
    """The size in a kept picture's address, if it has one. Raises ``RequestValidationError``."""
    return _parsed(SizeBody, parameters).size


def parse_embed(parameters: Iterable[tuple[str, str]]) -> EmbedBody:
    """What an address of ``/avatar`` asks for. Raises ``RequestValidationError``."""
    return _parsed(EmbedBody, parameters)


def _parsed(model: type[_Body], parameters: Iterable[tuple[str, str]]) -> _Body:
    """One without a value, as a form sends it, counts as left out."""
    given = {name: value for name, value in parameters if value}
    try:
        return model.model_validate_strings(given)
    except ValidationError as wrong:
        raise RequestValidationError(_problems(wrong, "query")) from None


def _problems(wrong: ValidationError, place: str) -> list[dict[str, Any]]:
    return [
        {
            "type": problem["type"],
            "loc": [place, *(echo(part) for part in problem["loc"])],
            "msg": _message(problem, place),
            "input": echo(problem["input"]),
        }
        for problem in wrong.errors(include_url=False, include_context=False)[:_MAX_PROBLEMS]
    ]


def _message(problem: ErrorDetails, place: str) -> str:
    if problem["type"] != "extra_forbidden":
        is_variant = problem["loc"][-1:] == ("variant",)
        return f"Input should be an integer from 0 to {MAX_VARIANT}" if is_variant else problem["msg"]
    model: type[BaseModel] = QueryBody if len(problem["loc"]) == 1 else PropertiesBody
    fields = (EmbedBody if place == "query" else model).model_fields
    return f"There is no such field; allowed are {', '.join(fields)}"


def echo(given: object) -> object:
    """What was given, if it is short and plain enough to be repeated in an answer."""
    if isinstance(given, str):
        return given[:_MAX_ECHO].encode("utf-8", "replace").decode()
    plain = given is None or (isinstance(given, bool | int) and abs(given) < _SAFE_INTEGER)
    return given if plain else type(given).__name__
