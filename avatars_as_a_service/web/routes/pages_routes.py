"""The web pages: the studio at ``/``, ``/gallery``, ``/dashboard``, and the files and sketches that they load."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.providers.base import ProviderInfo
from avatars_as_a_service.providers.local import local_picture
from avatars_as_a_service.web.requests.accept import accepts_gzip
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.parsing import parse_embed
from avatars_as_a_service.web.responses import compression
from avatars_as_a_service.web.responses.error_responses import NO_STORE
from avatars_as_a_service.web.responses.feature_form import filters, form
from avatars_as_a_service.web.responses.pictures import FOR_EVER, SVG_POLICY
from avatars_as_a_service.web.route_access import Access, declare

_PAGES: Final = {"/": "studio.html", "/gallery": "gallery.html", "/dashboard": "dashboard.html"}
_MEDIA_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_COMPRESSED_ALREADY: Final = {"woff2"}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FINGERPRINT_LENGTH: Final = 12


@dataclass(frozen=True)
class PageFile:
    """A file to send: its bytes, also compressed, and its ETag."""

    name: str
    data: bytes

    @property
    def media_type(self) -> str:
        """The Content-Type."""
        return _MEDIA_TYPES[self._extension]

    @cached_property
    def etag(self) -> str:
        """The ETag."""
        return f'"{sha256(self.data).hexdigest()[:32]}"'

    @cached_property
    def compressed(self) -> bytes | None:
        """The bytes compressed by gzip, or ``None`` for a format that is compressed already."""
        return None if self._extension in _COMPRESSED_ALREADY else compression.gzipped(self.data)

    @property
    def _extension(self) -> str:
        return self.name.rpartition(".")[2]


class Pages:
    """The pages and their files, read once.

    The URL of each file contains a fingerprint of all files. So browsers can cache a file for ever, and never combine
    files of two versions.
    """

    def __init__(self, *, provider: ProviderInfo, price: int) -> None:
        read = {name: PageFile(name, data) for name, data in _read(files("avatars_as_a_service.web").joinpath("pages"))}
        self._files = {name: file for name, file in read.items() if not name.endswith(".html")}
        all_files = sha256(b"".join(file.data for _, file in sorted(self._files.items())))
        self.fingerprint = all_files.hexdigest()[:_FINGERPRINT_LENGTH]
        header = read["header.html"].data.decode()
        values = {
            "{{assets}}": f"assets/{self.fingerprint}",
            "{{form}}": form(),
            "{{filters}}": filters(),
            "{{price}}": str(usd(price)),
            "{{model}}": escape(provider.model),
            "{{paid}}": "yes" if provider.is_paid else "no",
            "{{descriptions}}": "yes" if provider.draws_descriptions else "no",
        }
        self._pages = {
            path: PageFile(
                name, _fill(read[name].data.decode(), {"{{header}}": _header_of(name, header), **values}).encode()
            )
            for path, name in _PAGES.items()
        }

    def page(self, path: str) -> PageFile:
        """The page at this path."""
        return self._pages[path]

    def file(self, name: str) -> PageFile | None:
        """The file with this name, or ``None``."""
        return self._files.get(name)


def pages_router(pages: Pages, *, seed_variants: int) -> APIRouter:
    """The routes of the pages. The OpenAPI document leaves them out: they are no part of the API."""
    router = APIRouter(include_in_schema=False)

    @declare(Access.OPEN)
    async def page(request: Request) -> Response:
        """A page. Browsers ask for it each time, and get it only when it has changed."""
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY, "Referrer-Policy": "same-origin"}
        return _reply(request, pages.page(request.scope["path"]), headers)

    for path in _PAGES:
        router.add_api_route(path, page, methods=["GET", "HEAD"])

    @router.api_route("/assets/{fingerprint}/{name:path}", methods=["GET", "HEAD"])
    @declare(Access.OPEN)
    async def asset(request: Request, fingerprint: str, name: str) -> Response:
        """A file. A page of another version gets the current file, which it must not cache."""
        file = pages.file(name)
        if file is None:
            raise HTTPException(404)
        is_current = fingerprint == pages.fingerprint
        return _reply(request, file, {"Cache-Control": FOR_EVER} if is_current else NO_STORE)

    @router.get("/seeded")
    @declare(Access.OPEN)
    async def seeded(request: Request) -> Response:
        """The features that a seed picks, for the form of the studio."""
        features = parse_embed(request.query_params.multi_items()).face(seed_variants=seed_variants)
        return JSONResponse(asdict(features), headers=NO_STORE)

    @router.get("/sketch")
    @declare(Access.OPEN)
    async def sketch(request: Request) -> Response:
        """The local artist's picture of these features, kept or not: the small pictures of the form."""
        features = parse_embed(request.query_params.multi_items()).face(seed_variants=seed_variants)
        file = PageFile("sketch.svg", local_picture(features).data)
        headers = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": SVG_POLICY}
        return _reply(request, file, headers)

    return router


def _reply(request: Request, file: PageFile, own_headers: Mapping[str, str]) -> Response:
    is_compressed = file.compressed is not None and accepts_gzip(header_map(request.scope).get(b"accept-encoding"))
    etag = compression.gzip_tag(file.etag) if is_compressed else file.etag
    headers = {**own_headers, "ETag": etag, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    known = compression.matching_tag(request.headers.get("if-none-match", ""), file.etag)
    if known is not None:
        return Response(status_code=304, headers=headers | {"ETag": known})
    if not is_compressed:
        return Response(file.data, headers=headers, media_type=file.media_type)
    headers["Content-Encoding"] = "gzip"
    return Response(file.compressed, headers=headers, media_type=file.media_type)


def _header_of(name: str, header: str) -> str:
    """The header with the page's own link marked as the current page."""
    return header.replace(f'data-page="{name.partition(".")[0]}"', 'aria-current="page"')


def _fill(page: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        page = page.replace(placeholder, value)
    return page


def _read(folder: Traversable, path: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _read(entry, f"{path}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _MEDIA_TYPES:
            yield path + entry.name, entry.read_bytes()
