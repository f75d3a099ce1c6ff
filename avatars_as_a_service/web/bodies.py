"""The bodies of requests and answers, as they stand in the OpenAPI document."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from avatars_as_a_service.features import (
    MAX_VARIANT,
    EyeColor,
    Features,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)
from avatars_as_a_service.picture import SIZES, PictureFormat
from avatars_as_a_service.seed import MAX_SEED, seeded
from avatars_as_a_service.service.conversation import Query

MAX_DESCRIPTION: Final = 1000
BAD_INPUT_EXAMPLE: Final[dict[str, Any]] = {
    "type": "enum",
    "loc": ["body", "properties", "mood"],
    "msg": "Input should be 'fun' or 'official'",
    "input": "sad",
}
_SIZES: Final = {str(size): size for size in SIZES}
_DIGEST: Final = "4e5a1ff8a2a5c7c0e7a8a4e1a4f7c9b5d2b1c0e9f8a7b6c5d4e3f2a1b0c9d8e7"
_FACE_EXAMPLE: Final[dict[str, Any]] = {
    "properties": {
        "mood": "official",
        "head_shape": "oval",
        "skin_tone": "fair",
        "smile_type": "closed-lip",
        "nose_type": "button",
        "eye_color": "blue",
        "glasses": True,
    }
}

PICTURE_EXAMPLE: Final = {
    "image_hash": "037332244527bf34823d0f9efc2ec4bb",
    "image_url": f"http://127.0.0.1:8000/images/{_DIGEST}.webp",
}


def _value_of_name(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    """``CLOSED_LIP`` and ``Closed-Lip`` for ``closed-lip``."""
    return value.lower().replace("_", "-") if isinstance(value, str) else value


def _or(default: Any) -> BeforeValidator:  # noqa: ANN401 - any field's default
    """Null is the same as leaving the field out."""
    return BeforeValidator(lambda value: default if value is None else value)


def _blank_is_absent(text: str | None) -> str | None:
    text = text and text.strip()
    if text and any(character < " " and character not in "\r\n\t" for character in text):
        raise ValueError("Control characters are not allowed")
    return text or None


def _a_size(value: str) -> int:
    if value not in _SIZES:
        *others, last = _SIZES
        raise PydanticCustomError("enum", "Input should be {some} or {last}", {"some": ", ".join(others), "last": last})
    return _SIZES[value]


NAME = BeforeValidator(_value_of_name)
Size = Annotated[int, BeforeValidator(_a_size), Field(json_schema_extra={"enum": list(SIZES)})]


class FaceBody(BaseModel):
    """The features of a face. Each may be left out or null: then the artist chooses."""

    model_config = ConfigDict(extra="forbid")

    mood: Annotated[Mood, NAME, _or(Mood.FUN)] = Field(
        Mood.FUN, description="How the whole picture feels.", examples=["official"]
    )
    head_shape: Annotated[HeadShape | None, NAME] = Field(
        None, description="The outline of the head.", examples=["oval"]
    )
    skin_tone: Annotated[SkinTone | None, NAME] = Field(None, description="The colour of the skin.", examples=["fair"])
    smile_type: Annotated[SmileType | None, NAME] = Field(
        None, description="What the mouth does.", examples=["closed-lip"]
    )
    nose_type: Annotated[NoseType | None, NAME] = Field(None, description="The form of the nose.", examples=["button"])
    eye_color: Annotated[EyeColor | None, NAME] = Field(None, description="The colour of the eyes.", examples=["blue"])
    glasses: Annotated[bool, _or(default=False)] = Field(
        default=False, description="Whether glasses are worn.", examples=[True]
    )
    variant: Annotated[int, Field(ge=0, le=MAX_VARIANT), _or(0)] = Field(
        0, description="Another face with the same features.", examples=[0]
    )

    def features(self) -> Features:
        """The features that it names."""
        return Features(**{name: getattr(self, name) for name in FaceBody.model_fields})


class SizeBody(BaseModel):
    """The query parameters of a kept picture; others may stand beside them and say nothing."""

    size: Size | None = Field(
        None,
        description="Pixels on the longer side, never more than the original has; an SVG is drawn at the size. Left "
        "out: the original's own.",
        examples=[256],
    )


class EmbedBody(FaceBody):
    """The query parameters of a face straight into a page."""

    seed: Annotated[str, Field(max_length=MAX_SEED)] | None = Field(
        None,
        description="Any text: it picks every feature that is not given except the mood, always the same ones. It is "
        "stored and logged nowhere.",
        examples=["jane"],
    )
    size: Size | None = Field(
        None,
        description="Pixels on the longer side. Left out: an SVG as it was drawn, pixels in the usual size.",
        examples=[64],
    )
    format: Annotated[PictureFormat, NAME] | None = Field(
        None,
        description="The format. Left out: by Accept. svg: where the face is one, else the usual format.",
        examples=["webp"],
    )
    exp: str | None = Field(
        None, description="Until when the signature is valid, in seconds since 1970.", examples=["1800000000"]
    )
    sig: str | None = Field(
        None,
        description="The signature of all parameters but size and format: with a valid one, a face that is not kept is "
        "drawn, and paid for, once. What is not valid shows the same pictures and never pays.",
        examples=[""],
    )

    def features(self) -> Features:
        """The features that it names, and those that the seed picks."""
        named = super().features()
        return named if self.seed is None else seeded(self.seed, named, given=self.model_fields_set)


class PropertiesBody(FaceBody):
    """The features of a face, or a free description. Each may be left out or null: then the artist chooses."""

    description: Annotated[str | None, Field(max_length=MAX_DESCRIPTION), AfterValidator(_blank_is_absent)] = Field(
        None,
        description="A free description instead of features. It goes straight to the model, costs a call each time "
        "and is not cached. Blank counts as absent.",
        examples=[None],
    )


class QueryBody(BaseModel):
    """What ``POST /query`` is asked."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_FACE_EXAMPLE]})

    properties: Annotated[PropertiesBody, _or(PropertiesBody())] = Field(
        default_factory=PropertiesBody, description="What the face looks like.", examples=[_FACE_EXAMPLE["properties"]]
    )
    disable_cache: Annotated[bool, _or(default=False)] = Field(
        default=False, description="Draw anew, pay for it, and leave the kept face as it is.", examples=[False]
    )

    def query(self, idempotency_key: str | None) -> Query:
        """The query that it makes."""
        return Query(
            features=self.properties.features(),
            description=self.properties.description,
            disable_cache=self.disable_cache,
            idempotency_key=idempotency_key,
        )


