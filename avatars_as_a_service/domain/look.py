"""The look: every choice of a picture, made from the features before drawing and before writing the prompt.

The local artist draws the look and the prompt describes it, so that a stand-in and the face that replaces it show the
same person. One hash deals everything that the features leave open: the hash of head, nose, smile, eyes and variant.
So another skin tone, or glasses, leave the person as it is; another mood leaves hair and beard, while clothes and wall
follow it. A given hair style, hair colour or facial hair limits what is dealt to what goes with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from hashlib import sha256
from struct import Struct
from typing import Final, TypeVar

from avatars_as_a_service.domain.features import (
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

_Choice = TypeVar("_Choice")


class Garment(StrEnum):
    """The garments."""

    TEE = auto()
    STRIPES = auto()
    HOODIE = auto()
    DUNGAREES = auto()
    RAGLAN = auto()
    POLKA = auto()
    JUMPER = auto()
    OPEN_SHIRT = auto()
    BLAZER = auto()
    SUIT = auto()
    BLOUSE = auto()
    TURTLENECK = auto()
    SHIRT = auto()
    TUNIC = auto()
    SWEATER = auto()
    CARDIGAN = auto()
    DRESS = auto()


class Dye(StrEnum):
    """The colours of clothes and head scarves."""

    CORAL = auto()
    TEAL = auto()
    VIOLET = auto()
    MUSTARD = auto()
    SKY = auto()
    BERRY = auto()
    LEAF = auto()
    NAVY = auto()
    CHARCOAL = auto()
    PETROL = auto()
    BURGUNDY = auto()
    FOREST = auto()
    SLATE = auto()
    CAMEL = auto()
    PLUM = auto()


class Paint(StrEnum):
    """The colours of the wall behind the face."""

    SUNNY = auto()
    MINT = auto()
    PEACH = auto()
    LILAC = auto()
    AQUA = auto()
    ROSE = auto()
    LIME = auto()
    MIST = auto()
    SAND = auto()
    SAGE = auto()
    POWDER = auto()
    PEARL = auto()


class Backdrop(StrEnum):
    """The local artist's patterns on the wall; the image model paints a plain wall."""

    BLOB = auto()
    RAYS = auto()
    DOTS = auto()
    WAVES = auto()
    CONFETTI = auto()
    SHAPES = auto()
    STRIPES = auto()
    BUBBLES = auto()
    HILLS = auto()
    HALO = auto()
    PLAIN = auto()
    DIAGONAL = auto()
    ARCH = auto()
    PANELS = auto()
    HORIZON = auto()
    RINGS = auto()


class Frame(StrEnum):
    """The shape of the lenses of glasses."""

    SOFT = auto()
    ROUND = auto()
    BROAD = auto()
    CAT_EYE = auto()


class Finish(StrEnum):
    """The colours of a pair of glasses."""

    BLACK = auto()
    TORTOISE = auto()
    INK = auto()
    WINE = auto()
    RED = auto()
    COBALT = auto()
    PURPLE = auto()
    PINE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A value for each feature, and every other choice of a picture."""

    mood: Mood
    head_shape: HeadShape
    skin_tone: SkinTone
    smile_type: SmileType
    nose_type: NoseType
    eye_color: EyeColor
    glasses: bool
    hair_style: HairStyle
    hair_color: HairColor
    facial_hair: FacialHair
    scarf: Dye
    garment: Garment
    dye: Dye
    frame: Frame
    finish: Finish
    backdrop: Backdrop
    paint: Paint


WALLS: Final[Mapping[Paint, tuple[str, str]]] = {
    Paint.SUNNY: ("sunny yellow", "#fbdb80"),
    Paint.MINT: ("mint green", "#a0ddce"),
    Paint.PEACH: ("cornflower blue", "#aac8f5"),
    Paint.LILAC: ("lilac", "#c4baf2"),
    Paint.AQUA: ("sky blue", "#a0d5f2"),
    Paint.ROSE: ("rose pink", "#f0b6d4"),
    Paint.LIME: ("lime green", "#c2de9f"),
    Paint.MIST: ("pale grey-blue", "#c3d0e1"),
    Paint.SAND: ("pale lavender", "#d2cce6"),
    Paint.SAGE: ("pale sage green", "#b9d3c0"),
    Paint.POWDER: ("powder blue", "#b8d6e8"),
    Paint.PEARL: ("pale grey", "#cad1dc"),
}
"""The name of each wall's colour, and the colour itself."""
DYE_NAMES: Final[Mapping[Dye, str]] = {
    Dye.CORAL: "coral red",
    Dye.TEAL: "teal",
    Dye.VIOLET: "violet",
    Dye.MUSTARD: "mustard yellow",
    Dye.SKY: "royal blue",
    Dye.BERRY: "raspberry red",
    Dye.LEAF: "leaf green",
    Dye.NAVY: "navy blue",
    Dye.CHARCOAL: "charcoal grey",
    Dye.PETROL: "petrol blue",
    Dye.BURGUNDY: "burgundy",
    Dye.FOREST: "forest green",
    Dye.SLATE: "slate grey",
    Dye.CAMEL: "camel brown",
    Dye.PLUM: "plum purple",
}

