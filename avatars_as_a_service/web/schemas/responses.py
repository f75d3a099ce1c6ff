"""What the API answers: faces, features, errors."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, Field

from avatars_as_a_service.domain.features import MAX_VARIANT, Mood
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.faces.states import FaceStateName
from avatars_as_a_service.web.schemas.requests import MAX_DESCRIPTION, FaceRequest

BAD_INPUT_EXAMPLE: Final[dict[str, Any]] = {
    "type": "enum",
    "loc": ["body", "properties", "mood"],
    "msg": "Input should be 'fun' or 'official'",
    "input": "sad",
}
_DIGEST: Final = "4e5a1ff8a2a5c7c0e7a8a4e1a4f7c9b5d2b1c0e9f8a7b6c5d4e3f2a1b0c9d8e7"
_PICTURE_EXAMPLE: Final = {
    "image_hash": "037332244527bf34823d0f9efc2ec4bb",
    "image_url": f"http://127.0.0.1:8000/images/{_DIGEST}.webp",
}


class PictureResponse(BaseModel):
    """A face's key and its picture's URL."""

    image_hash: str = Field(
        description="The face's key; empty for a description.", examples=[_PICTURE_EXAMPLE["image_hash"]]
    )
    image_url: str = Field(
        description="The picture's URL. It never changes, unless the answer is provisional.",
        examples=[_PICTURE_EXAMPLE["image_url"]],
    )


class AnswerResponse(BaseModel):
    """The answer of `POST /query`."""

    data: PictureResponse = Field(description="The face.", examples=[_PICTURE_EXAMPLE])
    cache_hit: bool = Field(description="Whether the face was kept before this request.", examples=[False])
    prompt: str = Field(description="The prompt that the model gets.", examples=["Flat vector illustration …"])
    provisional: bool = Field(
        description="Whether the picture is the local artist's stand-in, because the model is unavailable or over "
        "budget, or is still drawing.",
        examples=[False],
    )
    cost_usd: float = Field(description="What this request cost, in US dollars.", examples=[0.0059])
    reason: str | None = Field(
        description="Why the answer is provisional: the code that the error would have, or `still_drawing`; null "
        "otherwise.",
        examples=[None],
    )
    status_url: str | None = Field(
        description="Where to ask what has become of the face, if the answer is provisional; null otherwise, and for a "
        "description.",
        examples=[None],
    )


class FaceFeaturesResponse(FaceRequest):
    """The features of a kept face; null where the artist chose."""

    mood: Mood = Field(description="The mood of the whole picture.", examples=["official"])
    glasses: bool = Field(description="Whether the person wears glasses.", examples=[True])
    variant: int = Field(description="The number of this face among those with its features.", examples=[0])


class KeptFaceResponse(BaseModel):
    """A kept face."""

    image_hash: str = Field(description="The face's key.", examples=[_PICTURE_EXAMPLE["image_hash"]])
    image_url: str = Field(description="The picture's URL. It never changes.", examples=[_PICTURE_EXAMPLE["image_url"]])
    features: FaceFeaturesResponse = Field(
        description="The face's features.", examples=[{"mood": "fun", "eye_color": "blue"}]
    )
    edition: str = Field(description="The edition that the face belongs to.", examples=["1"])
    artist: Artist = Field(description="An image model, or the local artist.", examples=["model"])
    model: str = Field(description="The model that drew the face.", examples=["gpt-image-2.5-flare"])
    drawn_at: datetime = Field(description="When the face was drawn.", examples=["2026-11-22T15:00:00Z"])


class FacePageResponse(BaseModel):
    """The answer of `GET /faces`."""

    faces: list[KeptFaceResponse] = Field(description="The faces, the newest first.", examples=[[]])
    next: str | None = Field(description="The cursor of the next page; null on the last one.", examples=[None])


class FaceStateResponse(BaseModel):
    """The answer of `GET /faces/{image_hash}`."""

    image_hash: str = Field(description="The face's key.", examples=[_PICTURE_EXAMPLE["image_hash"]])
    state: FaceStateName = Field(
        description="`kept`; `drawing`, here or in another process; `cooldown` after a failed drawing; `absent`.",
        examples=["drawing"],
    )
    image_url: str | None = Field(
        description="The picture's URL, which never changes; null unless the face is kept.", examples=[None]
    )
    reason: str | None = Field(
        description="`still_drawing`, or the code of the error by which the last drawing failed; null otherwise.",
        examples=["still_drawing"],
    )
    retry_after_s: int | None = Field(
        description="In how many seconds to ask again; null where that alone changes nothing.", examples=[2]
    )


class FeatureResponse(BaseModel):
    """A feature for a form."""

    name: str = Field(description="The field's name.", examples=["eye_color"])
    description: str = Field(description="The field's meaning.", examples=["The colour of the eyes."])
    values: list[str | bool] = Field(description="The values that the field may have.", examples=[["brown", "blue"]])
    default: str | bool | None = Field(
        description="The value when the field is left out; null: the artist chooses.", examples=[None]
    )


class FeaturesResponse(BaseModel):
    """The answer of `GET /features`."""

    features: list[FeatureResponse] = Field(
        description="The features, in the order of a form.",
        examples=[
            [
                {
                    "name": "mood",
                    "description": "The mood of the whole picture.",
                    "values": ["fun", "official"],
                    "default": "fun",
                }
            ]
        ],
    )
    max_variant: int = Field(description="The highest variant; the lowest is 0.", examples=[MAX_VARIANT])
    max_description: int = Field(description="The longest description, in characters.", examples=[MAX_DESCRIPTION])


class PurgedResponse(BaseModel):
    """The answer of the operator's `DELETE` requests."""

    faces: int = Field(description="The number of faces removed.", examples=[1])
    pictures: int = Field(description="The number of pictures removed.", examples=[1])


class ErrorResponse(BaseModel):
    """The answer of every error except bad input."""

    detail: str = Field(
        description="What happened and what to do.",
        examples=["The body is larger than 65536 bytes. Send a smaller one."],
    )
    code: str = Field(description="A stable word for programs.", examples=["body_too_large"])


class InputProblemResponse(BaseModel):
    """One problem of the input."""

    type: str = Field(description="The kind of problem.", examples=["enum"])
    loc: list[str | int] = Field(description="The place of the problem.", examples=[["body", "properties", "mood"]])
    msg: str = Field(
        description="The problem, and the allowed values.", examples=["Input should be 'fun' or 'official'"]
    )
    input: str | float | bool | None = Field(
        description="The input, shortened; for a list or an object its type.", examples=["sad"]
    )


class BadInputResponse(BaseModel):
    """The answer to bad input, in FastAPI's own form."""

    detail: list[InputProblemResponse] = Field(description="All problems of the input.", examples=[[BAD_INPUT_EXAMPLE]])
