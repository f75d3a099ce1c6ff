"""What a thumbnail of 64 pixels shows: any two values of a feature can be told apart, on every skin."""

import random
from dataclasses import replace
from itertools import combinations
from statistics import median
from typing import Final

import pytest

from avatars_as_a_service.domain.features import (
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
from avatars_as_a_service.domain.look import look_of
from avatars_as_a_service.domain.seed import seeded
from tests.unit.test_local_artist import change, changed

SIDE: Final = 64
LEAST_PERCENT: Final = {"smile_type": 1.7, "nose_type": 0.8, "eye_color": 0.8, "head_shape": 4.6}
"""The share of pixels that differ by more than 24 of 255 in some channel, in half of the settings or more."""


def settings(count: int) -> list[Features]:
    """Return faces in which all but the skin is chosen by chance, always the same ones."""
    chance = random.Random(8)
    return [
        Features(
            mood=chance.choice(list(Mood)),
            head_shape=chance.choice(list(HeadShape)),
            smile_type=chance.choice(list(SmileType)),
            nose_type=chance.choice(list(NoseType)),
            eye_color=chance.choice(list(EyeColor)),
            glasses=chance.random() < 0.5,
            variant=chance.randint(0, MAX_VARIANT),
        )
        for _ in range(count)
    ]


SETTINGS: Final = settings(30)
MAX_TWINS: Final = 10
TWIN_SHARE: Final = 0.08
"""Faces in which fewer pixels differ are twins."""


@pytest.mark.parametrize("skin_tone", SkinTone)
@pytest.mark.parametrize("feature", LEAST_PERCENT)
def test_any_two_values_can_be_told_apart_in_a_thumbnail(feature: str, skin_tone: SkinTone) -> None:
    looks = [replace(look_of(face), skin_tone=skin_tone) for face in SETTINGS]

    shares = {
        (one, other): median(
            100 * change(changed(look, feature, one), changed(look, feature, other), SIDE, beyond=24) for look in looks
        )
        for one, other in combinations(VALUES[feature], 2)
    }

    assert {pair: share for pair, share in shares.items() if share < LEAST_PERCENT[feature]} == {}


@pytest.mark.slow
def test_of_two_hundred_users_hardly_any_has_a_twin_in_a_list_of_small_pictures() -> None:
    looks = [look_of(seeded(f"user-{number}", Features(), given=(), variants=MAX_VARIANT + 1)) for number in range(200)]

    twins = {look for pair in combinations(looks, 2) if change(*pair, 48, beyond=32) < TWIN_SHARE for look in pair}

    assert len(twins) <= MAX_TWINS
