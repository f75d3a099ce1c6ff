"""``/admin``: purges faces and pictures, and redraws faces."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request

from avatars_as_a_service import errors
from avatars_as_a_service.domain.duration import parse_days
from avatars_as_a_service.errors import AvatarsError, BadAge, FaceNotFound, PictureNotFound
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.pictures.purge import Purged, Purger
from avatars_as_a_service.web.admin_auth import CHANGES_ERRORS, AdminAuth
from avatars_as_a_service.web.requests.client import address_of
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.responses.error_responses import documented
from avatars_as_a_service.web.responses.hits import EncodedResponse, face_reply
from avatars_as_a_service.web.schemas.responses import AnswerResponse, PurgedResponse
from avatars_as_a_service.web.urls import PictureUrls

ImageHash = Annotated[str, Path(description="The face's key.", pattern=r"^[0-9a-f]{32}$", examples=["0" * 32])]
Digest = Annotated[str, Path(description="The picture's digest.", pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
Age = Annotated[str, Query(description="The least age, in days.", examples=["30d"])]
_STORES: Final = (errors.DatabaseUnavailable, errors.ImageStoreUnavailable)
_REDRAW: Final = (
    errors.BadPath,
    errors.FaceNotFound,
    errors.OtherArtist,
    errors.Refused,
    errors.UnusableAnswer,
    errors.DatabaseUnavailable,
    errors.BudgetExhausted,
    errors.ProviderUnavailable,
    errors.ProviderQuota,
    errors.Busy,
    errors.PaidPictureUnsaved,
    errors.Draining,
    errors.ProviderTimeout,
)


def admin_router(faces: FaceService, purger: Purger, admin: AdminAuth, urls: PictureUrls) -> APIRouter:
    """The routes that change what is kept."""
    router = APIRouter(prefix="/admin", tags=["admin"], dependencies=[Depends(admin.changes)])

    async def purge(name: str, request: Request, *, not_found: type[AvatarsError]) -> PurgedResponse:
        purged = await purger.purge([name], who=_operator(request))
        if purged.unknown:
            raise not_found
        return _purged_response(purged)

    @router.delete(
        "/faces/{image_hash}",
        responses=documented(*CHANGES_ERRORS, errors.BadPath, errors.FaceNotFound, *_STORES, takes_input=True),
        summary="Purge a face",
        response_description="The face is removed, and its picture too unless another face shows it.",
    )
    async def purge_face(request: Request, image_hash: ImageHash) -> PurgedResponse:
        """Within 5 seconds the picture's URL answers 410 in every process. The ledger keeps its rows."""
        return await purge(image_hash, request, not_found=FaceNotFound)

    @router.delete(
        "/pictures/{digest}",
        responses=documented(*CHANGES_ERRORS, errors.BadPath, errors.PictureNotFound, *_STORES, takes_input=True),
        summary="Purge a picture",
        response_description="The picture is removed, and all faces that showed it.",
    )
    async def purge_picture(request: Request, digest: Digest) -> PurgedResponse:
        """Removes also pictures that no face shows: those of descriptions, and those of faces before a redraw."""
        return await purge(digest, request, not_found=PictureNotFound)

    @router.delete(
        "/descriptions",
        responses=documented(*CHANGES_ERRORS, errors.BadAge, *_STORES, takes_input=True),
        summary="Purge pictures of old descriptions",
        response_description="The pictures are removed.",
    )
    async def purge_descriptions(request: Request, older_than: Age) -> PurgedResponse:
        """Removes the pictures of descriptions that were drawn longer ago than this."""
        try:
            age = parse_days(older_than)
        except ValueError as wrong:
            raise BadAge(str(wrong)) from None
        return _purged_response(await purger.purge_descriptions(age, who=_operator(request)))

    @router.post(
        "/faces/{image_hash}/redraw",
        response_model=AnswerResponse,
        responses=documented(*CHANGES_ERRORS, *_REDRAW, takes_input=True),
        summary="Redraw a face",
        response_description="The face with its new picture.",
    )
    async def redraw_face(request: Request, image_hash: ImageHash) -> EncodedResponse:
        """The drawing is paid for. The old picture is shown until the new one is ready, and stays if drawing fails."""
        answer = await faces.redraw(image_hash, who=_operator(request))
        host = header_map(request.scope).get(b"host")
        base = urls.base(request.scope, host, kept=answer.picture is not None)
        return face_reply(answer, base=base, path=urls.path(answer))

    return router


def _purged_response(purged: Purged) -> PurgedResponse:
    return PurgedResponse(faces=purged.faces, pictures=purged.pictures)


def _operator(request: Request) -> str:
    return f"admin at {address_of(request.scope)}"
