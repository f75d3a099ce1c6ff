"""Turns errors into HTTP: the one place where a status is given."""

import math
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from avatars_as_a_service.errors import AvatarsError, DatabaseUnavailable, ImageStoreUnavailable
from avatars_as_a_service.web.bodies import BAD_INPUT_EXAMPLE, BadInputBody, ErrorBody
from avatars_as_a_service.web.parsing import echo

log = structlog.get_logger(__name__)
NO_STORE: Final = {"Cache-Control": "no-store"}
_CODES: Final = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large"}


def add_handlers(app: FastAPI) -> None:
    """Every error gets the form ``{"detail", "code"}``; bad input keeps FastAPI's own."""
    app.add_exception_handler(AvatarsError, _ours)
    app.add_exception_handler(RequestValidationError, _bad_input)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _unforeseen)


def problem(error: AvatarsError) -> JSONResponse:
    """The answer to one of our own errors. The log hears why what should be there is away."""
    if isinstance(error, DatabaseUnavailable):
        log.warning("the database cannot be used", reason=error.reason)
    if isinstance(error, ImageStoreUnavailable):
        log.warning("the image store cannot be used", reason=error.reason)
    headers = {**NO_STORE, **error.headers}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return JSONResponse({"detail": error.detail, "code": error.code}, error.status, headers)


def documented(*kinds: type[AvatarsError], takes_input: bool = False) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of these errors: each status with its codes, and of bad input."""
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
    return {"model": ErrorBody, "description": f"{status.phrase}. {meanings}", "content": content}


def _with_bad_input(answer: dict[str, Any]) -> dict[str, Any]:
    example = {"bad_input": {"value": {"detail": [BAD_INPUT_EXAMPLE]}, "summary": "bad input"}}
    examples = example | answer["content"]["application/json"]["examples"]
    return {
        "model": BadInputBody | ErrorBody,
        "description": f"{answer['description']} Bad input has a list of what is wrong instead of a code.".strip(),
        "content": {"application/json": {"examples": examples}},
    }


def _first_line(kind: type[AvatarsError]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    return problem(error)  # type: ignore[arg-type]  # registered for this class


async def _bad_input(_request: Request, error: Exception) -> JSONResponse:
    problems = [_without_context(found) for found in error.errors()]  # type: ignore[attr-defined]  # as above
    return JSONResponse({"detail": problems}, HTTPStatus.UNPROCESSABLE_ENTITY, NO_STORE)


def _without_context(found: dict[str, Any]) -> dict[str, Any]:
    return {"type": found["type"], "loc": list(found["loc"]), "msg": found["msg"], "input": echo(found.get("input"))}


async def _of_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, status.phrase.lower().replace(" ", "_"))
    detail = "There is nothing at this address." if status is HTTPStatus.NOT_FOUND else str(error.detail)
    return JSONResponse({"detail": detail, "code": code}, status, {**NO_STORE, **(error.headers or {})})


async def _left(request: Request, _error: Exception) -> Response:
    """Nobody reads it; the log shows that it was not our fault."""
    request.state.outcome = "left"
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _unforeseen(_request: Request, _error: Exception) -> JSONResponse:
    return problem(AvatarsError("Something went wrong here. Its request id stands in the log."))
