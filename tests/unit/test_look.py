"""The look: equal for the faces of one person, with all that is given, and of all that there is."""

import random
from dataclasses import fields, replace
from itertools import combinations
from typing import Any, Final

import pytest

from avatars_as_a_service.domain.features import (
    MAX_VARIANT,
    OPTIONAL_VALUES,
    VALUES,
    FacialHair,
    Features,
    HairColor,
    HairStyle,
    Mood,
    full_faces,
)
from avatars_as_a_service.domain.look import (
    BACKDROPS_FOR,
    DYES_FOR,
    FINISHES_FOR,
    GARMENTS_FOR,
    PAINTS_FOR,
    Look,
    look_of,
)
from avatars_as_a_service.domain.seed import seeded

RANDOM_FACES: Final = [
    replace(face, variant=variant)
    for face, variant in zip(
        random.Random(5).sample(list(full_faces()), 500),
        random.Random(6).choices(range(MAX_VARIANT + 1), k=500),
        strict=True,
    )
]


def changed(features: Features, feature: str, value: object) -> Features:
    change: dict[str, Any] = {feature: value}
    return replace(features, **change)


@pytest.mark.parametrize("mood", Mood)
def test_the_variants_use_all_that_the_artist_has(mood: Mood) -> None:
    looks = [look_of(replace(face, mood=mood)) for face in RANDOM_FACES]

    assert {look.hair_style for look in looks} == set(HairStyle)
    assert {look.hair_color for look in looks} == set(HairColor)
    assert {look.facial_hair for look in looks} == set(FacialHair)
    assert {look.garment for look in looks} == set(GARMENTS_FOR[mood])
    assert {look.dye for look in looks} == set(DYES_FOR[mood])
    assert {look.paint for look in looks} == set(PAINTS_FOR[mood])
    assert {look.backdrop for look in looks} == set(BACKDROPS_FOR[mood])
    assert {look.finish for look in looks} == set(FINISHES_FOR[mood])


def differences(one: Look, other: Look) -> set[str]:
    return {each.name for each in fields(Look) if getattr(one, each.name) != getattr(other, each.name)}


@pytest.mark.parametrize("feature", ["skin_tone", "glasses"])
def test_skin_or_glasses_that_change_alone_leave_the_person_alone(feature: str) -> None:
    for face in RANDOM_FACES:
        looks = [look_of(changed(face, feature, value)) for value in VALUES[feature]]

        assert all(differences(one, other) == {feature} for one, other in combinations(looks, 2)), face


def test_a_mood_that_changes_alone_leaves_hair_and_beard_alone() -> None:
    for face in RANDOM_FACES:
        fun, official = (look_of(replace(face, mood=mood)) for mood in Mood)

        assert differences(fun, official) <= {"mood", "garment", "dye", "paint", "backdrop", "finish"}, face


@pytest.mark.parametrize("feature", OPTIONAL_VALUES)
def test_hair_and_beard_that_are_given_are_seen(feature: str) -> None:
    for face in RANDOM_FACES:
        for value in OPTIONAL_VALUES[feature]:
            look = look_of(changed(face, feature, value))

            assert getattr(look, feature) == value, face
            assert feature != "hair_color" or look.hair_style.shows_hair, face
            assert look.facial_hair is FacialHair.NONE or look.hair_style.goes_with_beard, face


def test_a_given_hair_style_changes_nothing_but_what_goes_with_it() -> None:
    for face in RANDOM_FACES:
        looks = [look_of(replace(face, hair_style=style)) for style in HairStyle]

        assert all(
            differences(one, other) <= {"hair_style", "facial_hair", "garment"} for one, other in combinations(looks, 2)
        ), face


def test_in_98_of_100_teams_of_fifty_no_two_look_alike_where_a_seed_picks_among_100_variants() -> None:
    teams = [[f"team {team}, user {user}" for user in range(50)] for team in range(100)]

    apart = [len({look_of(seeded(seed, Features(), given=(), variants=100)) for seed in team}) == 50 for team in teams]

    assert sum(apart) >= 0.98 * len(teams)
