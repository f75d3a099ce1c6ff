"""The prompt: says the look in few words, one value for each feature, and the same look as the stand-in."""

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import pytest

from avatars_as_a_service.domain.features import (
    MAX_VARIANT,
    OPTIONAL_VALUES,
    VALUES,
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
    full_faces,
)
from avatars_as_a_service.domain.look import WALLS, look_of
from avatars_as_a_service.domain.prompt import MAX_WORDS, prompt_for
from avatars_as_a_service.providers.local_artist import draw, palettes
from avatars_as_a_service.providers.local_artist.layers import Tone

WORDS: Final[Mapping[str, Mapping[Any, str]]] = {
    "mood": {Mood.FUN: "mood is playful", Mood.OFFICIAL: "mood is formal"},
    "head_shape": {
        HeadShape.OVAL: "oval face",
        HeadShape.ROUND: "round face",
        HeadShape.SQUARE: "square face",
        HeadShape.HEART: "heart-shaped face",
        HeadShape.TRIANGULAR: "triangular face",
    },
    "skin_tone": {SkinTone.FAIR: "fair skin", SkinTone.MEDIUM: "medium tan skin", SkinTone.DARK: "dark brown skin"},
    "smile_type": {
        SmileType.WIDE: "wide smile",
        SmileType.FULL: "laughing smile",
        SmileType.CLOSED_LIP: "closed-lip smile",
        SmileType.OPEN_LIP: "open-lip smile",
        SmileType.TEETH_BARING: "teeth-baring grin",
        SmileType.SMIRK: "smirk",
    },
    "nose_type": {
        NoseType.STRAIGHT: "straight nose",
        NoseType.ROMAN: "Roman nose",
        NoseType.BUTTON: "button nose",
        NoseType.SNUB: "snub nose",
        NoseType.WIDE: "wide nose",
        NoseType.NARROW: "narrow nose",
    },
    "eye_color": {
        EyeColor.BROWN: "brown eyes",
        EyeColor.BLUE: "blue eyes",
        EyeColor.AMBER: "amber eyes",
        EyeColor.HAZEL: "hazel eyes",
        EyeColor.GREEN: "green eyes",
        EyeColor.GREY: "grey eyes",
    },
    "hair_style": {
        HairStyle.SIDE_PART: "side part",
        HairStyle.CROP: "cropped",
        HairStyle.BUZZ: "buzz cut",
        HairStyle.QUIFF: "quiff",
        HairStyle.CURLS: "short curly",
        HairStyle.AFRO: "afro",
        HairStyle.FLAT_TOP: "flat-top",
        HairStyle.SLICKED_BACK: "slicked-back",
        HairStyle.RECEDING: "receding",
        HairStyle.BALD: "bald",
        HairStyle.MOHAWK: "mohawk",
        HairStyle.PIXIE: "pixie",
        HairStyle.BOB: "chin-length bob",
        HairStyle.WAVY_BOB: "wavy bob",
        HairStyle.LONG_STRAIGHT: "long straight",
        HairStyle.LONG_WAVY: "long wavy",
        HairStyle.LONG_CURLY: "long curly",
        HairStyle.BUN: "bun",
        HairStyle.PONYTAIL: "ponytail",
        HairStyle.BRAIDS: "braids",
        HairStyle.LOCS: "locs",
        HairStyle.HIJAB: "hijab",
        HairStyle.TURBAN: "turban",
    },
    "hair_color": {
        HairColor.BLACK: "black hair",
        HairColor.ESPRESSO: "espresso brown hair",
        HairColor.CHESTNUT: "chestnut brown hair",
        HairColor.BROWN: "light brown hair",
        HairColor.AUBURN: "auburn red hair",
        HairColor.COPPER: "copper orange hair",
        HairColor.HONEY: "honey blonde hair",
        HairColor.BLONDE: "pale blonde hair",
        HairColor.SILVER: "silver hair",
    },
    "facial_hair": {
        FacialHair.NONE: "clean-shaven",
        FacialHair.STUBBLE: "stubble",
        FacialHair.MOUSTACHE: "moustache",
        FacialHair.GOATEE: "goatee",
        FacialHair.SHORT: r"a short \w[\w ]* beard",
        FacialHair.FULL: r"a full \w[\w ]* beard",
    },
}
FORBIDDEN: Final = re.compile(
    r"\b(series|sets?|collection|grid|sheet|every|empty|bright|background|avatars?|persons|people|number|same|another|"
    r"various|several|many|None)\b|[{}]|  |\.\.|; \.|\ba [aeiou]",
    re.IGNORECASE,
)
HAIR: Final = re.compile(r"\b(hair|bald|hijab|turban)\b")
FULL: Final = Features(
    mood=Mood.OFFICIAL,
    head_shape=HeadShape.HEART,
    skin_tone=SkinTone.DARK,
    smile_type=SmileType.SMIRK,
    nose_type=NoseType.SNUB,
    eye_color=EyeColor.HAZEL,
    glasses=True,
    variant=1,
)
OPEN: Final[dict[str, list[Any]]] = {
    name: [None, *values] if getattr(Features(), name) is None else [*values] for name, values in VALUES.items()
}


