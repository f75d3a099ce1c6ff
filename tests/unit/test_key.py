"""The key: known, equal everywhere and for ever, and different for every different face."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars_as_a_service.domain.features import (
    MAX_VARIANT,
    OPTIONAL_VALUES,
    VALUES,
    EyeColor,
    Features,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)
from avatars_as_a_service.domain.key import Artist, canonical_text, image_hash
from avatars_as_a_service.web.requests.parsing import parse_query

OFFICIAL: Final = Features(
    mood=Mood.OFFICIAL,
    head_shape=HeadShape.OVAL,
    skin_tone=SkinTone.FAIR,
    smile_type=SmileType.CLOSED_LIP,
    nose_type=NoseType.BUTTON,
    eye_color=EyeColor.BLUE,
    glasses=True,
)
KNOWN: Final = [
    (Features(), Artist.MODEL, "1", "c6f29ac1c0089ee10c10567a81e0ffbf"),
    (OFFICIAL, Artist.MODEL, "1", "037332244527bf34823d0f9efc2ec4bb"),
    (Features(variant=3), Artist.LOCAL, "1", "528cd05c135c3fe3da3f332d7f14c786"),
    (Features(), Artist.LOCAL, "1", "94bb93a58a364062676714f442e401e0"),
    (Features(), Artist.MODEL, "2", "cd3c45c51ba0d2a7db138dfb4b74cebd"),
    (Features(mood=Mood.OFFICIAL), Artist.MODEL, "1", "8c3fbcd18641c775ec46c1a6a1d9b0b2"),
    (Features(glasses=True), Artist.MODEL, "1", "61e2c0099bd81309f270362f7949abee"),
    (Features(variant=99), Artist.MODEL, "1", "ccc0442b3ce2ec979d10098cb267e0a1"),
    (Features(smile_type=SmileType.TEETH_BARING), Artist.MODEL, "1", "3d89c9a3a0bca5c265d91217748fb3c2"),
    (Features(smile_type=SmileType.WIDE), Artist.MODEL, "1", "3d10f8cf6a3b3d2f2a6a35485750dc5b"),
    (Features(nose_type=NoseType.WIDE), Artist.MODEL, "1", "652a6148417415515f48795352fb9bc8"),
    (
        Features(head_shape=HeadShape.TRIANGULAR, skin_tone=SkinTone.DARK, eye_color=EyeColor.GREY),
        Artist.LOCAL,
        "spring-2027",
        "55bd1c5d3a7eb2a236b3232053a58c29",
    ),
]
CHOICES: Final[dict[str, list[Any]]] = {
    **{name: [*values] if getattr(Features(), name) in values else [None, *values] for name, values in VALUES.items()},
    **{name: [None, *values] for name, values in OPTIONAL_VALUES.items()},
    "variant": list(range(MAX_VARIANT + 1)),
}
FACES: Final = st.builds(Features, **{name: st.sampled_from(values) for name, values in CHOICES.items()})
REQUESTED: Final = FACES.map(Features.without_conflicts)
ARTISTS: Final = st.sampled_from(Artist)
EDITIONS: Final = st.from_regex(r"[!-~]{1,50}", fullmatch=True)


@pytest.mark.parametrize(("features", "artist", "edition", "key"), KNOWN)
def test_a_known_face_has_its_known_key(features: Features, artist: Artist, edition: str, key: str) -> None:
    assert image_hash(features, edition=edition, artist=artist) == key


def test_the_hashed_text_is_the_one_that_is_published() -> None:
    text = canonical_text(OFFICIAL, edition="1", artist=Artist.MODEL)

    assert text == (
        '{"artist":"model","edition":"1","eye_color":"blue","glasses":true,"head_shape":"oval","mood":"official",'
        '"nose_type":"button","skin_tone":"fair","smile_type":"closed-lip"}'
    )


def test_no_feature_is_missing_here() -> None:
    assert CHOICES.keys() == {field.name for field in fields(Features)}


@given(face=FACES, data=st.data(), artist=ARTISTS, edition=EDITIONS)
def test_every_feature_changes_the_key(face: Features, data: st.DataObject, artist: Artist, edition: str) -> None:
    key = image_hash(face, edition=edition, artist=artist)

    for name, values in CHOICES.items():
        others = [value for value in values if value != getattr(face, name)]
        other = replace(face, **{name: data.draw(st.sampled_from(others), label=name)})
        assert image_hash(other, edition=edition, artist=artist) != key


@given(one=st.tuples(FACES, EDITIONS, ARTISTS), other=st.tuples(FACES, EDITIONS, ARTISTS))
def test_two_keys_are_equal_exactly_where_face_edition_and_artist_are(
    one: tuple[Features, str, Artist], other: tuple[Features, str, Artist]
) -> None:
    assert (_key(*one) == _key(*other)) == (one == other)


def test_no_two_of_all_faces_share_a_key() -> None:
    names = list(VALUES)
    faces = [
        Features(**dict(zip(names, values, strict=True))) for values in product(*(CHOICES[name] for name in names))
    ]

    keys = {image_hash(face, edition="1", artist=artist) for face in faces for artist in Artist}

    assert len(faces) == 32_928
    assert len(keys) == 2 * len(faces)


@given(face=REQUESTED, data=st.data())
def test_neither_order_nor_null_nor_a_stated_default_matters(face: Features, data: st.DataObject) -> None:
    said = [(name, getattr(face, name)) for name in CHOICES]
    stated = [(name, value) for name, value in said if value != getattr(Features(), name)]
    nulled = [(name, value if (name, value) in stated else None) for name, value in said]
    form = data.draw(st.sampled_from([said, stated, nulled]))

    parsed = _parsed({"properties": dict(data.draw(st.permutations(form)))})

    assert parsed == face
    assert _key(parsed, "1", Artist.MODEL) == _key(face, "1", Artist.MODEL)


@pytest.mark.parametrize("body", [{}, {"properties": None}, {"properties": {}}, {"disable_cache": None}])
def test_a_body_without_features_asks_for_the_plain_face(body: dict[str, Any]) -> None:
    assert _key(_parsed(body), "1", Artist.MODEL) == "c6f29ac1c0089ee10c10567a81e0ffbf"


@given(face=REQUESTED)
def test_names_ask_for_the_same_face_as_values_in_any_case(face: Features) -> None:
    named = {name: getattr(getattr(face, name), "name", getattr(face, name)) for name in CHOICES}
    loud = {name: value.upper() if isinstance(value, str) else value for name, value in _values(face).items()}

    assert _parsed({"properties": named}) == face
    assert _parsed({"properties": loud}) == face


class Beard(StrEnum):
    FULL = "full"
    GOATEE = "goatee"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFeatures(Features):
    """The features as they may be one day."""

    beard: Beard | None = None
    hat: bool = False
    freckles: int = 0


@given(face=FACES, artist=ARTISTS)
def test_a_feature_added_later_leaves_every_old_key_as_it_was(face: Features, artist: Artist) -> None:
    later = LaterFeatures(**_values(face))

    assert _key(later, "1", artist) == _key(face, "1", artist)
    assert len({_key(replace(later, **more), "1", artist) for more in _LATER}) == len(_LATER)


_LATER: Final[list[dict[str, Any]]] = [
    {},
    {"beard": Beard.FULL},
    {"beard": Beard.GOATEE},
    {"hat": True},
    {"freckles": 1},
]


def test_the_key_is_equal_in_processes_with_other_hash_seeds() -> None:
    program = (
        "from avatars_as_a_service.domain.key import *; from avatars_as_a_service.domain.features import *;"
        "print(*(image_hash(Features(mood=mood, smile_type=smile, variant=7), edition='1', artist=artist)"
        " for mood in Mood for smile in SmileType for artist in Artist))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2", "random")
    ]

    printed = {process.communicate()[0] for process in started}

    here = [
        image_hash(Features(mood=mood, smile_type=smile, variant=7), edition="1", artist=artist)
        for mood, smile, artist in product(Mood, SmileType, Artist)
    ]
    assert printed == {" ".join(here) + "\n"}


def _key(features: Features, edition: str, artist: Artist) -> str:
    return image_hash(features, edition=edition, artist=artist)


def _values(face: Features) -> dict[str, Any]:
    return {field.name: getattr(face, field.name) for field in fields(Features)}


def _parsed(body: dict[str, Any]) -> Features:
    return parse_query(json.dumps(body).encode(), idempotency_key=None, seed_variants=1).features
