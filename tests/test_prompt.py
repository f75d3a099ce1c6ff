"""The prompt: says every feature that was asked for, and nothing else."""

import re
from dataclasses import replace
from itertools import product
from typing import Any, Final

import pytest

from avatars_as_a_service.features import (
    MAX_VARIANT,
    VALUES,
    EyeColor,
    Features,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)
from avatars_as_a_service.prompt import prompt_for

MOST_CHARACTERS: Final = 32_000
OPTIONAL: Final[dict[str, list[Any]]] = {
    name: list(values) for name, values in VALUES.items() if getattr(Features(), name) is None
}
WORDS: Final = {
    "head_shape": r"\b(oval|round|square|heart|triangular|jaw|chin|forehead|cheeks|face)\b",
    "skin_tone": r"\b(skin|fair|medium|tan|olive|dark)\b",
    "smile_type": r"\b(smil\w*|smirk|grin|lips?|teeth|mouth)\b",
    "nose_type": r"\b(nose|nostrils|bridge)\b",
    "eye_color": r"\b(eyes?|amber|hazel|iris)\b",
    "glasses": r"\bglasses\b",
    "variant": r"\bnumber\b",
}
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


@pytest.mark.parametrize("face", [Features(), FULL])
def test_each_feature_alone_changes_the_prompt(face: Features) -> None:
    changes = [
        *({name: value} for name, values in OPTIONAL.items() for value in [None, *values]),
        *({"mood": mood} for mood in Mood),
        *({"glasses": glasses} for glasses in (False, True)),
        *({"variant": variant} for variant in range(MAX_VARIANT + 1)),
    ]
    others = [changed for change in changes if (changed := replace(face, **change)) != face]

    prompts = {prompt_for(other) for other in others}

    assert prompt_for(face) not in prompts
    assert len(prompts) == len(others)


def test_the_prompt_of_a_plain_face_says_nothing_of_any_feature() -> None:
    prompt = prompt_for(Features()).lower()

    assert not [name for name, words in WORDS.items() if re.search(words, prompt)]


@pytest.mark.parametrize("name", WORDS)
def test_a_prompt_says_what_was_asked_and_nothing_of_what_was_not(name: str) -> None:
    absent = getattr(Features(), name)

    assert re.search(WORDS[name], prompt_for(FULL).lower())
    assert _mentions(replace(FULL, **{name: absent})) == WORDS.keys() - {name}


def test_all_prompts_differ_and_are_short_enough_for_the_model() -> None:
    full = _prompts(OPTIONAL)
    with_omissions = _prompts({name: [None, *values] for name, values in OPTIONAL.items()})

    assert len(full) == len(set(full)) == 12_960
    assert len(with_omissions) == len(set(with_omissions)) == 32_928
    assert max(map(len, with_omissions)) < MOST_CHARACTERS


def test_the_prompt_is_whole_sentences() -> None:
    prompts = _prompts({name: [None, values[0]] for name, values in OPTIONAL.items()})

    assert all(prompt.endswith(".") for prompt in prompts)
    assert not [prompt for prompt in prompts if re.search(r"None|\bNo|  |\.\.|; \.|\{|\}", prompt)]


def _mentions(face: Features) -> set[str]:
    """The features whose words the prompt has."""
    prompt = prompt_for(face).lower()
    return {name for name, words in WORDS.items() if re.search(words, prompt)}


def _prompts(values: dict[str, list[Any]]) -> list[str]:
    faces = product(Mood, (False, True), product(*values.values()))
    return [
        prompt_for(Features(mood=mood, glasses=glasses, **dict(zip(values, chosen, strict=True))))
        for mood, glasses, chosen in faces
    ]
