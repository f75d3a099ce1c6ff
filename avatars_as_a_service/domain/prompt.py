"""The prompt for the image model: the look that the local artist draws, in words."""

from typing import Final

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
from avatars_as_a_service.domain.look import DYE_NAMES, WALLS, Finish, Frame, Garment, Look, look_of

PROMPT_VERSION: Final = 3
MAX_WORDS: Final = 170
"""Words are a fifth of a face's price."""

_STYLE: Final = (
    "Flat vector illustration in smooth, simple shapes and solid colours, each with a darker shade for its shadow, "
    "light from the upper left; no outlines, gradients, texture, text, logo or border."
)
_FRAMING: Final = (
    "Portrait of a person facing the viewer, upright and centred: the head half as high as the picture and inside the "
    "circle that fits it, the shoulders cut by the lower edge."
)
_MOOD: Final = {Mood.FUN: "The mood is playful.", Mood.OFFICIAL: "The mood is formal."}
_HEAD: Final = {
    HeadShape.OVAL: "an oval face",
    HeadShape.ROUND: "a round face with plump cheeks",
    HeadShape.SQUARE: "a square face with an angular jaw",
    HeadShape.HEART: "a heart-shaped face with a pointed chin",
    HeadShape.TRIANGULAR: "a triangular face, broadest at the jaw",
}
_SKIN: Final = {
    SkinTone.FAIR: "fair skin",
    SkinTone.MEDIUM: "medium tan skin",
    SkinTone.DARK: "dark brown skin",
}
_SMILE: Final = {
    SmileType.WIDE: "a wide smile from cheek to cheek",
    SmileType.FULL: "a full, laughing smile",
    SmileType.CLOSED_LIP: "a closed-lip smile",
    SmileType.OPEN_LIP: "an open-lip smile, lips barely parted",
    SmileType.TEETH_BARING: "a teeth-baring grin, both rows showing",
    SmileType.SMIRK: "a smirk, one mouth corner raised",
}
_NOSE: Final = {
    NoseType.STRAIGHT: "a straight nose",
    NoseType.ROMAN: "a Roman nose with a high, curved bridge",
    NoseType.BUTTON: "a tiny button nose",
    NoseType.SNUB: "a short snub nose with an upturned tip",
    NoseType.WIDE: "a wide nose with broad nostrils",
    NoseType.NARROW: "a narrow nose",
}
_EYES: Final = {
    EyeColor.BROWN: "brown eyes",
    EyeColor.BLUE: "blue eyes",
    EyeColor.AMBER: "golden amber eyes",
    EyeColor.HAZEL: "hazel eyes",
    EyeColor.GREEN: "green eyes",
    EyeColor.GREY: "grey eyes",
}
_HAIR_COLOR: Final = {
    HairColor.BLACK: "black",
    HairColor.ESPRESSO: "espresso brown",
    HairColor.CHESTNUT: "chestnut brown",
    HairColor.BROWN: "light brown",
    HairColor.AUBURN: "auburn red",
    HairColor.COPPER: "copper orange",
    HairColor.HONEY: "honey blonde",
    HairColor.BLONDE: "pale blonde",
    HairColor.SILVER: "silver",
}
_HAIR: Final = {
    HairStyle.SIDE_PART: "short {hair} hair with a side part",
    HairStyle.CROP: "cropped {hair} hair with a short fringe",
    HairStyle.BUZZ: "{hair} hair in a buzz cut",
    HairStyle.QUIFF: "{hair} hair swept up into a quiff",
    HairStyle.CURLS: "short curly {hair} hair",
    HairStyle.AFRO: "{hair} hair in a large afro",
    HairStyle.FLAT_TOP: "{hair} hair in a flat-top cut",
    HairStyle.SLICKED_BACK: "slicked-back {hair} hair",
    HairStyle.RECEDING: "short receding {hair} hair",
    HairStyle.BALD: "a bald head",
    HairStyle.MOHAWK: "{hair} hair in a mohawk with shaved sides",
    HairStyle.PIXIE: "{hair} hair in a pixie cut",
    HairStyle.BOB: "{hair} hair in a chin-length bob with a fringe",
    HairStyle.WAVY_BOB: "{hair} hair in a chin-length wavy bob",
    HairStyle.LONG_STRAIGHT: "long straight {hair} hair",
    HairStyle.LONG_WAVY: "long wavy {hair} hair",
    HairStyle.LONG_CURLY: "long curly {hair} hair",
    HairStyle.BUN: "{hair} hair tied up in a bun",
    HairStyle.PONYTAIL: "{hair} hair in a high ponytail",
    HairStyle.BRAIDS: "{hair} hair in two braids",
    HairStyle.LOCS: "shoulder-length {hair} hair in locs",
    HairStyle.HIJAB: "a {scarf} hijab",
    HairStyle.TURBAN: "a {scarf} turban",
}
_FACIAL_HAIR: Final = {
    FacialHair.NONE: "a clean-shaven chin",
    FacialHair.STUBBLE: "{hair} stubble",
    FacialHair.MOUSTACHE: "a thick {hair} moustache",
    FacialHair.GOATEE: "a small {hair} goatee",
    FacialHair.SHORT: "a short {hair} beard",
    FacialHair.FULL: "a full {hair} beard",
}
_GARMENT: Final = {
    Garment.TEE: "a {dye} T-shirt",
    Garment.STRIPES: "a white T-shirt with {dye} stripes",
    Garment.HOODIE: "a {dye} hoodie",
    Garment.DUNGAREES: "{dye} dungarees over a striped white T-shirt",
    Garment.RAGLAN: "a white T-shirt with {dye} sleeves",
    Garment.POLKA: "a {dye} polka-dot shirt with a white collar",
    Garment.JUMPER: "a {dye} jumper with a zigzag pattern",
    Garment.OPEN_SHIRT: "an unbuttoned {dye} shirt over a white T-shirt",
    Garment.BLAZER: "a {dye} blazer over a white top",
    Garment.SUIT: "a {dye} suit with a white shirt and a tie",
    Garment.BLOUSE: "a {dye} blouse with a bow",
    Garment.TURTLENECK: "a {dye} turtleneck",
    Garment.SHIRT: "a {dye} shirt with a collar",
    Garment.TUNIC: "a {dye} tunic with a stand-up collar",
    Garment.SWEATER: "a {dye} V-neck sweater over a white shirt and a tie",
    Garment.CARDIGAN: "a {dye} cardigan",
    Garment.DRESS: "a {dye} dress with a pearl necklace",
}
_FRAME: Final = {
    Frame.SOFT: "soft-cornered",
    Frame.ROUND: "circular",
    Frame.BROAD: "rectangular",
    Frame.CAT_EYE: "upswept",
}
_FINISH: Final = {
    Finish.BLACK: "black",
    Finish.TORTOISE: "tortoiseshell",
    Finish.INK: "navy",
    Finish.WINE: "wine-red",
    Finish.RED: "red",
    Finish.COBALT: "cobalt",
    Finish.PURPLE: "purple",
    Finish.PINE: "pine-green",
}