class PictureBody(BaseModel):
    """A face's key and its picture's address."""

    image_hash: str = Field(
        description="The face's key; empty for a description.", examples=[PICTURE_EXAMPLE["image_hash"]]
    )
    image_url: str = Field(
        description="Where the picture is, for ever unless provisional.", examples=[PICTURE_EXAMPLE["image_url"]]
    )


class AnswerBody(BaseModel):
    """What ``POST /query`` answers."""

    data: PictureBody = Field(description="The face.", examples=[PICTURE_EXAMPLE])
    cache_hit: bool = Field(description="Whether the face was kept before this request.", examples=[False])
    prompt: str = Field(description="What the model was told.", examples=["Flat vector avatar of one person: …"])
    provisional: bool = Field(
        description="Whether the local artist's stand-in is shown, since the model may or can not draw now.",
        examples=[False],
    )
    cost_usd: float = Field(description="What this request paid, in US dollars.", examples=[0.0059])


class ErrorBody(BaseModel):
    """What every error answers, except for bad input."""

    detail: str = Field(description="What happened and what to do.", examples=["The body is larger than 65536 bytes."])
    code: str = Field(description="A word that stays the same.", examples=["body_too_large"])


class ProblemBody(BaseModel):
    """One thing that is wrong with the input."""

    type: str = Field(description="The kind of problem.", examples=["enum"])
    loc: list[str | int] = Field(description="Where it is.", examples=[["body", "properties", "mood"]])
    msg: str = Field(description="What is wrong and what is allowed.", examples=["Input should be 'fun' or 'official'"])
    input: str | float | bool | None = Field(
        description="What was given, shortened; of a list or an object its kind.", examples=["sad"]
    )


