"""The seed rule: known faces that never change, each value as probable as any other, and nothing but its own picks."""

from collections import Counter
from dataclasses import asdict
from hashlib import sha256
from itertools import product
from typing import Any, Final

import pytest

from avatars_as_a_service.domain.features import (
    MAX_VARIANT,
    OPTIONAL_VALUES,
    EyeColor,
    Features,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)
from avatars_as_a_service.domain.seed import VALUES, normalized, seeded

KNOWN: Final = {
    "jane": ("heart", "dark", "open-lip", "roman", "hazel", True),
    "Jane": ("round", "medium", "full", "straight", "amber", False),
    " jane": ("oval", "fair", "wide", "wide", "grey", False),
    "Zoë": ("round", "dark", "open-lip", "narrow", "grey", False),
    "🙂": ("square", "medium", "smirk", "roman", "amber", False),
    "a" * 256: ("square", "medium", "open-lip", "roman", "brown", False),
    "": ("square", "medium", "open-lip", "roman", "brown", False),
}
KNOWN_VARIANTS: Final = {"": 6, "jane": 47, "Zoë": 31, "🙂": 74}
VARIANTS: Final = MAX_VARIANT + 1
PICKED: Final = ("head_shape", "skin_tone", "smile_type", "nose_type", "eye_color", "glasses")
CRITICAL: Final = {1: 15.1, 2: 18.4, 4: 23.5, 5: 25.7}
"""Of chi-square, by degrees of freedom: a fair rule passes it in all but one of 10,000 cases."""


def face_of(seed: str) -> dict[str, Any]:
    return asdict(seeded(seed, Features(), given=()))


@pytest.mark.parametrize(("seed", "face"), KNOWN.items())
def test_a_seed_has_the_face_that_it_always_had(seed: str, face: tuple[object, ...]) -> None:
    """If this fails, users' faces have changed: put the rule right, and not this table."""
    assert tuple(face_of(seed)[name] for name in PICKED) == face


def test_the_rule_is_the_one_that_is_written_down() -> None:
    number = int(sha256(b"eye_color:jane").hexdigest(), 16)

    assert list(VALUES["eye_color"])[number % 6] == EyeColor.HAZEL


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("head_shape", list(HeadShape)),
        ("skin_tone", list(SkinTone)),
        ("smile_type", list(SmileType)),
        ("nose_type", list(NoseType)),
        ("eye_color", list(EyeColor)),
        ("glasses", [False, True]),
    ],
)
def test_a_seed_picks_from_all_that_there_was_when_the_rule_was_written_down(name: str, values: list[object]) -> None:
    """A value that is added later has its place behind these, and is no seed's to pick."""
    assert list(VALUES[name]) == values[: len(VALUES[name])]


def test_mood_hair_and_beard_are_no_seed_s_to_pick_nor_is_the_variant_where_there_is_one() -> None:
    faces = [face_of(str(number)) for number in range(100)]

    assert {(face["mood"], face["variant"]) for face in faces} == {(Mood.FUN, 0)}
    assert {face[name] for face in faces for name in OPTIONAL_VALUES} == {None}
    assert set(VALUES) == set(PICKED)


@pytest.mark.parametrize(("seed", "variant"), KNOWN_VARIANTS.items())
def test_a_seed_picks_its_variant_by_the_same_rule_and_no_other_feature_with_it(seed: str, variant: int) -> None:
    picked = seeded(seed, Features(), given=(), variants=VARIANTS)

    assert picked.variant == variant == int(sha256(f"variant:{seed}".encode()).hexdigest(), 16) % VARIANTS
    assert asdict(picked) | {"variant": 0} == face_of(seed)
    assert seeded(seed, Features(variant=7), given={"variant"}, variants=VARIANTS).variant == 7


def test_each_variant_is_as_probable_as_any_other() -> None:
    count = 20_000
    seen = Counter(seeded(str(number), Features(), given=(), variants=VARIANTS).variant for number in range(count))

    expected = count / VARIANTS
    assert sum((seen[variant] - expected) ** 2 / expected for variant in range(VARIANTS)) < 160  # 99 degrees


def test_a_name_shows_one_face_however_it_is_composed() -> None:
    assert normalized("Zoe\u0308") == "Zo\u00eb"
    assert face_of("Zoe\u0308") == face_of("Zo\u00eb")


@pytest.mark.parametrize("name", PICKED)
def test_each_value_is_as_probable_as_any_other(name: str) -> None:
    count = 12_000
    seen = Counter(face_of(f"user-{number}@example.com")[name] for number in range(count))

    expected = count / len(VALUES[name])
    chi_square = sum((seen[value] - expected) ** 2 / expected for value in VALUES[name])
    assert len(seen) == len(VALUES[name])
    assert chi_square < CRITICAL[len(VALUES[name]) - 1]


def test_features_are_picked_independently_of_each_other() -> None:
    count = 12_000
    faces = [face_of(str(number)) for number in range(count)]
    pairs = Counter((face["nose_type"], face["eye_color"]) for face in faces)

    expected = count / 36
    possible = product(VALUES["nose_type"], VALUES["eye_color"])
    chi_square = sum((pairs[pair] - expected) ** 2 / expected for pair in possible)
    assert chi_square < 76.4  # 35 degrees of freedom, one in 10,000


def test_what_is_given_stands_and_changes_nothing_else() -> None:
    alone = seeded("jane", Features(), given=())
    dressed = seeded("jane", Features(mood=Mood.OFFICIAL, eye_color=EyeColor.BLUE, variant=7), given={"eye_color"})
    bare = seeded("jane", Features(glasses=False), given={"glasses"})

    assert (dressed.eye_color, dressed.mood, dressed.variant) == (EyeColor.BLUE, Mood.OFFICIAL, 7)
    assert (dressed.nose_type, dressed.glasses) == (alone.nose_type, alone.glasses)
    assert (alone.glasses, bare.glasses) == (True, False)
