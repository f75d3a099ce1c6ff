"""``GET /avatar`` and ``GET /avatar/{text}``: faces for ``<img>`` elements, by query, by path, and as Gravatar's."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from avatars_as_a_service import errors
from avatars_as_a_service.faces.embeds import DrawPermission, Embeds
from avatars_as_a_service.web.requests.caller import caller_of
from avatars_as_a_service.web.requests.client import address_of, caller_network
from avatars_as_a_service.web.requests.embed_path import AVATAR, BY_TEXT, EmbedPath
from avatars_as_a_service.web.requests.embed_request import EmbedReader
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.responses.embed_replies import embed_reply, outcome_of_embed
from avatars_as_a_service.web.responses.error_responses import documented
from avatars_as_a_service.web.responses.outcome import set_outcome
from avatars_as_a_service.web.route_access import Access, declare
from avatars_as_a_service.web.schemas.openapi import PICTURE_RESPONSES, query_parameters
from avatars_as_a_service.web.schemas.requests import EmbedRequest

_PARAMETERS: Final = query_parameters(EmbedRequest)
_TEXT_HELP: Final = (
    "The seed: any text without a slash, then an extension if you like (.png .jpg .jpeg .webp .avif .svg .gif). 32 or "
    "64 hex digits are read as Gravatar and Libravatar read them: `s`, `d=404`, `f=y`, PNG unless the extension says "
    "otherwise."
)


def avatar_router(embeds: Embeds, reader: EmbedReader) -> APIRouter:
    """The routes of embedded faces."""
    router = APIRouter(tags=["pictures"])

    async def reply(request: Request, path: EmbedPath) -> Response:
        headers = header_map(request.scope)
        parsed = reader.read(request.scope, headers, path)
        permission = None
        if parsed.may_draw and request.method == "GET":
            permission = DrawPermission(caller=caller_of(request.scope, is_signed=True), payer=parsed.payer)
        client = caller_network(address_of(request.scope))
        embed = await embeds.get(parsed.query, client=client, permission=permission)
        set_outcome(request.scope, outcome_of_embed(embed))
        return embed_reply(embed, parsed.client, request.headers.get("if-none-match"))

    @router.head(AVATAR, include_in_schema=False)
    @router.get(
        AVATAR,
        response_class=Response,
        responses=PICTURE_RESPONSES | documented(errors.Busy, takes_input=True),
        openapi_extra={"parameters": _PARAMETERS},
        summary="A face for an img element",
    )
    @declare(Access.EMBED)
    async def avatar(request: Request) -> Response:
        """The kept face with these features, or the local artist's stand-in.

        It never pays, unless the URL is signed: then a face that is not kept is drawn in the background, once.
        """
        return await reply(request, EmbedPath())

    @router.head(BY_TEXT, include_in_schema=False)
    @router.get(
        BY_TEXT,
        response_class=Response,
        responses=PICTURE_RESPONSES
        | documented(
            errors.BadPath,
            errors.FaceNotFound,
            errors.GravatarOff,
            errors.Busy,
            errors.DatabaseUnavailable,
            takes_input=True,
        ),
        openapi_extra={"parameters": [each for each in _PARAMETERS if each["name"] != "seed"]},
        summary="A face for an img element, by path",
    )
    @declare(Access.EMBED)
    async def avatar_by_text(request: Request, text: Annotated[str, Path(description=_TEXT_HELP)]) -> Response:
        """As `GET /avatar` with this text as the seed."""
        return await reply(request, EmbedPath.of_text(text))

    return router
