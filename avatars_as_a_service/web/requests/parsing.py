"""Parses queries, for the middleware and the endpoints alike."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from avatars_as_a_service.domain.features import MAX_VARIANT
from avatars_as_a_service.domain.query import Query
from avatars_as_a_service.errors import BadIdempotencyKey
from avatars_as_a_service.web.schemas.requests import (
    EmbedRequest,
    FacePageRequest,
    PropertiesRequest,
    QueryRequest,
    SizeRequest,
)

MAX_IDEMPOTENCY_KEY: Final = 255
_PICTURE_NAME: Final = re.compile(r"[0-9a-f]{64}\.[a-z]{1,8}")
_JSON: Final = re.compile(rb"application/(?:[a-z0-9!#$&^_.+-]+\+)?json")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BESIDE: Final = QueryRequest.model_fields
_INSIDE: Final = PropertiesRequest.model_fields
_Body = TypeVar("_Body", bound=BaseModel)
_SEED: Final = "seed"
_NOTHING: Final[Mapping[str, str]] = {}
_MAX_ECHO: Final = 100
_MAX_PROBLEMS: Final = 20
_SAFE_INTEGER: Final = 2**53
"""Every JSON parser reads smaller integers exactly."""


@lru_cache(64)
def is_json(content_type: bytes | None) -> bool:
    """Whether this ``Content-Type`` is JSON's: ``application/json``, or a type with the suffix ``+json``."""
    return _JSON.fullmatch((content_type or b"").partition(b";")[0].strip().lower()) is not None


def parse_picture_name(name: str) -> tuple[str, str] | None:
    """The digest and the format in a picture's file name, ``jpeg`` for ``jpg``; ``None`` if it is no such name."""
    if not _PICTURE_NAME.fullmatch(name):
        return None
    return name[:64], "jpeg" if name.endswith(".jpg") else name[65:]


def parse_query(body: bytes, *, idempotency_key: str | None, seed_variants: int) -> Query:
    """The query in a JSON body; a seed picks among so many variants.

    Raises ``BadIdempotencyKey``, ``ConflictingFeatures``, or ``RequestValidationError`` with each bad field and its
    allowed values.
    """
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= MAX_IDEMPOTENCY_KEY:
        raise BadIdempotencyKey(MAX_IDEMPOTENCY_KEY)
    return parse_body(body).query(idempotency_key=idempotency_key, seed_variants=seed_variants)


def parse_body(body: bytes) -> QueryRequest:
    """What a JSON body gives. Raises ``RequestValidationError`` with each bad field and its allowed values."""
    try:
        return QueryRequest.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise RequestValidationError(_problems(error, "body")) from None


def is_digest(name: str) -> bool:
    """Whether a picture's name is its digest alone, without a format."""
    return _DIGEST.fullmatch(name) is not None


def parse_size(parameters: Iterable[tuple[str, str]]) -> int | None:
    """The size in a kept picture's URL, if it has one. Raises ``RequestValidationError``."""
    return _parsed(SizeRequest, parameters).size


def parse_embed(parameters: Iterable[tuple[str, str]], *, text: str | None = None) -> EmbedRequest:
    """The features and options in an ``/avatar`` URL; the text of its path is the seed.

    Raises ``RequestValidationError`` for a wrong feature, or a seed that is too long.
    """
    if text is None:
        return _parsed(EmbedRequest, parameters)
    others = [(name, value) for name, value in parameters if name != _SEED]
    return _parsed(EmbedRequest, [*others, (_SEED, text)], in_path={_SEED: "text"})


def parse_face_page(parameters: Iterable[tuple[str, str]]) -> FacePageRequest:
    """The filters and the page in a ``/faces`` URL. Raises ``RequestValidationError``."""
    return _parsed(FacePageRequest, parameters)


def _parsed(
    model: type[_Body], parameters: Iterable[tuple[str, str]], *, in_path: Mapping[str, str] = _NOTHING
) -> _Body:
    """Parse parameters; one without a value, as a form sends it, counts as left out, but an empty seed is a seed.

    ``in_path`` has the names that parameters have in the path.
    """
    given = {name: value for name, value in parameters if value or name == _SEED}
    try:
        return model.model_validate_strings(given)
    except ValidationError as error:
        problems = _problems(error, "query")
        for problem in problems:
            if problem["loc"][1] in in_path:
                problem["loc"] = ["path", in_path[problem["loc"][1]]]
        raise RequestValidationError(problems) from None


def _problems(error: ValidationError, place: str) -> list[dict[str, Any]]:
    return [
        {
            "type": problem["type"],
            "loc": [place, *(echo(part) for part in problem["loc"])],
            "msg": _message(problem, place),
            "input": echo(problem["input"]),
        }
        for problem in error.errors(include_url=False, include_context=False)[:_MAX_PROBLEMS]
    ]


def _message(problem: ErrorDetails, place: str) -> str:
    field = problem["loc"][-1] if problem["loc"] else ""
    if problem["type"] != "extra_forbidden":
        if field == "variant":
            return f"Input should be an integer from 0 to {MAX_VARIANT}"
        return f"{problem['msg']}: true or false" if problem["type"].startswith("bool_") else problem["msg"]
    if place == "query":
        return f"There is no such field; allowed are {', '.join(EmbedRequest.model_fields)}"
    is_beside = len(problem["loc"]) == 1
    fields, others = (_BESIDE, _INSIDE) if is_beside else (_INSIDE, _BESIDE)
    if field in others:
        place = f'inside properties: {{"properties": {{"{field}": …}}}}' if is_beside else "beside properties"
        return f"{field} belongs {place}"
    return f"There is no such field; allowed are {', '.join(fields)}"


def echo(given: object) -> object:
    """The input as an error may repeat it: text cut short, and the type's name for anything but plain values."""
    if isinstance(given, str):
        return given[:_MAX_ECHO].encode("utf-8", "replace").decode()
    plain = given is None or (isinstance(given, bool | int) and abs(given) < _SAFE_INTEGER)
    return given if plain else type(given).__name__
