"""What a face can be asked to have: the seven features and the variant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from math import prod
from typing import Any, Final

MAX_VARIANT: Final = 99


class Mood(StrEnum):
    """How the whole picture feels; every face has one."""

    FUN = "fun"
    OFFICIAL = "official"


class HeadShape(StrEnum):
    """The outline of the head."""

    OVAL = "oval"
    ROUND = "round"
    SQUARE = "square"
    HEART = "heart"
    TRIANGULAR = "triangular"


class SkinTone(StrEnum):
    """The colour of the skin."""

    FAIR = "fair"
    MEDIUM = "medium"
    DARK = "dark"


class SmileType(StrEnum):
    """What the mouth does."""

    WIDE = "wide"
    FULL = "full"
    CLOSED_LIP = "closed-lip"
    OPEN_LIP = "open-lip"
    TEETH_BARING = "teeth-baring"
    SMIRK = "smirk"


class NoseType(StrEnum):
    """The form of the nose."""

    STRAIGHT = "straight"
    ROMAN = "roman"
    BUTTON = "button"
    SNUB = "snub"
    WIDE = "wide"
    NARROW = "narrow"


class EyeColor(StrEnum):
    """The colour of the iris."""

    BROWN = "brown"
    BLUE = "blue"
    AMBER = "amber"
    HAZEL = "hazel"
    GREEN = "green"
    GREY = "grey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """A face as it is asked for.

    A feature that is ``None`` is left to the artist. ``variant`` (0 to 99) asks for another face with the same ones.
    """

    mood: Mood = Mood.FUN
    head_shape: HeadShape | None = None
    skin_tone: SkinTone | None = None
    smile_type: SmileType | None = None
    nose_type: NoseType | None = None
    eye_color: EyeColor | None = None
    glasses: bool = False
    variant: int = 0


VALUES: Final[Mapping[str, tuple[StrEnum | bool, ...]]] = {
    "mood": tuple(Mood),
    "head_shape": tuple(HeadShape),
    "skin_tone": tuple(SkinTone),
    "smile_type": tuple(SmileType),
    "nose_type": tuple(NoseType),
    "eye_color": tuple(EyeColor),
    "glasses": (False, True),
}
"""Every feature by its name, and all that it can be; the variant is none."""
FULL_FACES: Final = prod(len(values) for values in VALUES.values())
"""How many faces there are that leave nothing open: the catalogue."""


def full_faces() -> Iterator[Features]:
    """All 12,960 faces that leave nothing open, in the same order each time."""
    for chosen in product(*VALUES.values()):
        face: dict[str, Any] = dict(zip(VALUES, chosen, strict=True))
        yield Features(**face)
