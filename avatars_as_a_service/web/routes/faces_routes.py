"""``GET /faces``: the kept faces, newest first; ``GET /faces/{image_hash}``: what has become of one face."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from avatars_as_a_service import errors
from avatars_as_a_service.domain.key import KEY_LENGTH, is_key
from avatars_as_a_service.errors import FaceNotFound
from avatars_as_a_service.faces.listing import Cursor, FaceListing
from avatars_as_a_service.faces.states import MAX_WAIT_S, FaceStates
from avatars_as_a_service.storage.avatars import DatedAvatar
from avatars_as_a_service.web.requests.headers import header_map
from avatars_as_a_service.web.requests.parsing import parse_face_page
from avatars_as_a_service.web.responses.error_responses import NO_STORE, documented
from avatars_as_a_service.web.route_access import Access, declare
from avatars_as_a_service.web.schemas.openapi import query_parameters
from avatars_as_a_service.web.schemas.requests import DEFAULT_PAGE, FacePageRequest
from avatars_as_a_service.web.schemas.responses import (
    FaceFeaturesResponse,
    FacePageResponse,
    FaceStateResponse,
    KeptFaceResponse,
)
from avatars_as_a_service.web.urls import PictureUrls

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_KEY_HELP: Final = "The face's key, as `POST /query` answers it."
_KEY_PATTERN: Final = rf"^[0-9a-f]{{{KEY_LENGTH}}}$"
"""Documented, and not checked by the framework: another key is a 404."""
_PARAMETERS: Final = query_parameters(FacePageRequest)
_WAIT_HELP: Final = "While the face is being drawn: how many seconds to wait for its picture at most."


def faces_router(listing: FaceListing, states: FaceStates, urls: PictureUrls) -> APIRouter:
    """The routes of the kept faces."""
    router = APIRouter(tags=["faces"])

    @router.get(
        "/faces",
        responses=documented(errors.DatabaseUnavailable, takes_input=True),
        openapi_extra={"parameters": _PARAMETERS},
        summary="The kept faces",
        response_description="A page of faces.",
    )
    @declare(Access.VIEW)
    async def list_faces(request: Request, response: Response) -> FacePageResponse:
        """The kept faces, newest first; with features, only faces that have them. Descriptions are never listed."""
        query = parse_face_page(request.query_params.multi_items())
        after = None if query.cursor is None else _parsed_cursor(query.cursor)
        page = await listing.page(having=query.wanted(), after=after, limit=query.limit or DEFAULT_PAGE)
        base = urls.base(request.scope, header_map(request.scope).get(b"host"), kept=True)
        faces = [_face_response(face, base + urls.picture_path(face.avatar.picture)) for face in page.faces]
        response.headers.update(NO_STORE)
        return FacePageResponse(faces=faces, next=page.next_cursor and _cursor_text(page.next_cursor))

    @router.get(
        "/faces/{image_hash}",
        responses=documented(errors.BadPath, errors.FaceNotFound, errors.DatabaseUnavailable, takes_input=True),
        summary="The state of a face",
        response_description="Kept, drawing, cooldown or absent.",
    )
    @declare(Access.VIEW)
    async def face_state(
        request: Request,
        response: Response,
        image_hash: Annotated[str, Path(description=_KEY_HELP, json_schema_extra={"pattern": _KEY_PATTERN})],
        wait: Annotated[int | None, Query(ge=0, le=MAX_WAIT_S, description=_WAIT_HELP)] = None,
    ) -> FaceStateResponse:
        """Whether the face is kept, or is being drawn by any process of the service. It never has a face drawn."""
        if not is_key(image_hash):
            raise FaceNotFound
        state = await states.get(image_hash, wait_s=wait or 0)
        base = urls.base(request.scope, header_map(request.scope).get(b"host"), kept=True)
        response.headers.update(NO_STORE)
        return FaceStateResponse(
            image_hash=image_hash,
            state=state.state,
            image_url=None if state.picture is None else base + urls.picture_path(state.picture),
            reason=state.reason,
            retry_after_s=state.retry_after_s,
        )

    return router


def _face_response(face: DatedAvatar, image_url: str) -> KeptFaceResponse:
    avatar = face.avatar
    features = {name: getattr(avatar.features, name) for name in FaceFeaturesResponse.model_fields}
    return KeptFaceResponse(
        image_hash=avatar.image_hash,
        image_url=image_url,
        features=FaceFeaturesResponse.model_construct(**features),
        edition=avatar.edition,
        artist=avatar.artist,
        model=avatar.model,
        drawn_at=face.created_at,
    )


def _cursor_text(cursor: Cursor) -> str:
    created_at, image_hash = cursor
    return f"{(created_at - _EPOCH) // _MICROSECOND}-{image_hash}"


def _parsed_cursor(text: str) -> Cursor:
    microseconds, _, image_hash = text.partition("-")
    return _EPOCH + int(microseconds) * _MICROSECOND, image_hash