def prompt_for(features: Features) -> str:
    """Describe the look of these features in English sentences of at most ``MAX_WORDS`` words."""
    look = look_of(features)
    wall, hex_colour = WALLS[look.paint]
    return " ".join(
        (
            _STYLE,
            _FRAMING,
            f"The wall behind is plain {wall} {hex_colour} from edge to edge.",
            _MOOD[look.mood],
            f"The person has {_joined(_traits(look))}.",
            f"The person wears {_joined(_clothes(look))}.",
        )
    )


def _traits(look: Look) -> list[str]:
    hair, scarf = _HAIR_COLOR[look.hair_color], DYE_NAMES[look.scarf]
    traits = [
        _HEAD[look.head_shape],
        _SKIN[look.skin_tone],
        _HAIR[look.hair_style].format(hair=hair, scarf=scarf),
        _EYES[look.eye_color],
        _NOSE[look.nose_type],
        _SMILE[look.smile_type],
    ]
    if look.hair_style.goes_with_beard:
        traits.append(_FACIAL_HAIR[look.facial_hair].format(hair=hair))
    return traits


def _clothes(look: Look) -> list[str]:
    clothes = [_GARMENT[look.garment].format(dye=DYE_NAMES[look.dye])]
    if look.glasses:
        clothes.append(f"{_FRAME[look.frame]} {_FINISH[look.finish]} glasses with clear lenses")
    return clothes


def _joined(phrases: list[str]) -> str:
    *first, last = phrases
    return f"{'; '.join(first)}; and {last}" if first else last
