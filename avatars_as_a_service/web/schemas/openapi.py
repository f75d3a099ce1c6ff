"""Parts of the OpenAPI document that FastAPI cannot derive: pictures, headers, parameters parsed by hand."""

from typing import Any, Final

from pydantic import BaseModel

from avatars_as_a_service.domain.picture import PictureFormat

Json = dict[str, Any]
_HEADERS: Final = {
    "Cache-Control": "How long the answer may be kept.",
    "Content-Location": "The URL of the picture in the format that was chosen.",
    "ETag": "The picture's digest, for `If-None-Match`.",
    "Link": "The URL that always shows this picture, as `canonical`.",
    "Preference-Applied": "The preference of `Prefer` that was followed.",
    "RateLimit": "What is left of the limit, and when it begins anew.",
    "RateLimit-Limit": "The requests that the limit allows.",
    "RateLimit-Policy": "The limit and its window, in seconds.",
    "RateLimit-Remaining": "The requests that are left.",
    "RateLimit-Reset": "In how many seconds the limit begins anew.",
    "Retry-After": "In how many seconds to ask again.",
    "WWW-Authenticate": "How to send the key or the token.",
    "X-Avatar-Hash": "The face's key.",
    "X-Avatar-Reason": "Why the answer is provisional; as `reason`.",
    "X-Avatar-Signature": "`expired` or `wrong`, if the URL has such a signature.",
    "X-Avatar-Status": "`kept` or `provisional`.",
    "X-Request-ID": "The request's id, as it stands in the log; a request may bring its own.",
}
_OF_STATUS: Final = {
    401: ("WWW-Authenticate",),
    429: (
        "Retry-After",
        "RateLimit",
        "RateLimit-Limit",
        "RateLimit-Policy",
        "RateLimit-Remaining",
        "RateLimit-Reset",
    ),
    502: ("Retry-After",),
    503: ("Retry-After",),
    504: ("Retry-After",),
}
_PICTURE_HEADERS: Final = ("ETag", "Cache-Control", "X-Avatar-Status", "X-Avatar-Hash", "X-Avatar-Signature", "Link")


def response_headers(*names: str) -> Json:
    """The headers of these names that a response may have."""
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}


def headers_of_status(status: int) -> Json:
    """The headers that any response of that status may have."""
    return response_headers(*_OF_STATUS.get(status, ()), "X-Request-ID")


PICTURE_RESPONSES: Final[dict[int | str, Json]] = {
    200: {
        "content": {kind.media_type: {"schema": {"type": "string", "format": "binary"}} for kind in PictureFormat},
        "description": "The picture.",
        "headers": response_headers(*_PICTURE_HEADERS, "Content-Location"),
    },
    304: {"description": "The client already has this picture.", "headers": response_headers(*_PICTURE_HEADERS)},
}


def query_parameters(model: type[BaseModel]) -> list[Json]:
    """The model's fields as optional query parameters. One without a value, as a form sends it, counts as left out."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": field.pop("description"),
            "allowEmptyValue": True,
            "schema": field,
        }
        for name, field in schema["properties"].items()
    ]


def without_null(schema: Json) -> Json:
    """The schema of a parameter or a header, which can be left out and cannot be null."""
    choices: list[Json] = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    if len(choices) == 1:
        return choices[0] | rest
    return rest | {"anyOf": choices} if choices else rest


def without_defaults(schema: Json) -> None:
    """Remove the defaults of a request's fields: generators of clients require a field that has one."""
    for field in schema.get("properties", {}).values():
        field.pop("default", None)