@lru_cache
def catalogue() -> Mapping[Features, str]:
    """The prompts of all faces that give every feature."""
    return {face: prompt_for(face) for face in full_faces()}


def random_faces(count: int) -> list[Features]:
    """Faces with any features, given or open."""
    dice = random.Random(18)
    open_values = {**OPEN, "variant": range(MAX_VARIANT + 1)}
    return [Features(**{name: dice.choice(values) for name, values in open_values.items()}) for _ in range(count)]


def said(prompt: str, feature: str) -> list[Any]:
    """The values of this feature that the prompt names."""
    return [value for value, words in WORDS[feature].items() if re.search(rf"(?<![\w-]){words}", prompt)]


def test_no_value_of_a_feature_is_without_words_here() -> None:
    assert {name: [*words] for name, words in WORDS.items()} == {
        name: [*values] for name, values in {**VALUES, **OPTIONAL_VALUES}.items() if name != "glasses"
    }


def test_each_prompt_of_the_catalogue_is_short_unique_and_free_of_what_misleads_a_model() -> None:
    prompts = catalogue()

    assert len(set(prompts.values())) == 12_960
    assert max(len(prompt.split()) for prompt in prompts.values()) <= MAX_WORDS
    assert not [prompt for prompt in prompts.values() if not prompt.endswith(".") or prompt.count("#") != 1]
    sentences = {sentence for prompt in prompts.values() for sentence in re.split(r"(?<=\.) ", prompt)}
    assert not [sentence for sentence in sentences if FORBIDDEN.search(sentence)]
    assert all(HAIR.search(sentence) for sentence in sentences if sentence.startswith("The person has"))


@pytest.mark.parametrize("feature", [name for name in VALUES if name != "glasses"])
def test_each_prompt_of_the_catalogue_says_one_value_of_each_feature_and_the_right_one(feature: str) -> None:
    def named(prompt: str) -> list[Any]:
        return [value for value, words in WORDS[feature].items() for _ in range(prompt.count(words))]

    assert not [face for face, prompt in catalogue().items() if named(prompt) != [getattr(face, feature)]]


def test_glasses_are_said_exactly_where_they_are_worn() -> None:
    assert not [face for face, prompt in catalogue().items() if face.glasses is not ("glasses" in prompt)]


def test_each_feature_alone_changes_the_prompt() -> None:
    changes: list[dict[str, Any]] = [
        *({name: value} for name, values in VALUES.items() for value in values),
        *({"variant": variant} for variant in range(MAX_VARIANT + 1)),
    ]
    faces = {replace(FULL, **change) for change in changes}

    assert len({prompt_for(face) for face in faces}) == len(faces)


def test_what_a_request_leaves_open_is_said_as_well() -> None:
    prompts = [prompt_for(face) for face in random_faces(200)]

    assert not [
        prompt for prompt in prompts for feature in VALUES if feature in WORDS and len(said(prompt, feature)) != 1
    ]


@pytest.mark.parametrize("feature", OPTIONAL_VALUES)
def test_a_given_feature_that_no_seed_picks_is_said(feature: str) -> None:
    faces = [
        replace(face, **{feature: value})  # type: ignore[arg-type]
        for face in random_faces(30)
        for value in OPTIONAL_VALUES[feature]
    ]
    faces = [face for face in faces if feature != "facial_hair" or look_of(face).hair_style.goes_with_beard]

    assert not [face for face in faces if said(prompt_for(face), feature) != [getattr(face, feature)]]


def test_the_prompt_says_what_the_stand_in_shows() -> None:
    for face in random_faces(500):
        prompt, drawing, look = prompt_for(face), draw(face), look_of(face)
        (hair_style,) = said(prompt, "hair_style")
        (wall,) = re.findall(r"#[0-9a-f]{6}", prompt)

        assert draw(replace(face, hair_style=hair_style)) == drawing
        assert f'"{wall}"' in drawing
        assert wall == WALLS[look.paint][1]
        assert f'"{palettes.clothes_palette(look.dye)[Tone.CLOTH]}"' in drawing
        for hair_color in said(prompt, "hair_color"):
            assert draw(replace(face, hair_style=hair_style, hair_color=hair_color)) == drawing
        for facial_hair in said(prompt, "facial_hair"):
            assert draw(replace(face, hair_style=hair_style, facial_hair=facial_hair)) == drawing
