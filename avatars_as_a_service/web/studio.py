"""The pages for people: the studio at ``/``, the gallery, the dashboard, and the files that they load."""

import gzip
from collections.abc import Iterator
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

from avatars_as_a_service.money import usd
from avatars_as_a_service.providers.contract import About
from avatars_as_a_service.providers.local import local_picture
from avatars_as_a_service.web.parsing import parse_embed
from avatars_as_a_service.web.replies import FOR_EVER
from avatars_as_a_service.web.studio_form import filters, form

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
    """A file as it is sent: its bytes, plain and compressed, and its tag."""

    name: str
    data: bytes

    @property
    def media_type(self) -> str:
        """Its Content-Type."""
        return _MEDIA_TYPES[self._extension]

    @cached_property
    def tag(self) -> str:
        """Its ETag."""
        return f'"{sha256(self.data).hexdigest()[:32]}"'

    @cached_property
    def compressed(self) -> bytes | None:
        """The same by gzip, unless it is compressed in itself."""
        return None if self._extension in _COMPRESSED_ALREADY else gzip.compress(self.data, 9, mtime=0)

    @property
    def _extension(self) -> str:
        return self.name.rpartition(".")[2]


class Pages:
    """The pages and their files, read once.

    The files stand under a folder that is named after all of their bytes, so that a browser may keep them for ever and
    never has two of them that do not fit together.
    """

    def __init__(self, *, about: About, price: int) -> None:
        read = {name: PageFile(name, data) for name, data in _read(files(__package__).joinpath("pages"))}
        self._files = {name: file for name, file in read.items() if not name.endswith(".html")}
        together = sha256(b"".join(file.data for _, file in sorted(self._files.items())))
        self.fingerprint = together.hexdigest()[:_FINGERPRINT_LENGTH]
        header = read["header.html"].data.decode()
        filled = {
            "{{assets}}": f"assets/{self.fingerprint}",
            "{{form}}": form(),
            "{{filters}}": filters(),
            "{{price}}": str(usd(price)),
            "{{model}}": escape(about.model),
            "{{paid}}": "yes" if about.is_paid else "no",
            "{{descriptions}}": "yes" if about.draws_descriptions else "no",
        }
        self._pages = {
            path: PageFile(
                name, _filled(read[name].data.decode(), {"{{header}}": _at(name, header), **filled}).encode()
            )
            for path, name in _PAGES.items()
        }

    def page(self, path: str) -> PageFile:
        """The page at that path."""
        return self._pages[path]

    def file(self, name: str) -> PageFile | None:
        """The file of that name, if there is one."""
        return self._files.get(name)


def studio_router(pages: Pages) -> APIRouter:
    """The routes of the pages. They are no part of the API, so the OpenAPI document does not have them."""
    router = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        """A page; asked for anew each time, and sent only where it has changed."""
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY, "Referrer-Policy": "same-origin"}
        return _reply(request, pages.page(request.url.path.removeprefix(request.scope.get("root_path", ""))), headers)

    for path in _PAGES:
        router.add_api_route(path, page, methods=["GET", "HEAD"])

    @router.api_route("/assets/{fingerprint}/{name:path}", methods=["GET", "HEAD"])
    async def asset(request: Request, fingerprint: str, name: str) -> Response:
        """A file; where it is asked for by a page of another version, as it is here and for now."""
        file = pages.file(name)
        if file is None:
            raise HTTPException(404)
        is_ours = fingerprint == pages.fingerprint
        return _reply(request, file, {"Cache-Control": FOR_EVER if is_ours else "no-store"})

    @router.get("/seeded")
    async def seeded(request: Request) -> Response:
        """The features that a seed stands for, so that the form can show them."""
        features = parse_embed(request.query_params.multi_items()).features()
        return JSONResponse(asdict(features), headers={"Cache-Control": "no-store"})

    @router.get("/sketch")
    async def sketch(request: Request) -> Response:
        """The local artist's picture of these features, whatever is kept: what the form's small pictures are."""
        features = parse_embed(request.query_params.multi_items()).features()
        drawn = PageFile("sketch.svg", local_picture(features).data)
        policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        headers = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": policy}
        return _reply(request, drawn, headers)

    return router


def _reply(request: Request, file: PageFile, headers: dict[str, str]) -> Response:
    headers |= {"ETag": file.tag, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    data = file.data
    if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        data = file.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(data, headers=headers, media_type=file.media_type)


def _at(name: str, header: str) -> str:
    """The header of that page: its own link says that it is this page's."""
    return header.replace(f'data-page="{name.partition(".")[0]}"', 'aria-current="page"')


def _filled(page: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        page = page.replace(mark, value)
    return page


def _read(folder: Traversable, path: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _read(entry, f"{path}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _MEDIA_TYPES:
            yield path + entry.name, entry.read_bytes()
