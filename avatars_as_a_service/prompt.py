"""What the image model is told to draw."""

from typing import Final

from avatars_as_a_service.features import EyeColor, Features, HeadShape, Mood, NoseType, SkinTone, SmileType

PROMPT_VERSION: Final = 2

_FRAMING: Final = (
    "Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head "
    "and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the "
    "shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty "
    "background. It has no text, no letters, no logo, no frame and no border."
)
_MOOD: Final = {
    Mood.FUN: "The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour.",
    Mood.OFFICIAL: "The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue.",
}
_HEAD: Final = {
    HeadShape.OVAL: "an oval face, a little longer than wide, with a softly rounded jaw",
    HeadShape.ROUND: "a round face, as wide as it is long, with full cheeks",
    HeadShape.SQUARE: "a square face with a broad forehead and a strong, angular jaw",
    HeadShape.HEART: "a heart-shaped face, wide at the forehead and narrowing to a small pointed chin",
    HeadShape.TRIANGULAR: "a gently triangular face with straight sides, narrow at the forehead and widest at the jaw",
}
_SKIN: Final = {
    SkinTone.FAIR: "fair, light skin",
    SkinTone.MEDIUM: "medium, tan to olive skin",
    SkinTone.DARK: "dark, deep brown skin",
}
_SMILE: Final = {
    SmileType.WIDE: "a wide smile that stretches from cheek to cheek",
    SmileType.FULL: "a full, laughing smile with the mouth open",
    SmileType.CLOSED_LIP: "a gentle smile with the lips closed",
    SmileType.OPEN_LIP: "a relaxed smile with the lips slightly parted",
    SmileType.TEETH_BARING: "a broad grin that bares both rows of teeth",
    SmileType.SMIRK: "a smirk, one corner of the mouth raised",
}
_NOSE: Final = {
    NoseType.STRAIGHT: "a straight nose with an even bridge",
    NoseType.ROMAN: "a Roman nose: a strong, high bridge with a gentle outward curve, seen from the front",
    NoseType.BUTTON: "a small, round button nose",
    NoseType.SNUB: "a short snub nose with a slightly upturned, rounded tip",
    NoseType.WIDE: "a wide nose with broad nostrils",
    NoseType.NARROW: "a narrow, slender nose",
}
_EYES: Final = {
    EyeColor.BROWN: "dark brown eyes",
    EyeColor.BLUE: "blue eyes",
    EyeColor.AMBER: "amber, golden-yellow eyes",
    EyeColor.HAZEL: "hazel eyes, green at the rim and golden brown within",
    EyeColor.GREEN: "green eyes",
    EyeColor.GREY: "pale grey eyes",
}


def prompt_for(features: Features) -> str:
    """English sentences for the image model: each feature that was asked for, and nothing of what was not."""
    sentences = [_FRAMING, _MOOD[features.mood]]
    traits = _traits(features)
    if traits:
        sentences.append(f"The person has {_listed(traits)}.")
    if features.glasses:
        sentences.append("The person wears glasses with clear lenses.")
    if features.variant:
        number = features.variant + 1
        sentences.append(f"This is person number {number} of this description: make up another, in the same style.")
    return " ".join(sentences)


def _traits(features: Features) -> list[str]:
    said = (
        features.head_shape and _HEAD[features.head_shape],
        features.skin_tone and _SKIN[features.skin_tone],
        features.eye_color and _EYES[features.eye_color],
        features.nose_type and _NOSE[features.nose_type],
        features.smile_type and _SMILE[features.smile_type],
    )
    return [trait for trait in said if trait]


def _listed(traits: list[str]) -> str:
    *first, last = traits
    return f"{'; '.join(first)}; and {last}" if first else last
