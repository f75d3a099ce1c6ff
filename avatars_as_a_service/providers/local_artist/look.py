"""Looks: everything that a picture shows, decided before anything is drawn."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, TypeVar

from avatars_as_a_service.features import EyeColor, Features, HeadShape, Mood, NoseType, SkinTone, SmileType
from avatars_as_a_service.providers.local_artist.backdrops import BACKDROPS_FOR, Backdrop
from avatars_as_a_service.providers.local_artist.beards import Beard
from avatars_as_a_service.providers.local_artist.clothes import GARMENTS_FOR, Garment
from avatars_as_a_service.providers.local_artist.glasses import Frame
from avatars_as_a_service.providers.local_artist.hair import HAIRS, Hairstyle
from avatars_as_a_service.providers.local_artist.palettes import (
    DYES_FOR,
    FINISHES_FOR,
    HAIR_FOR,
    PAINTS_FOR,
    Dye,
    Finish,
    HairColour,
    Paint,
)

_Choice = TypeVar("_Choice")

_BEARDS: Final = (
    Beard.NONE,
    Beard.NONE,
    Beard.NONE,
    Beard.STUBBLE,
    Beard.MOUSTACHE,
    Beard.GOATEE,
    Beard.SHORT,
    Beard.FULL,
)
_NOT_WITH_BEARD: Final = frozenset({Garment.BLOUSE, Garment.DRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The features, none of them open any more, and what the artist adds to them."""

    mood: Mood
    head_shape: HeadShape
    skin_tone: SkinTone
    smile_type: SmileType
    nose_type: NoseType
    eye_color: EyeColor
    glasses: bool
    hairstyle: Hairstyle
    hair_colour: HairColour
    beard: Beard
    scarf: Dye
    garment: Garment
    dye: Dye
    frame: Frame
    finish: Finish
    backdrop: Backdrop
    paint: Paint


def look_of(features: Features) -> Look:
    """The look of these features.

    What they leave open is picked by the variant, each thing on its own: a feature that changes alone changes nothing
    else, but that clothes, backdrop and the colour of glasses suit the mood, and the colour of the hair the skin.
    """
    variant, mood = features.variant, features.mood
    skin_tone = features.skin_tone or _dealt(variant, "skin tone", tuple(SkinTone))  # none is the usual one
    hairstyle = _picked(variant, "hairstyle", tuple(Hairstyle))
    may_have_beard = HAIRS[hairstyle].goes_with_beard
    return Look(
        mood=mood,
        head_shape=features.head_shape or _picked(variant, "head shape", tuple(HeadShape)),
        skin_tone=skin_tone,
        smile_type=features.smile_type or _picked(variant, "smile type", tuple(SmileType)),
        nose_type=features.nose_type or _picked(variant, "nose type", tuple(NoseType)),
        eye_color=features.eye_color or _picked(variant, "eye colour", tuple(EyeColor)),
        glasses=features.glasses,
        hairstyle=hairstyle,
        hair_colour=_picked(variant, "hair colour", HAIR_FOR[skin_tone]),
        beard=_picked(variant, "beard", _BEARDS) if may_have_beard else Beard.NONE,
        scarf=_picked(variant, "scarf", tuple(Dye)),
        garment=_picked(variant, "garment", _garments(mood, may_have_beard=may_have_beard)),
        dye=_picked(variant, "dye", DYES_FOR[mood]),
        frame=_picked(variant, "frame", tuple(Frame)),
        finish=_picked(variant, "finish", FINISHES_FOR[mood]),
        backdrop=_picked(variant, "backdrop", BACKDROPS_FOR[mood]),
        paint=_picked(variant, "paint", PAINTS_FOR[mood]),
    )


def _garments(mood: Mood, *, may_have_beard: bool) -> tuple[Garment, ...]:
    garments = GARMENTS_FOR[mood]
    return tuple(garment for garment in garments if garment not in _NOT_WITH_BEARD) if may_have_beard else garments


def _picked(variant: int, subject: str, choices: tuple[_Choice, ...]) -> _Choice:
    """What the variant picks for the subject; variant 0 has the first, usual one."""
    return _dealt(variant, subject, choices) if variant else choices[0]


def _dealt(variant: int, subject: str, choices: tuple[_Choice, ...]) -> _Choice:
    """What the variant is dealt: as many variants in a row as there are choices have each of them once."""
    deal, place = divmod(variant, len(choices))
    return choices[_order(f"{subject} {deal}", len(choices))[place]]


@lru_cache(maxsize=1024)
def _order(deal: str, count: int) -> tuple[int, ...]:
    """In which order this deal hands out so many choices."""
    return tuple(sorted(range(count), key=lambda choice: sha256(f"{deal} {choice}".encode()).digest()))
