"""Queries and answers as older versions have stored them."""

from typing import Final

import pytest
from pydantic import TypeAdapter

from avatars_as_a_service.domain.features import EyeColor, Features, HairStyle, Mood
from avatars_as_a_service.domain.query import Answer, Query

OLD: Final = [
    (
        Query(features=Features(), disable_cache=True),
        "5522782a6be6c3d36ea9b7ccbad5a0254cc4757b9ced5c765f7caedcc2ea8bd8",
    ),
    (
        Query(features=Features(mood=Mood.OFFICIAL, eye_color=EyeColor.BLUE, variant=3), description="a knight"),
        "09efa34a2bd47d5dcb9ebe27a2d88c2421f96d166806c40d2a630db6dd92fd40",
    ),
]


@pytest.mark.parametrize(("query", "stored"), OLD)
def test_a_repeated_request_is_recognised_by_a_hash_of_an_older_version(query: Query, stored: str) -> None:
    assert query.body_hash() == stored


def test_a_later_feature_makes_another_request() -> None:
    plain, bald = (Query(features=Features(hair_style=style)) for style in (None, HairStyle.BALD))

    assert plain.body_hash() != bald.body_hash()


def test_an_answer_of_an_older_version_is_read() -> None:
    stored = (
        '{"image_hash":"","prompt":"a knight","picture":{"digest":"' + "0" * 64 + '","format":"webp"},'
        '"features":null,"cache_hit":false,"cost":5900,"saved":0,"ready_in":null,"reason":null}'
    )

    answer = TypeAdapter(Answer).validate_json(stored)

    assert (answer.cost, answer.provisional, answer.still_drawing) == (5900, False, False)
