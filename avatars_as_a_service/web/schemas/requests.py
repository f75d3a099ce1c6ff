"""What clients send: query parameters and JSON bodies."""

import re
from operator import attrgetter
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from avatars_as_a_service.domain.features import (
    MAX_VARIANT,
    EyeColor,
    FacialHair,
    Features,
    HairColor,
    HairStyle,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.domain.picture import SIZES, PictureFormat, made_size
from avatars_as_a_service.domain.query import Query
from avatars_as_a_service.domain.seed import MAX_SEED, normalized, seeded
from avatars_as_a_service.errors import ConflictingFeatures
from avatars_as_a_service.web.schemas.openapi import without_defaults

MAX_DESCRIPTION: Final = 1000
MAX_PAGE: Final = 100
CURSOR: Final = re.compile(r"(\d{1,16})-([0-9a-f]{32})")
DEFAULT_PAGE: Final = 48
MAX_SIZE: Final = 2048
"""The largest size that `/avatar` is asked for; no picture is larger than ``SIZES`` says."""
_SIZE_DIGITS: Final = len(str(MAX_SIZE))
_MODEL: Final = r"^[^\x00-\x1f\x7f]{1,100}$"
_SIZES: Final = {str(size): size for size in SIZES}
_FACE: Final[dict[str, Any]] = {
    "mood": "official",
    "head_shape": "oval",
    "skin_tone": "fair",
    "smile_type": "closed-lip",
    "nose_type": "button",
    "eye_color": "blue",
    "glasses": True,
}
QUERY_EXAMPLES: Final[dict[str, Any]] = {
    "features": {"summary": "A face by its features", "value": {"properties": _FACE}},
    "variant": {
        "summary": "Another face with the same features",
        "value": {"properties": {"mood": "official", "glasses": True, "variant": 3}},
    },
    "seed": {
        "summary": "A face for a user",
        "value": {"seed": "user-17", "properties": {"mood": "official"}},
    },
    "description": {
        "summary": "A picture by description, paid for each time",
        "value": {"properties": {"description": "a friendly robot librarian, flat colours"}},
    },
}
"""The bodies of `POST /query` that the OpenAPI page offers."""


def _value_of_name(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    """``closed-lip`` for ``CLOSED_LIP`` and ``Closed-Lip``."""
    return value.lower().replace("_", "-") if isinstance(value, str) else value


def _boolean(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    """``True`` or ``False`` for ``"true"``, ``"false"``, 1 and 0 as well; other values are left to fail."""
    if isinstance(value, str):
        return _BOOLEANS.get(value.lower(), value)
    return bool(value) if type(value) is int and value in {0, 1} else value


def _normalized_text(seed: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    return normalized(seed) if isinstance(seed, str) else seed


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


def size_of_at_least(value: str) -> int | None:
    """The size of at least so many pixels that is made; ``None`` for a text that is no size."""
    digits = value.strip().lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        return None
    return made_size(int(digits) if len(digits) <= _SIZE_DIGITS else MAX_SIZE)


_AtLeast = Annotated[
    int | None, BeforeValidator(size_of_at_least), Field(json_schema_extra={"minimum": 1, "maximum": MAX_SIZE})
]
_Format = Annotated[PictureFormat | None, BeforeValidator(PictureFormat.named)]
_BOOLEANS: Final = {"true": True, "false": False}
_Name = BeforeValidator(_value_of_name)
_Boolean = Annotated[bool | None, BeforeValidator(_boolean)]
_Size = Annotated[int, BeforeValidator(_a_size), Field(json_schema_extra={"enum": list(SIZES)})]


class FaceRequest(BaseModel):
    """The features of a face. Each may be left out or null: then the artist chooses."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_defaults)

    mood: Annotated[Mood | None, _Name] = Field(
        None, description="The mood of the whole picture; `fun` if it is left out.", examples=["official"]
    )
    head_shape: Annotated[HeadShape | None, _Name] = Field(
        None, description="The outline of the head.", examples=["oval"]
    )
    skin_tone: Annotated[SkinTone | None, _Name] = Field(None, description="The colour of the skin.", examples=["fair"])
    smile_type: Annotated[SmileType | None, _Name] = Field(
        None, description="The shape of the mouth.", examples=["closed-lip"]
    )
    nose_type: Annotated[NoseType | None, _Name] = Field(
        None, description="The shape of the nose.", examples=["button"]
    )
    eye_color: Annotated[EyeColor | None, _Name] = Field(None, description="The colour of the eyes.", examples=["blue"])
    glasses: _Boolean = Field(
        None, description="Whether the person wears glasses; `false` if it is left out.", examples=[True]
    )
    variant: Annotated[int, Field(ge=0, le=MAX_VARIANT)] | None = Field(
        None, description="Another number gives another face with the same features.", examples=[0]
    )

    hair_style: Annotated[HairStyle | None, _Name] = Field(
        None, description="The hair, or what is worn over it. No seed picks it.", examples=[None]
    )
    hair_color: Annotated[HairColor | None, _Name] = Field(
        None, description="The colour of the hair. No seed picks it.", examples=[None]
    )
    facial_hair: Annotated[FacialHair | None, _Name] = Field(
        None, description="The beard. No seed picks it.", examples=[None]
    )

    def given(self) -> dict[str, Any]:
        """The features that the request gives, by name."""
        return {name: value for name in _FEATURES if (value := getattr(self, name)) is not None}

    def features(self) -> Features:
        """The features that the request gives."""
        return Features(**self.given())

    def seeded(self, seed: str, variants: int) -> Features:
        """The features that the request gives, and those that the seed picks, among so many variants."""
        given = self.given()
        return seeded(seed, Features(**given), given=given, variants=variants)


_FEATURES: Final = tuple(FaceRequest.model_fields)


class SizeRequest(BaseModel):
    """The query parameters of a kept picture. Other parameters are ignored."""

    size: _Size | None = Field(
        None,
        description="Pixels on the longer side, at most as many as the original has; an SVG is drawn at this size. "
        "Default: the original's size.",
        examples=[256],
    )


class EmbedRequest(FaceRequest):
    """The query parameters of a face in an `<img>` element. What is no parameter of ours is ignored."""

    model_config = ConfigDict(extra="ignore")

    seed: Annotated[str, Field(max_length=MAX_SEED), BeforeValidator(_normalized_text)] | None = Field(
        None,
        description="Any text, in NFC. It picks every feature that is not given except the mood; the same text always "
        "picks the same features. It is neither stored nor logged.",
        examples=["jane"],
    )
    size: _AtLeast = Field(
        None,
        description="Pixels on the longer side, rounded up to a size that is made, at most 1024. Default: an SVG as it "
        "was drawn, other formats in the usual size; so it is for what is no size.",
        examples=[64],
    )
    format: _Format = Field(
        None,
        description="The format. Default, for an unknown one too: chosen by `Accept`; PNG unless the client names "
        "another one. `svg` works where the picture is one; otherwise the answer has the usual format.",
        examples=["webp"],
    )
    exp: str | None = Field(
        None, description="When the signature expires, in seconds since 1970.", examples=["1800000000"]
    )
    sig: str | None = Field(
        None,
        description="The signature of all parameters but `size` and `format`. With a valid one, a face that is not "
        "kept is drawn, and paid for, once. Without one the URL shows the same pictures and never pays.",
        examples=[""],
    )

    def face(self, *, seed_variants: int) -> Features:
        """The features that the request gives but those that conflict, and those that its seed picks among variants."""
        features = self.features() if self.seed is None else self.seeded(self.seed, seed_variants)
        return features.without_conflicts()


class FacePageRequest(FaceRequest):
    """The query parameters of `GET /faces`: only faces with the given features are listed."""

    edition: Annotated[str, Field(pattern=r"^[!-~]{1,50}$")] | None = Field(
        None, description="Only faces of this edition.", examples=["1"]
    )
    artist: Annotated[Artist, _Name] | None = Field(
        None, description="Only faces by an image model, or by the local artist.", examples=["model"]
    )
    model: Annotated[str, Field(pattern=_MODEL)] | None = Field(
        None, description="Only faces that this model drew.", examples=["gpt-image-2.5-flare"]
    )
    cursor: Annotated[str, Field(pattern=f"^{CURSOR.pattern}$")] | None = Field(
        None, description="`next` of the page before.", examples=[None]
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = Field(
        None, description=f"The most faces on a page. Default: {DEFAULT_PAGE}.", examples=[DEFAULT_PAGE]
    )

    def wanted(self) -> dict[str, str | bool | int]:
        """The columns that listed faces must have these values in: the given features, edition, artist, model."""
        origin = {"edition": self.edition, "artist": self.artist, "model": self.model}
        return self.given() | {name: value for name, value in origin.items() if value is not None}


class PropertiesRequest(FaceRequest):
    """The features of a face, or a description. Each may be left out or null: then the artist chooses."""

    description: Annotated[str | None, Field(max_length=MAX_DESCRIPTION), AfterValidator(_blank_is_absent)] = Field(
        None,
        description="Free text instead of features. It goes straight to the model, costs a call each time and is not "
        "cached. Blank text counts as absent.",
        examples=[None],
    )


class QueryRequest(BaseModel):
    """The body of `POST /query`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_defaults)

    properties: PropertiesRequest | None = Field(
        None,
        description="The features of the face, or a description.",
        examples=[_FACE],
    )
    seed: Annotated[str, Field(max_length=MAX_SEED), BeforeValidator(_normalized_text)] | None = Field(
        None,
        description="Any text, in NFC. It picks every feature that is not given except the mood, as in `GET /avatar`; "
        "a description wins over it.",
        examples=["user-17"],
    )
    disable_cache: _Boolean = Field(
        None,
        description="Draw a new picture, pay for it, and leave the kept face as it is; `false` if it is left out.",
        examples=[False],
    )

    @property
    def choice(self) -> tuple[object, ...] | None:
        """The given features, ``None`` for each other, where nothing else decides on the face; else ``None``."""
        properties = self.properties or _NO_PROPERTIES
        if self.seed is not None or self.disable_cache or properties.description is not None:
            return None
        choice: tuple[object, ...] = _choice_of(properties)
        return choice

    def query(self, *, idempotency_key: str | None, seed_variants: int) -> Query:
        """The query of this body. Raises ``ConflictingFeatures``."""
        properties = self.properties or _NO_PROPERTIES
        features = properties.features() if self.seed is None else properties.seeded(self.seed, seed_variants)
        if properties.description is None and features.conflicts:
            raise ConflictingFeatures(features.hair_style, features.conflicts)
        return Query(
            features=features,
            description=properties.description,
            disable_cache=self.disable_cache is True,
            idempotency_key=idempotency_key,
        )


_NO_PROPERTIES: Final = PropertiesRequest()
_choice_of: Final = attrgetter(*_FEATURES)
