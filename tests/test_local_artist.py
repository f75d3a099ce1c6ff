"""The local artist draws each face as it was asked for, each differently, and each always the same."""

import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from itertools import combinations, product
from typing import Final
from xml.etree import ElementTree as ET

import pytest
import resvg_py
from PIL import Image, ImageChops

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
    full_faces,
)
from avatars_as_a_service.providers.local_artist import Look, draw, look_of
from avatars_as_a_service.providers.local_artist.backdrops import BACKDROPS_FOR
from avatars_as_a_service.providers.local_artist.beards import Beard
from avatars_as_a_service.providers.local_artist.clothes import GARMENTS_FOR
from avatars_as_a_service.providers.local_artist.hair import Hairstyle
from avatars_as_a_service.providers.local_artist.palettes import HAIR_FOR

FACE: Final = Features(
    mood=Mood.OFFICIAL,
    head_shape=HeadShape.OVAL,
    skin_tone=SkinTone.FAIR,
    smile_type=SmileType.CLOSED_LIP,
    nose_type=NoseType.STRAIGHT,
    eye_color=EyeColor.BROWN,
)
LEAST_CHANGE: Final = {"nose_type": 0.006, "eye_color": 0.004}  # of all pixels; 0.015 for any other feature
DIGESTS: Final = {
    Features(): "b760ee2111913fe3de83c7f0a26b30c37ee32c5b280f6752ed02c035166bb436",
    FACE: "49fdd99b9990bfb8e9005769c893d5c3976eb62ca2de4eea9d6961e2a584c1a1",
    replace(
        FACE, mood=Mood.FUN, skin_tone=SkinTone.DARK, glasses=True, variant=7
    ): "44bf3cdcda04e1c401442f25c429062be34ee7c2e3b7e10f5e79eb7bc5da470c",
    Features(
        mood=Mood.OFFICIAL, variant=MAX_VARIANT
    ): "b442ad200fcf4f9ca87ba9e7e209e0ab0d5ff8b41e84065f91db34eebb5e59b8",
}


def changed(features: Features, feature: str, value: object) -> Features:
    return replace(features, **{feature: value})  # type: ignore[arg-type]


def digest_of(features: Features) -> str:
    return hashlib.sha256(draw(features).encode()).hexdigest()


@lru_cache
def raster(features: Features, side: int) -> Image.Image:
    png = bytes(resvg_py.svg_to_bytes(svg_string=draw(features), width=side, height=side))
    return Image.open(io.BytesIO(png)).convert("RGB")


def change(one: Features, other: Features, side: int = 256) -> float:
    """The share of pixels in which some channel differs by more than 16 of 255."""
    red, green, blue = ImageChops.difference(raster(one, side), raster(other, side)).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(most.histogram()[17:]) / side**2


BASES: Final = [
    replace(FACE, skin_tone=skin_tone, mood=mood, glasses=glasses)
    for skin_tone, mood, glasses in product(SkinTone, Mood, (False, True))
]


def test_all_full_faces_differ() -> None:
    digests = {digest_of(features) for features in full_faces()}

    assert len(digests) == 2 * 5 * 3 * 6 * 6 * 6 * 2


@pytest.mark.parametrize("feature", VALUES)
def test_any_two_values_of_a_feature_can_be_told_apart(feature: str) -> None:
    least = LEAST_CHANGE.get(feature, 0.015)

    too_alike = [
        (base, one, other)
        for base in BASES
        for one, other in combinations(VALUES[feature], 2)
        if change(changed(base, feature, one), changed(base, feature, other)) < least
    ]

    assert too_alike == []


@pytest.mark.parametrize("feature", ["nose_type", "eye_color"])
def test_noses_and_eyes_can_be_told_apart_in_a_thumbnail(feature: str) -> None:
    bases = [replace(FACE, skin_tone=skin_tone) for skin_tone in SkinTone]

    too_alike = [
        (base, one, other)
        for base in bases
        for one, other in combinations(VALUES[feature], 2)
        if change(changed(base, feature, one), changed(base, feature, other), side=64) < 0.003
    ]

    assert too_alike == []


@pytest.mark.parametrize("beard", Beard)
def test_a_smile_shows_whatever_grows_around_it(beard: Beard) -> None:
    variant = next(v for v in range(MAX_VARIANT + 1) if look_of(replace(FACE, variant=v)).beard is beard)
    smiles = [replace(FACE, variant=variant, smile_type=smile_type) for smile_type in SmileType]

    changes = [change(one, other) for one, other in combinations(smiles, 2)]

    assert min(changes) > 0.01


@pytest.mark.parametrize(("features", "digest"), list(DIGESTS.items()))
def test_a_face_never_changes(features: Features, digest: str) -> None:
    assert digest_of(features) == digest


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_every_process_draws_the_same(hash_seed: str) -> None:
    script = (
        "import hashlib; from avatars_as_a_service.features import Features, Mood;"
        "from avatars_as_a_service.providers.local_artist import draw;"
        "pictures = ''.join(draw(Features(mood=m, variant=v)) for m in Mood for v in range(100));"
        "print(hashlib.sha256(pictures.encode()).hexdigest())"
    )
    pictures = "".join(draw(Features(mood=mood, variant=variant)) for mood in Mood for variant in range(100))

    printed = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed.strip() == hashlib.sha256(pictures.encode()).hexdigest()


