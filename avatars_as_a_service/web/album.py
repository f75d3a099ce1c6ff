"""``GET /faces``: the kept faces, newest first."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from avatars_as_a_service import errors
from avatars_as_a_service.service.album import Album, Place
from avatars_as_a_service.storage.avatars import Dated
from avatars_as_a_service.web.addresses import Addresses
from avatars_as_a_service.web.bodies import PICTURE_EXAMPLE, FaceBody
from avatars_as_a_service.web.gates import first_of_each
from avatars_as_a_service.web.problems import documented

MOST: Final = 100
_USUAL: Final = 48
_CURSOR: Final = re.compile(r"(\d{1,16})-([0-9a-f]{32})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class PageQuery(FaceBody):
    """What ``GET /faces`` is asked: only faces that have the features given."""

    cursor: Annotated[str, Field(pattern=f"^{_CURSOR.pattern}$")] | None = Field(
        None, description="`next` of the page before.", examples=[None]
    )
    limit: Annotated[int, Field(ge=1, le=MOST)] = Field(_USUAL, description="Faces on a page.", examples=[_USUAL])

    def having(self) -> dict[str, str | bool]:
        """The features that were given, and no others."""
        return {name: getattr(self, name) for name in FaceBody.model_fields if name in self.model_fields_set}


class KeptFaceBody(BaseModel):
    """A kept face."""

    image_hash: str = Field(description="The face's key.", examples=[PICTURE_EXAMPLE["image_hash"]])
    image_url: str = Field(description="Where its picture is, for ever.", examples=[PICTURE_EXAMPLE["image_url"]])
    features: FaceBody = Field(description="What it looks like.", examples=[{"mood": "fun", "eye_color": "blue"}])
    drawn_at: datetime = Field(description="When it was drawn.", examples=["2026-11-22T15:00:00Z"])


class PageBody(BaseModel):
    """What ``GET /faces`` answers."""

    faces: list[KeptFaceBody] = Field(description="The faces, the newest first.", examples=[[]])
    next: str | None = Field(description="The cursor of the next page; null: there is none.", examples=[None])


def album_router(album: Album, addresses: Addresses) -> APIRouter:
    """The route of the gallery."""
    router = APIRouter(tags=["faces"])

    @router.get(
        "/faces",
        responses=documented(errors.DatabaseUnavailable, takes_input=True),
        summary="The kept faces",
        response_description="A page of them.",
    )
    async def faces(request: Request, response: Response, query: Annotated[PageQuery, Query()]) -> PageBody:
        """Newest first, by feature where features are given. Pictures drawn from descriptions are never among them."""
        response.headers["Cache-Control"] = "no-store"
        after = None if query.cursor is None else _place(query.cursor)
        page = await album.page(having=query.having(), after=after, limit=query.limit)
        base = addresses.base(request.scope, first_of_each(request.scope).get(b"host"), kept=True)
        shown = [_face(face, base + addresses.picture(face.avatar.picture)) for face in page.faces]
        return PageBody(faces=shown, next=page.end and _cursor(page.end))

    return router


def _face(face: Dated, image_url: str) -> KeptFaceBody:
    avatar = face.avatar
    features = {name: getattr(avatar.features, name) for name in FaceBody.model_fields}
    return KeptFaceBody(
        image_hash=avatar.image_hash,
        image_url=image_url,
        features=FaceBody.model_construct(**features),
        drawn_at=face.created_at,
    )


def _cursor(place: Place) -> str:
    return f"{(place[0] - _EPOCH) // _MICROSECOND}-{place[1]}"


def _place(cursor: str) -> Place:
    microseconds, _, key = cursor.partition("-")
    return _EPOCH + int(microseconds) * _MICROSECOND, key
