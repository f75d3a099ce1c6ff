"""The OpenAPI document: FastAPI's own, and what FastAPI cannot derive from the routes."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema

from avatars_as_a_service import errors
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.web.responses.error_responses import documented
from avatars_as_a_service.web.route_access import Access, access_of
from avatars_as_a_service.web.schemas.openapi import headers_of_status, without_null
from avatars_as_a_service.web.schemas.requests import QUERY_EXAMPLES, EmbedRequest, FacePageRequest, QueryRequest

Json = dict[str, Any]
_HANDMADE: Final = (QueryRequest, EmbedRequest, FacePageRequest)
"""The models of what routes parse by themselves."""
_SCHEMES: Final[Json] = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, as `avatars keys create` prints it. Needed where a drawing may cost money, once "
        "there is any key; in private mode, also to see what is kept.",
    },
    "ApiKeyHeader": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same API key, for clients that cannot set `Authorization`.",
    },
    "AdminToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The operator's token, `AVATARS_ADMIN_TOKEN`. Where none is set, figures are shown on the "
        "service's own machine without one.",
    },
}
_WITH_KEY: Final[list[Json]] = [{}, {"ApiKey": []}, {"ApiKeyHeader": []}]
"""The empty choice comes first: what is kept needs no key unless the service is private."""
_SECURITY: Final[dict[Access, list[Json]]] = {
    Access.OPEN: [],
    Access.PROBE: [],
    Access.OPERATOR: [{"AdminToken": []}],
    Access.VIEW: _WITH_KEY,
    Access.EMBED: _WITH_KEY,
    Access.PAY: _WITH_KEY,
}

_PRIVATE: Final = (
    errors.ApiKeyNeeded,
    errors.ApiKeyWrong,
    errors.ApiKeyRevoked,
    errors.OriginNotAllowed,
    errors.TooManyRequests,
    errors.TooManyFailures,
    errors.DatabaseUnavailable,
)
_ANYWHERE: Final = (errors.HostNotAllowed, errors.UrlTooLong)
_BEFORE: Final[dict[Access, tuple[type[AvatarsError], ...]]] = {
    Access.OPEN: _ANYWHERE,
    Access.PROBE: (errors.UrlTooLong,),
    Access.OPERATOR: _ANYWHERE,
    Access.VIEW: (*_ANYWHERE, *_PRIVATE),
    Access.EMBED: (*_ANYWHERE, *_PRIVATE),
    Access.PAY: _ANYWHERE,
}
"""The errors that are raised before a request reaches its route. A route that pays documents its own."""
_ERROR: Final = {"$ref": "#/components/schemas/ErrorResponse"}


def document(app: FastAPI) -> Json:
    """The application's document, built once."""
    if app.openapi_schema is None:
        app.openapi_schema = _built(app)
    return app.openapi_schema


def operation_id(route: APIRoute) -> str:
    """The name of the endpoint: it becomes the name of a function in generated clients."""
    return route.name


def _built(app: FastAPI) -> Json:
    built = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
        license_info=app.license_info,
    )
    components = built["components"]
    _, schemas = models_json_schema(
        [(model, "validation") for model in _HANDMADE], ref_template="#/components/schemas/{model}"
    )
    components["schemas"] |= schemas["$defs"]
    for unused in ("HTTPValidationError", "ValidationError", "EmbedRequest", "FacePageRequest"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = _SCHEMES
    access = {str(route.name): access_of(route) for route in iter_route_contexts(app.routes)}
    for operation in _operations(built):
        _complete(operation, access[operation["operationId"]])
    built["paths"]["/query"]["post"]["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/QueryRequest"},
                "examples": QUERY_EXAMPLES,
            }
        },
    }
    return built


def _operations(built: Json) -> Iterator[Json]:
    for path in built["paths"].values():
        yield from path.values()


def _complete(operation: Json, access: Access) -> None:
    """Add who may ask, the errors that are raised before the route, and headers. Parameters are never null."""
    operation["security"] = _SECURITY[access]
    if parameters := operation.get("parameters"):
        operation["parameters"] = [each | {"schema": without_null(each["schema"])} for each in parameters]
    responses = _error_responses(*_BEFORE[access]) | operation["responses"]
    operation["responses"] = dict(sorted(responses.items()))
    for status, response in operation["responses"].items():
        response["headers"] = response.get("headers", {}) | headers_of_status(int(status))


def _error_responses(*kinds: type[AvatarsError]) -> Json:
    """What FastAPI makes of the same errors at a route."""
    responses: Json = {}
    for status, response in documented(*kinds).items():
        content = {"application/json": response["content"]["application/json"] | {"schema": _ERROR}}
        responses[str(status)] = {"description": response["description"], "content": content}
    return responses
