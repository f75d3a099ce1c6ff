"""The features of a face: seven features, three more that only a request gives, and the variant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from math import prod
from typing import Any, Final, Self

MAX_VARIANT: Final = 99


class Mood(StrEnum):
    """The mood of the whole picture; every face has one."""

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
    """The kind of smile."""

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


class HairStyle(StrEnum):
    """The hair or what is worn over it, the neutral one first."""

    SIDE_PART = "side-part"
    CROP = "crop"
    BUZZ = "buzz"
    QUIFF = "quiff"
    CURLS = "curls"
    AFRO = "afro"
    FLAT_TOP = "flat-top"
    SLICKED_BACK = "slicked-back"
    RECEDING = "receding"
    BALD = "bald"
    MOHAWK = "mohawk"
    PIXIE = "pixie"
    BOB = "bob"
    WAVY_BOB = "wavy-bob"
    LONG_STRAIGHT = "long-straight"
    LONG_WAVY = "long-wavy"
    LONG_CURLY = "long-curly"
    BUN = "bun"
    PONYTAIL = "ponytail"
    BRAIDS = "braids"
    LOCS = "locs"
    HIJAB = "hijab"
    TURBAN = "turban"

    @property
    def shows_hair(self) -> bool:
        """Whether hair is seen, and so has a colour."""
        return self not in {HairStyle.BALD, HairStyle.HIJAB, HairStyle.TURBAN}

    @property
    def goes_with_beard(self) -> bool:
        """Whether the face may have facial hair."""
        return self in _WITH_BEARD


_WITH_BEARD: Final = frozenset(
    {
        HairStyle.SIDE_PART,
        HairStyle.CROP,
        HairStyle.BUZZ,
        HairStyle.QUIFF,
        HairStyle.CURLS,
        HairStyle.AFRO,
        HairStyle.FLAT_TOP,
        HairStyle.SLICKED_BACK,
        HairStyle.RECEDING,
        HairStyle.BALD,
        HairStyle.MOHAWK,
        HairStyle.TURBAN,
    }
)


class HairColor(StrEnum):
    """The colour of the hair, the brows and the beard."""

    BLACK = "black"
    ESPRESSO = "espresso"
    CHESTNUT = "chestnut"
    BROWN = "brown"
    AUBURN = "auburn"
    COPPER = "copper"
    HONEY = "honey"
    BLONDE = "blonde"
    SILVER = "silver"


class FacialHair(StrEnum):
    """The beard."""

    NONE = "none"
    STUBBLE = "stubble"
    MOUSTACHE = "moustache"
    GOATEE = "goatee"
    SHORT = "short"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The features of a requested face.

    A feature that is ``None`` is left to the artist. ``variant`` (0 to 99) selects another face with the same features.
    """

    mood: Mood = Mood.FUN
    head_shape: HeadShape | None = None
    skin_tone: SkinTone | None = None
    smile_type: SmileType | None = None
    nose_type: NoseType | None = None
    eye_color: EyeColor | None = None
    glasses: bool = False
    variant: int = 0
    hair_style: HairStyle | None = None
    hair_color: HairColor | None = None
    facial_hair: FacialHair | None = None

    @property
    def conflicts(self) -> frozenset[str]:
        """The names of given features that would change nothing in the picture beside the given hair style."""
        style = self.hair_style
        if style is None:
            return frozenset()
        hidden = set()
        if self.hair_color is not None and not style.shows_hair:
            hidden.add("hair_color")
        if self.facial_hair not in {None, FacialHair.NONE} and not style.goes_with_beard:
            hidden.add("facial_hair")
        return frozenset(hidden)

    def without_conflicts(self) -> Self:
        """Return the features without those that conflict, as if they had not been given."""
        left_out: dict[str, Any] = dict.fromkeys(self.conflicts)
        return replace(self, **left_out) if left_out else self


VALUES: Final[Mapping[str, tuple[StrEnum | bool, ...]]] = {
    "mood": tuple(Mood),
    "head_shape": tuple(HeadShape),
    "skin_tone": tuple(SkinTone),
    "smile_type": tuple(SmileType),
    "nose_type": tuple(NoseType),
    "eye_color": tuple(EyeColor),
    "glasses": (False, True),
}
"""The values of each feature of the catalogue, by its name. The variant is no feature."""
OPTIONAL_VALUES: Final[Mapping[str, tuple[StrEnum, ...]]] = {
    "hair_style": tuple(HairStyle),
    "hair_color": tuple(HairColor),
    "facial_hair": tuple(FacialHair),
}
"""The values of each feature that only a request gives: neither the catalogue nor a seed picks one."""
FULL_FACES: Final = prod(len(values) for values in VALUES.values())
"""The number of faces in the catalogue: those that give every feature."""


def full_faces() -> Iterator[Features]:
    """Yield the 12,960 faces of the catalogue, always in the same order."""
    for values in product(*VALUES.values()):
        face: dict[str, Any] = dict(zip(VALUES, values, strict=True))
        yield Features(**face)
