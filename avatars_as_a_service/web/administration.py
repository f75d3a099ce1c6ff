"""``/admin``: taking faces and pictures away, and having faces drawn anew."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request

from avatars_as_a_service import errors
from avatars_as_a_service.duration import parse_days
from avatars_as_a_service.errors import AvatarsError, BadAge, FaceNotFound, PictureNotFound
from avatars_as_a_service.service.faces import Faces
from avatars_as_a_service.service.removal import Removal, Removed
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.admin import ADMIN_ERRORS, AdminGate
from avatars_as_a_service.web.bodies import AnswerBody, RemovedBody
from avatars_as_a_service.web.clients import address_of
from avatars_as_a_service.web.gates import first_of_each
from avatars_as_a_service.web.problems import documented
from avatars_as_a_service.web.replies import Reply, face_reply

ImageHash = Annotated[str, Path(description="The face's key.", pattern=r"^[0-9a-f]{32}$", examples=["0" * 32])]
Digest = Annotated[str, Path(description="The picture's digest.", pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
Age = Annotated[str, Query(description="In days.", examples=["30d"])]
_STORES: Final = (errors.DatabaseUnavailable, errors.ImageStoreUnavailable)
_REDRAW: Final = (
    errors.FaceNotFound,
    errors.OtherArtist,
    errors.Refused,
    errors.UnusableAnswer,
    errors.DatabaseUnavailable,
    errors.BudgetExhausted,
    errors.ProviderUnavailable,
    errors.ProviderQuota,
    errors.Busy,
    errors.KeepingBlocked,
    errors.Draining,
    errors.ProviderTimeout,
)


def admin_router(faces: Faces, removal: Removal, gate: AdminGate, addresses: Addresses) -> APIRouter:
    """The routes that change what is kept."""
    router = APIRouter(prefix="/admin", tags=["admin"], dependencies=[Depends(gate)])

    async def purged(name: str, request: Request, *, otherwise: type[AvatarsError]) -> RemovedBody:
        removed = await removal.purge([name], who=_who(request))
        if removed.unknown:
            raise otherwise
        return _removed_body(removed)

    @router.delete(
        "/faces/{image_hash}",
        responses=documented(*ADMIN_ERRORS, errors.FaceNotFound, *_STORES, takes_input=True),
        summary="Take a face away",
        response_description="It is gone, and its picture with it unless another face shows it.",
    )
    async def purge_face(request: Request, image_hash: ImageHash) -> RemovedBody:
        """The face's picture then answers 410, in every process within 5 seconds; the ledger keeps its row."""
        return await purged(image_hash, request, otherwise=FaceNotFound)

    @router.delete(
        "/pictures/{digest}",
        responses=documented(*ADMIN_ERRORS, errors.PictureNotFound, *_STORES, takes_input=True),
        summary="Take a picture away",
        response_description="It is gone, and all faces that showed it with it.",
    )
    async def purge_picture(request: Request, digest: Digest) -> RemovedBody:
        """For what no face shows: the picture of a description, or one that a face had before it was redrawn."""
        return await purged(digest, request, otherwise=PictureNotFound)

    @router.delete(
        "/descriptions",
        responses=documented(*ADMIN_ERRORS, errors.BadAge, *_STORES, takes_input=True),
        summary="Take away pictures of old descriptions",
        response_description="They are gone.",
    )
    async def purge_descriptions(request: Request, older_than: Age) -> RemovedBody:
        """Pictures that were drawn from descriptions so long ago."""
        try:
            age = parse_days(older_than)
        except ValueError as wrong:
            raise BadAge(str(wrong)) from None
        return _removed_body(await removal.purge_descriptions(age, who=_who(request)))

    @router.post(
        "/faces/{image_hash}/redraw",
        response_model=AnswerBody,
        responses=documented(*ADMIN_ERRORS, *_REDRAW, takes_input=True),
        summary="Have a face drawn anew",
        response_description="The face with its new picture.",
    )
    async def redraw(request: Request, image_hash: ImageHash) -> Reply:
        """It is paid for; until the new picture is there, and where it fails, the old one is shown."""
        answer = await faces.redraw(image_hash, who=_who(request))
        host = first_of_each(request.scope).get(b"host")
        base = addresses.base(request.scope, host, kept=answer.picture is not None)
        return face_reply(answer, base=base, path=addresses.path(answer))

    return router


def _removed_body(removed: Removed) -> RemovedBody:
    return RemovedBody(faces=removed.faces, pictures=removed.pictures)


def _who(request: Request) -> str:
    return f"admin at {address_of(request.scope)}"