GARMENTS_FOR: Final[Mapping[Mood, tuple[Garment, ...]]] = {
    Mood.FUN: (
        Garment.TEE,
        Garment.STRIPES,
        Garment.HOODIE,
        Garment.DUNGAREES,
        Garment.RAGLAN,
        Garment.POLKA,
        Garment.JUMPER,
        Garment.OPEN_SHIRT,
    ),
    Mood.OFFICIAL: (
        Garment.BLAZER,
        Garment.SUIT,
        Garment.BLOUSE,
        Garment.TURTLENECK,
        Garment.SHIRT,
        Garment.TUNIC,
        Garment.SWEATER,
        Garment.CARDIGAN,
        Garment.DRESS,
    ),
}
DYES_FOR: Final[Mapping[Mood, tuple[Dye, ...]]] = {
    Mood.FUN: (Dye.TEAL, Dye.CORAL, Dye.VIOLET, Dye.MUSTARD, Dye.SKY, Dye.BERRY, Dye.LEAF),
    Mood.OFFICIAL: (
        Dye.NAVY,
        Dye.CHARCOAL,
        Dye.PETROL,
        Dye.BURGUNDY,
        Dye.FOREST,
        Dye.SLATE,
        Dye.CAMEL,
        Dye.PLUM,
    ),
}
PAINTS_FOR: Final[Mapping[Mood, tuple[Paint, ...]]] = {
    Mood.FUN: (Paint.SUNNY, Paint.MINT, Paint.PEACH, Paint.LILAC, Paint.AQUA, Paint.ROSE, Paint.LIME),
    Mood.OFFICIAL: (Paint.MIST, Paint.SAND, Paint.SAGE, Paint.POWDER, Paint.PEARL),
}
BACKDROPS_FOR: Final[Mapping[Mood, tuple[Backdrop, ...]]] = {
    Mood.FUN: (
        Backdrop.BLOB,
        Backdrop.RAYS,
        Backdrop.DOTS,
        Backdrop.WAVES,
        Backdrop.CONFETTI,
        Backdrop.SHAPES,
        Backdrop.STRIPES,
        Backdrop.BUBBLES,
        Backdrop.HILLS,
    ),
    Mood.OFFICIAL: (
        Backdrop.HALO,
        Backdrop.PLAIN,
        Backdrop.DIAGONAL,
        Backdrop.ARCH,
        Backdrop.PANELS,
        Backdrop.HORIZON,
        Backdrop.RINGS,
    ),
}
FINISHES_FOR: Final[Mapping[Mood, tuple[Finish, ...]]] = {
    Mood.FUN: (Finish.RED, Finish.COBALT, Finish.PURPLE, Finish.PINE, Finish.BLACK),
    Mood.OFFICIAL: (Finish.BLACK, Finish.TORTOISE, Finish.INK, Finish.WINE),
}
_STYLES: Final = {
    (has_color, has_beard): tuple(
        style for style in HairStyle if (style.shows_hair or not has_color) and (style.goes_with_beard or not has_beard)
    )
    for has_color in (False, True)
    for has_beard in (False, True)
}
"""The hair styles that show a given colour, and go with given facial hair."""
_HAIR_COLORS: Final = (
    *(HairColor.BLACK,) * 3,
    *(HairColor.ESPRESSO,) * 3,
    *(HairColor.CHESTNUT,) * 2,
    *(HairColor.BROWN,) * 2,
    HairColor.AUBURN,
    HairColor.COPPER,
    HairColor.HONEY,
    HairColor.BLONDE,
    HairColor.SILVER,
)
"""A colour that stands here more often is dealt more often."""
_FACIAL_HAIR: Final = (FacialHair.NONE, FacialHair.NONE, *FacialHair)
_SCARVES: Final = tuple(Dye)
_FRAMES: Final = tuple(Frame)
_HEAD_SHAPES: Final = tuple(HeadShape)
_SMILE_TYPES: Final = tuple(SmileType)
_NOSE_TYPES: Final = tuple(NoseType)
_EYE_COLORS: Final = (*(EyeColor.BROWN,) * 4, *(EyeColor.HAZEL,) * 2, *EyeColor)
"""Brown and hazel, which suit every skin, are dealt more often."""
_SKIN_TONES: Final = tuple(SkinTone)
_SIXTEEN: Final = Struct(">16H")
_NOT_WITH_BEARD: Final = frozenset({Garment.BLOUSE, Garment.DRESS})
_GARMENTS_WITH_BEARD: Final = {
    mood: tuple(garment for garment in garments if garment not in _NOT_WITH_BEARD)
    for mood, garments in GARMENTS_FOR.items()
}


