"""Error responses: the only place that turns errors into HTTP."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from avatars_as_a_service.errors import AvatarsError, DatabaseUnavailable, ImageStoreUnavailable
from avatars_as_a_service.web.requests.parsing import echo
from avatars_as_a_service.web.responses.outcome import Outcome, set_outcome
from avatars_as_a_service.web.schemas.responses import BAD_INPUT_EXAMPLE, BadInputResponse, ErrorResponse

log = structlog.get_logger(__name__)
NO_STORE: Final[Mapping[str, str]] = MappingProxyType({"Cache-Control": "no-store"})
_MAX_PREFIX: Final = 100
_CODES: Final = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large"}


def add_handlers(app: FastAPI) -> None:
    """Answer every error as ``{"detail", "code"}``, and bad input in FastAPI's own form."""
    app.add_exception_handler(AvatarsError, _own_error)
    app.add_exception_handler(RequestValidationError, _bad_input)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _client_left)
    app.add_exception_handler(Exception, _unexpected)


def error_response(error: AvatarsError) -> JSONResponse:
    """The response to one of our own errors. Logs why the database or the image store is unavailable."""
    if isinstance(error, DatabaseUnavailable):
        log.warning("the database cannot be used", reason=error.reason)
    if isinstance(error, ImageStoreUnavailable):
        log.warning("the image store cannot be used", reason=error.reason)
    headers = {**NO_STORE, **error.headers}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return JSONResponse({"detail": error.detail, "code": error.code}, error.status, headers)


def documented(*kinds: type[AvatarsError], takes_input: bool = False) -> dict[int | str, dict[str, Any]]:
    """The errors of a route for the OpenAPI document, by status; ``takes_input`` adds that of bad input."""
    by_status: dict[int, list[type[AvatarsError]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    answers: dict[int | str, dict[str, Any]] = {
        status: _documented(HTTPStatus(status), of_status) for status, of_status in by_status.items()
    }
    if takes_input:
        bad = HTTPStatus.UNPROCESSABLE_ENTITY
        answers[int(bad)] = _with_bad_input(answers.get(int(bad)) or _documented(bad, []))
    return answers


def _documented(status: HTTPStatus, kinds: list[type[AvatarsError]]) -> dict[str, Any]:
    meanings = " ".join(f"`{kind.code}`: {_first_line(kind)}" for kind in kinds)
    examples = {
        kind.code: {"value": {"detail": _first_line(kind), "code": kind.code}, "summary": kind.code} for kind in kinds
    }
    content = {"application/json": {"examples": examples}}
    return {"model": ErrorResponse, "description": f"{status.phrase}. {meanings}".strip(), "content": content}


def _with_bad_input(answer: dict[str, Any]) -> dict[str, Any]:
    example = {"bad_input": {"value": {"detail": [BAD_INPUT_EXAMPLE]}, "summary": "bad input"}}
    examples = example | answer["content"]["application/json"]["examples"]
    return {
        "model": BadInputResponse | ErrorResponse,
        "description": f"{answer['description']} Bad input has a list of what is wrong instead of a code.".strip(),
        "content": {"application/json": {"examples": examples}},
    }


def _first_line(kind: type[AvatarsError]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


async def _own_error(_request: Request, error: Exception) -> JSONResponse:
    return error_response(error)  # type: ignore[arg-type]  # registered for this class


async def _bad_input(_request: Request, error: Exception) -> JSONResponse:
    problems = [_without_context(found) for found in error.errors()]  # type: ignore[attr-defined]  # as above
    return JSONResponse({"detail": problems}, HTTPStatus.UNPROCESSABLE_ENTITY, NO_STORE)


def _without_context(found: dict[str, Any]) -> dict[str, Any]:
    return {"type": found["type"], "loc": list(found["loc"]), "msg": found["msg"], "input": echo(found.get("input"))}


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, status.phrase.lower().replace(" ", "_"))
    detail = _nothing_here(request) if status is HTTPStatus.NOT_FOUND else str(error.detail)
    return JSONResponse({"detail": detail, "code": code}, status, {**NO_STORE, **(error.headers or {})})


def _nothing_here(request: Request) -> str:
    """What a 404 says; more where a proxy has not removed the path below which it serves the service."""
    path: str = request.scope["path"]
    first, below = path[: path.find("/", 1)], path[path.find("/", 1) :]
    shorter = {**request.scope, "path": below}
    if path.count("/") == 1 or all(route.matches(shorter)[0] is Match.NONE for route in request.app.routes):
        return "There is nothing at this URL."
    return (
        f"There is nothing at this URL, but there is something without {first[:_MAX_PREFIX]}: a proxy that serves this "
        "service below that path has to remove it."
    )


async def _client_left(request: Request, _error: Exception) -> Response:
    """A response that no client reads; the outcome tells the log that the client closed the connection."""
    set_outcome(request.scope, Outcome.LEFT)
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    return error_response(AvatarsError("Something went wrong here. Its request id stands in the log."))