class BadInputBody(BaseModel):
    """What bad input is answered with: FastAPI's own form."""

    detail: list[ProblemBody] = Field(description="All that is wrong.", examples=[[BAD_INPUT_EXAMPLE]])


class FeatureBody(BaseModel):
    """A feature for a form."""

    name: str = Field(description="The field's name.", examples=["eye_color"])
    description: str = Field(description="What it is.", examples=["The colour of the eyes."])
    values: list[str | bool] = Field(description="What it may be.", examples=[["brown", "blue"]])
    default: str | bool | None = Field(
        description="What it is when left out; null: the artist chooses.", examples=[None]
    )


class FeaturesBody(BaseModel):
    """What ``GET /features`` answers."""

    features: list[FeatureBody] = Field(
        description="The features, in the order of a form.",
        examples=[
            [
                {
                    "name": "mood",
                    "description": "How the whole picture feels.",
                    "values": ["fun", "official"],
                    "default": "fun",
                }
            ]
        ],
    )
    max_variant: int = Field(description="The highest variant; the lowest is 0.", examples=[MAX_VARIANT])
    max_description: int = Field(description="The longest description, in characters.", examples=[MAX_DESCRIPTION])


class RemovedBody(BaseModel):
    """What the admin's ``DELETE`` answers."""

    faces: int = Field(description="Faces that are no more.", examples=[1])
    pictures: int = Field(description="Pictures that are no more.", examples=[1])


class HealthBody(BaseModel):
    """What ``GET /healthz`` answers."""

    status: str = Field(description="Always alive.", examples=["alive"])


class ReadyBody(BaseModel):
    """What ``GET /readyz`` answers."""

    status: str = Field(
        description="starting, ready, degraded (the database is away; what is remembered is served) or draining.",
        examples=["ready"],
    )


class BudgetBody(BaseModel):
    """A budget window."""

    window: str = Field(description="daily or monthly, in UTC.", examples=["daily"])
    limit_usd: float | None = Field(description="The cap; null: none.", examples=[5.0])
    spent_usd: float = Field(description="What calls have cost in it.", examples=[0.0059])
    reserved_usd: float = Field(description="What is set aside for calls under way.", examples=[0.0])
    resets_at: str = Field(description="When it begins anew.", examples=["2026-11-23T00:00:00Z"])


class ProviderBody(BaseModel):
    """Who draws."""

    name: str = Field(description="openai or local.", examples=["openai"])
    model: str = Field(description="The model.", examples=["gpt-image-2.5-flare"])
    state: str = Field(description="ok, paused, out_of_quota or trial, as this process sees it.", examples=["ok"])


class StatsBody(BaseModel):
    """What ``GET /stats`` answers: sums over all processes since the beginning."""

    faces: int = Field(description="Faces kept.", examples=[1])
    hits: int = Field(description="Faces served that were kept.", examples=[41])
    misses: int = Field(description="Faces asked for that were not kept.", examples=[1])
    stand_ins: int = Field(description="Provisional answers.", examples=[0])
    paid_calls: int = Field(description="Calls that were or may have been billed.", examples=[1])
    spent_usd: float = Field(description="What they cost.", examples=[0.0059])
    saved_usd: float = Field(description="What the hits would have cost.", examples=[0.2419])
    budgets: list[BudgetBody] = Field(
        description="The day's and the month's budget.",
        examples=[
            [
                {
                    "window": "daily",
                    "limit_usd": 5.0,
                    "spent_usd": 0.0059,
                    "reserved_usd": 0.0,
                    "resets_at": "2026-11-23T00:00:00Z",
                }
            ]
        ],
    )
    provider: ProviderBody = Field(
        description="Who draws now.", examples=[{"name": "openai", "model": "gpt-image-2.5-flare", "state": "ok"}]
    )