@pytest.mark.parametrize("variant", range(MAX_VARIANT + 1))
def test_a_picture_is_well_formed_and_made_of_shapes_alone(variant: int) -> None:
    drawing = draw(Features(variant=variant, glasses=True))

    root = ET.fromstring(drawing)  # noqa: S314 - our own drawing

    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "g", "path", "clipPath"}
    assert not any(element.text or element.tail for element in root.iter())
    assert "href" not in drawing
    assert set(re.findall(r"url\(([^)]*)\)", drawing)) <= {f"#{i}" for i in re.findall(r' id="([^"]*)"', drawing)}
    assert (root.get("viewBox"), root.get("width"), root.get("height")) == ("0 0 512 512", "512", "512")


def test_no_id_stands_twice_in_a_picture() -> None:
    drawings = [draw(Features(variant=variant)) for variant in range(MAX_VARIANT + 1)]

    ids = [re.findall(r' id="([^"]*)"', drawing) for drawing in drawings]

    assert all(len(names) == len(set(names)) for names in ids)


@pytest.mark.parametrize(("mood", "skin_tone"), list(product(Mood, SkinTone)))
def test_all_variants_of_a_face_differ(mood: Mood, skin_tone: SkinTone) -> None:
    face = replace(FACE, mood=mood, skin_tone=skin_tone)

    digests = {digest_of(replace(face, variant=variant)) for variant in range(MAX_VARIANT + 1)}

    assert len(digests) == MAX_VARIANT + 1


@pytest.mark.parametrize("mood", Mood)
def test_the_variants_use_all_that_the_artist_has(mood: Mood) -> None:
    looks = [look_of(Features(mood=mood, variant=variant)) for variant in range(MAX_VARIANT + 1)]

    assert {look.hairstyle for look in looks} == set(Hairstyle)
    assert {look.beard for look in looks} == set(Beard)
    assert {look.garment for look in looks} == set(GARMENTS_FOR[mood])
    assert {look.backdrop for look in looks} == set(BACKDROPS_FOR[mood])


@pytest.mark.parametrize("skin_tone", SkinTone)
def test_the_hair_s_colour_suits_the_skin(skin_tone: SkinTone) -> None:
    looks = [look_of(Features(skin_tone=skin_tone, variant=variant)) for variant in range(MAX_VARIANT + 1)]

    assert {look.hair_colour for look in looks} == set(HAIR_FOR[skin_tone])


SUITED: Final[Mapping[str, set[str]]] = {
    "mood": {"garment", "dye", "backdrop", "paint", "finish"},
    "skin_tone": {"hair_colour"},
}
"""What else may change with a feature, so that it suits it."""


def differences(one: Look, other: Look) -> set[str]:
    others = asdict(other)
    return {name for name, value in asdict(one).items() if value != others[name]}


@pytest.mark.parametrize("variant", range(0, MAX_VARIANT + 1, 9))
@pytest.mark.parametrize("feature", VALUES)
def test_a_feature_that_changes_alone_leaves_the_rest_of_the_look_alone(feature: str, variant: int) -> None:
    open_face = Features(variant=variant)

    looks = [look_of(changed(open_face, feature, value)) for value in VALUES[feature]]

    for one, other in combinations(looks, 2):
        assert differences(one, other) - SUITED.get(feature, set()) == {feature}


@pytest.mark.parametrize("glasses", [False, True])
@pytest.mark.parametrize("skin_tone", SkinTone)
@pytest.mark.parametrize("feature", ["nose_type", "smile_type", "eye_color"])
def test_hair_beards_and_frames_do_not_hide_a_feature(feature: str, skin_tone: SkinTone, *, glasses: bool) -> None:
    bearded = replace(FACE, head_shape=HeadShape.HEART, variant=21)
    faces = [bearded, *(replace(FACE, variant=variant) for variant in (10, 30, 48, 80))]

    too_alike = [
        (face, one, other)
        for face in (replace(face, skin_tone=skin_tone, glasses=glasses) for face in faces)
        for one, other in combinations(VALUES[feature], 2)
        if change(changed(face, feature, one), changed(face, feature, other)) < LEAST_CHANGE.get(feature, 0.015)
    ]

    assert too_alike == []


def test_a_picture_is_small() -> None:
    sizes = [
        len(draw(Features(mood=mood, glasses=True, variant=variant)))
        for mood, variant in product(Mood, range(MAX_VARIANT + 1))
    ]

    assert max(sizes) < 26_000


def test_a_feature_left_open_is_one_of_its_values_and_varies() -> None:
    looks = [look_of(Features(variant=variant)) for variant in range(MAX_VARIANT + 1)]

    for feature in ("head_shape", "skin_tone", "smile_type", "nose_type", "eye_color"):
        assert {getattr(look, feature) for look in looks} == set(VALUES[feature])


def test_a_feature_that_is_asked_for_is_in_the_look() -> None:
    for features in (FACE, *BASES):
        look = look_of(features)

        assert all(getattr(look, feature) == getattr(features, feature) for feature in VALUES)
