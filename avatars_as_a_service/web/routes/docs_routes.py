"""``/openapi.json`` and ``/docs``: the OpenAPI document and its page, with assets that the service has itself."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from avatars_as_a_service.web.responses import compression
from avatars_as_a_service.web.route_access import Access, declare
from avatars_as_a_service.web.routes.document import document
from avatars_as_a_service.web.urls import PictureUrls, root_path_of

_ASSETS: Final = "docs/assets"
_DOCUMENT: Final = "openapi.json"
_DARK: Final = b"""<script>
document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches)
</script>
</head>"""
"""Swagger UI has colours for dark mode, and leaves it to the page when to show them."""
_SCRIPTS: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class _Assets(StaticFiles):
    """Files whose compressed forms have ETags too."""

    def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
        """Whether the client has the file, compressed or not."""
        tags = request_headers.get("if-none-match")
        if tags is None:
            return super().is_not_modified(response_headers, request_headers)
        return compression.matching_tag(tags, response_headers["etag"]) is not None


def add_docs(app: FastAPI, urls: PictureUrls) -> None:
    """Serve ``/docs``, and ``/openapi.json`` with what FastAPI cannot derive from the routes too."""
    # Only the package's copy of Swagger UI's files is used, none of its code.
    assets = declare(Access.OPEN)(_Assets(packages=[("fastapi_offline", "static")]))
    app.mount(f"/{_ASSETS}", assets, name="docs-assets")
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    app.add_api_route(f"/{_DOCUMENT}", _document(app, urls), include_in_schema=False)
    app.add_api_route("/docs", _page(app), include_in_schema=False, response_class=HTMLResponse)


def _document(app: FastAPI, urls: PictureUrls) -> Any:  # noqa: ANN401 - a route handler
    @declare(Access.OPEN)
    async def openapi(request: Request) -> JSONResponse:
        return JSONResponse(app.openapi() | {"servers": _servers(request.scope, urls.public_url)})

    return openapi


def _servers(scope: Scope, public_url: str | None) -> list[dict[str, str]]:
    """Where the service is: as it is set, as a proxy or server says, and where the document itself came from."""
    known = public_url or root_path_of(scope)
    here = {"url": "./", "description": "where this document is"}
    return [{"url": known}, here] if known else [here]


def _page(app: FastAPI) -> Any:  # noqa: ANN401 - a route handler
    # Relative URLs: a proxy may serve the page below a path that it does not tell.
    page = get_swagger_ui_html(
        openapi_url=_DOCUMENT,
        title=app.title,
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
    )
    body = bytes(page.body).replace(b"</head>", _DARK, 1)
    policy = _policy(body)

    @declare(Access.OPEN)
    async def docs() -> HTMLResponse:
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})

    return docs


def _policy(page: bytes) -> str:
    """A content security policy that allows the service's own files, and the page's inline scripts by their hashes."""
    hashes = (b64encode(sha256(script).digest()).decode() for script in _SCRIPTS.findall(page))
    scripts = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
