"""The OpenAPI document and its page, with assets of our own."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

from avatars_as_a_service.web.bodies import EmbedBody, QueryBody

_ASSETS: Final = "/docs/assets"
_SCRIPTS: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def add_docs(app: FastAPI) -> None:
    """Serve ``/docs``, and describe in ``/openapi.json`` the body that ``POST /query`` parses by itself."""
    # The package holds Swagger UI's published files; nothing of its code is run.
    app.mount(_ASSETS, StaticFiles(packages=[("fastapi_offline", "static")]), name="docs-assets")
    app.add_api_route("/docs", _page(app), include_in_schema=False, response_class=HTMLResponse)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _page(app: FastAPI) -> Any:  # noqa: ANN401 - a route handler
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "").rstrip("/")
        page = get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{_ASSETS}/favicon.png",
        )
        page.headers["Content-Security-Policy"] = _policy(bytes(page.body))
        return page

    return docs


def _policy(page: bytes) -> str:
    """Our own files, and the page's own script by its hash."""
    hashes = (b64encode(sha256(script).digest()).decode() for script in _SCRIPTS.findall(page))
    scripts = " ".join(f"'sha256-{each}'" for each in hashes)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
            license_info=app.license_info,
        )
        _, schemas = models_json_schema(
            [(QueryBody, "validation"), (EmbedBody, "validation")], ref_template="#/components/schemas/{model}"
        )
        document["components"]["schemas"] |= schemas["$defs"]
        for theirs in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(theirs, None)
        document["paths"]["/query"]["post"]["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/QueryBody"}}},
        }
        app.openapi_schema = document
    return app.openapi_schema