def look_of(features: Features) -> Look:
    """Return the look of these features."""
    numbers = iter(_numbers(features))

    def deal(choices: tuple[_Choice, ...]) -> _Choice:
        return choices[next(numbers) % len(choices)]

    mood = features.mood
    dealt_style, hair_color, dealt_beard = deal(_hair_styles(features)), deal(_HAIR_COLORS), deal(_FACIAL_HAIR)
    hair_style = features.hair_style or dealt_style
    may_have_beard = hair_style.goes_with_beard
    return Look(
        mood=mood,
        hair_style=hair_style,
        hair_color=features.hair_color or hair_color,
        facial_hair=(features.facial_hair or dealt_beard) if may_have_beard else FacialHair.NONE,
        garment=deal((_GARMENTS_WITH_BEARD if may_have_beard else GARMENTS_FOR)[mood]),
        dye=deal(DYES_FOR[mood]),
        scarf=deal(_SCARVES),
        paint=deal(PAINTS_FOR[mood]),
        backdrop=deal(BACKDROPS_FOR[mood]),
        frame=deal(_FRAMES),
        finish=deal(FINISHES_FOR[mood]),
        head_shape=features.head_shape or deal(_HEAD_SHAPES),
        smile_type=features.smile_type or deal(_SMILE_TYPES),
        nose_type=features.nose_type or deal(_NOSE_TYPES),
        eye_color=features.eye_color or deal(_EYE_COLORS),
        skin_tone=features.skin_tone or deal(_SKIN_TONES),
        glasses=features.glasses,
    )


def _numbers(features: Features) -> tuple[int, ...]:
    """Return sixteen numbers below 65,536, the same for all faces of one person."""
    person = f"{features.head_shape} {features.nose_type} {features.smile_type} {features.eye_color} {features.variant}"
    return _SIXTEEN.unpack(sha256(person.encode()).digest())


def _hair_styles(features: Features) -> tuple[HairStyle, ...]:
    """Return the hair styles that may be dealt: those that show what is given."""
    has_color = features.hair_color is not None
    has_beard = features.facial_hair not in {None, FacialHair.NONE}
    return _STYLES[has_color, has_beard]
