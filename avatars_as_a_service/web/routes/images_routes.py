"""``GET /images/{digest}.{extension}``: kept pictures."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from avatars_as_a_service import errors
from avatars_as_a_service.domain.picture import RASTERS, PictureFormat, picture_path
from avatars_as_a_service.errors import PictureNotFound
from avatars_as_a_service.pictures.rendition_service import RenditionService
from avatars_as_a_service.web.requests.accept import accepts_gzip, best_format
from avatars_as_a_service.web.requests.client import address_of, caller_network
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.parsing import is_digest, parse_picture_name, parse_size
from avatars_as_a_service.web.responses.error_responses import documented
from avatars_as_a_service.web.responses.pictures import FOR_EVER, picture_reply
from avatars_as_a_service.web.route_access import Access, declare
from avatars_as_a_service.web.schemas.openapi import PICTURE_RESPONSES, query_parameters
from avatars_as_a_service.web.schemas.requests import SizeRequest

_NAME: Final = rf"^[0-9a-f]{{64}}(\.({'|'.join(PictureFormat)}))?$"
"""Documented, and not checked by the framework: another name is a 404."""
_PARAMETERS: Final = query_parameters(SizeRequest)


def images_router(renditions: RenditionService, *, is_shared: bool) -> APIRouter:
    """The route of kept pictures; ``is_shared`` if a page of any site may show them."""
    router = APIRouter(tags=["pictures"])
    name_help = "The picture's SHA-256 digest, a dot and a format: webp, png, jpeg, avif; svg for SVG originals."

    @router.head("/images/{name}", include_in_schema=False)
    @router.get(
        "/images/{name}",
        response_class=Response,
        responses=PICTURE_RESPONSES
        | documented(
            errors.BadPath,
            errors.PictureNotFound,
            errors.PictureGone,
            errors.Busy,
            errors.DatabaseUnavailable,
            errors.ImageStoreUnavailable,
            errors.PictureInAnotherStore,
            takes_input=True,
        ),
        openapi_extra={"parameters": _PARAMETERS},
        summary="A kept picture",
    )
    @declare(Access.VIEW)
    async def image(
        request: Request, name: Annotated[str, Path(description=name_help, json_schema_extra={"pattern": _NAME})]
    ) -> Response:
        """The original byte for byte, or a rendition of it. A URL always shows the same picture.

        Without a format in the name, the picture comes in the format that `Accept` prefers, and as PNG for `*/*`.
        """
        size = parse_size(request.query_params.multi_items())
        digest, kind = _parsed_name(name, request.headers.get("accept"))
        picture = await renditions.get(digest, kind, size, client=caller_network(address_of(request.scope)))
        is_negotiated = is_digest(name)
        # Relative to the request's URL, which may begin with the path of a proxy.
        location = picture_path(digest, kind, size).rpartition("/")[2]
        return picture_reply(
            picture,
            lifetime=FOR_EVER,
            if_none_match=request.headers.get("if-none-match"),
            accepts_gzip=accepts_gzip(header_map(request.scope).get(b"accept-encoding")),
            is_shared=is_shared,
            is_negotiated=is_negotiated,
            more=((b"content-location", location.encode()),) if is_negotiated else (),
        )

    return router


def _parsed_name(name: str, accept: str | None) -> tuple[str, PictureFormat]:
    """The digest and the format in a picture's name; without a format in the name, the one that ``Accept`` prefers."""
    if is_digest(name):
        return name, best_format(accept, RASTERS)
    digest, extension = parse_picture_name(name) or ("", "")
    try:
        return digest, PictureFormat(extension)
    except ValueError:
        raise PictureNotFound from None
