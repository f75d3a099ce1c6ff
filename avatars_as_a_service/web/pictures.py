"""``GET /images/{digest}.{extension}`` and ``GET /avatar``: pictures for ``<img>``."""

import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from avatars_as_a_service import errors
from avatars_as_a_service.errors import PictureNotFound
from avatars_as_a_service.picture import RASTERS, PictureFormat, picture_path
from avatars_as_a_service.service.embeds import Choose, Embed, Embeds
from avatars_as_a_service.service.renditions import Renditions
from avatars_as_a_service.signing import Verdict, verdict
from avatars_as_a_service.web.accept import best_format
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.bodies import EmbedBody, SizeBody
from avatars_as_a_service.web.callers import caller_of
from avatars_as_a_service.web.gates import first_of_each
from avatars_as_a_service.web.parsing import is_digest, parse_embed, parse_picture_name, parse_size
from avatars_as_a_service.web.problems import documented
from avatars_as_a_service.web.replies import FOR_EVER, KEPT, PROVISIONAL, Reply, picture_reply

_ANY_PICTURE: Final[dict[str, Any]] = {kind.media_type: {"schema": {"type": "string"}} for kind in PictureFormat}
_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": _ANY_PICTURE, "description": "The picture."},
    304: {"description": "The picture is the one that the client has."},
}
_BY_ACCEPT: Final = ("Vary", "Accept")


def images_router(renditions: Renditions) -> APIRouter:
    """The route of kept pictures."""
    router = APIRouter(tags=["pictures"])
    name_help = "Its SHA-256 digest, a dot, a format: webp, png, jpeg, avif, and svg for what was drawn as one."

    @router.head("/images/{name}", include_in_schema=False)
    @router.get(
        "/images/{name}",
        response_class=Response,
        responses=_FOUND
        | documented(
            errors.PictureNotFound,
            errors.PictureGone,
            errors.Busy,
            errors.DatabaseUnavailable,
            errors.ImageStoreUnavailable,
            takes_input=True,
        ),
        openapi_extra={"parameters": _parameters(SizeBody)},
        summary="A kept picture",
    )
    async def image(request: Request, name: Annotated[str, Path(description=name_help)]) -> Response:
        """The picture byte for byte as it was drawn, or made from it once. Its address never changes, nor do its bytes.

        Without a format in its name, it comes in the one that `Accept` likes best, and as PNG where any will do.
        """
        size = parse_size(request.query_params.multi_items())
        digest, kind = _named(name, request.headers.get("accept"))
        picture = await renditions.picture(digest, kind, size)
        reply = picture_reply(picture, lifetime=FOR_EVER, status=None, if_none_match=_tags(request))
        if is_digest(name):
            return reply.with_headers(_BY_ACCEPT, ("Content-Location", picture_path(digest, kind, size)))
        return reply

    return router


def embeds_router(embeds: Embeds, addresses: Addresses, *, signing_key: str | None) -> APIRouter:
    """The route of faces straight into a page."""
    router = APIRouter(tags=["pictures"])

    @router.head("/avatar", include_in_schema=False)
    @router.get(
        "/avatar",
        response_class=Response,
        responses=_FOUND | documented(errors.Busy, takes_input=True),
        openapi_extra={"parameters": _parameters(EmbedBody)},
        summary="A face straight into an img element",
    )
    async def avatar(request: Request) -> Response:
        """The kept face with these features, else the local artist's picture of them.

        It never pays, unless the address is signed: then a face that is not kept is drawn in the background, once.
        """
        parameters = request.query_params.multi_items()
        asked = parse_embed(parameters)
        signature = verdict(parameters, signing_key, now=time.time())
        may_pay = signature is Verdict.VALID and request.method == "GET"
        embed = await embeds.embed(
            asked.features(),
            choose=_chooser(asked.format, request.headers.get("accept"), addresses.default_format),
            size=asked.size,
            payer=caller_of(request.scope, has_leave=True) if may_pay else None,
        )
        base = addresses.base(request.scope, first_of_each(request.scope).get(b"host"), kept=embed.path is not None)
        more = [] if asked.format else [_BY_ACCEPT]
        return _embed_reply(embed, base, _tags(request)).with_headers(*more, *_signature_header(signature))

    return router


def _named(name: str, accept: str | None) -> tuple[str, PictureFormat]:
    """The digest and the format in a picture's name; the format by ``Accept`` where the name has none."""
    if is_digest(name):
        return name, best_format(accept, RASTERS, otherwise=PictureFormat.PNG)
    digest, extension = parse_picture_name(name) or ("", "")
    try:
        return digest, PictureFormat(extension)
    except ValueError:
        raise PictureNotFound from None


def _chooser(asked: PictureFormat | None, accept: str | None, default: PictureFormat) -> Choose:
    """What is asked for goes first; who can show an SVG gets a drawing as it is; else ``Accept`` says what it likes."""

    def choose(is_drawing: bool) -> PictureFormat:  # noqa: FBT001 - the one thing that it is told
        if asked is not None:
            return default if asked is PictureFormat.SVG and not is_drawing else asked
        if is_drawing:
            return best_format(accept, (PictureFormat.SVG, *RASTERS), otherwise=PictureFormat.SVG)
        return best_format(accept, RASTERS, otherwise=default)

    return choose


def _embed_reply(embed: Embed, base: str, if_none_match: str | None) -> Reply:
    if embed.path is None:
        return picture_reply(embed.picture, lifetime=PROVISIONAL, status="provisional", if_none_match=if_none_match)
    reply = picture_reply(embed.picture, lifetime=KEPT, status="kept", if_none_match=if_none_match)
    return reply.with_headers(("Link", f'<{base}{embed.path}>; rel="canonical"'))


def _signature_header(signature: Verdict | None) -> list[tuple[str, str]]:
    return [] if signature is None else [("X-Avatar-Signature", signature)]


def _tags(request: Request) -> str | None:
    return request.headers.get("if-none-match")


def _parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    """The query parameters as the OpenAPI document has them."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return [
        {"name": name, "in": "query", "required": False, "description": said.pop("description"), "schema": said}
        for name, said in schema["properties"].items()
    ]
