"""The local artist draws each face as it was asked for, each differently, and each always the same."""

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, product
from statistics import median
from typing import Final
from xml.etree import ElementTree as ET

import pytest
import resvg_py
from PIL import Image, ImageChops, ImageDraw

from avatars_as_a_service.domain.features import (
    MAX_VARIANT,
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
from avatars_as_a_service.domain.look import Look, look_of
from avatars_as_a_service.providers.local_artist import draw, svg
from avatars_as_a_service.providers.local_artist.hair import HAIRS
from avatars_as_a_service.providers.local_artist.heads import HEADS
from avatars_as_a_service.providers.local_artist.layers import Tone, painted
from avatars_as_a_service.providers.local_artist.palettes import HAIRS as HAIR_COLOURS
from avatars_as_a_service.providers.local_artist.portrait import PERSON, draw_look

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
    Features(): "ba86e6fa3ee5aec3054ffaec4baca711d4c5416addc0abbbbdf95b98b1fd759f",
    FACE: "896e7ffe879311d83597d3948e077ba252383c569a21e84def7f95628169752f",
    replace(
        FACE, mood=Mood.FUN, skin_tone=SkinTone.DARK, glasses=True, variant=7
    ): "2870f8990bff05794169d58c66d3846547d0557c94de644fdc7c8035daac7e8a",
    Features(
        mood=Mood.OFFICIAL, variant=MAX_VARIANT
    ): "1b3bd0e3cd16df6b4520b705f5b9d4627c097ed3183d07c6f78b500b363e622d",
}


def changed(look: Look, feature: str, value: object) -> Look:
    return replace(look, **{feature: value})  # type: ignore[arg-type]


def digest_of(features: Features) -> str:
    return hashlib.sha256(draw(features).encode()).hexdigest()


def raster(features: Features, side: int) -> Image.Image:
    return raster_of_look(look_of(features), side)


@lru_cache(maxsize=1024)
def raster_of_look(look: Look, side: int) -> Image.Image:
    png = bytes(resvg_py.svg_to_bytes(svg_string=draw_look(look), width=side, height=side))
    return Image.open(io.BytesIO(png)).convert("RGB")


def change(one: Look, other: Look, side: int = 256, *, beyond: int = 16) -> float:
    """The share of pixels in which some channel differs by more than ``beyond`` of 255."""
    red, green, blue = ImageChops.difference(raster_of_look(one, side), raster_of_look(other, side)).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(most.histogram()[beyond + 1 :]) / side**2


PAINTS: Final = {"fill", "stroke", "stroke-width"}
"""The only attributes of a shape beside its outline: what every renderer draws alike."""
BASES: Final = [
    replace(look_of(FACE), skin_tone=skin_tone, mood=mood, glasses=glasses)
    for skin_tone, mood, glasses in product(SkinTone, Mood, (False, True))
]


def test_all_full_faces_differ() -> None:
    digests = {digest_of(features) for features in full_faces()}

    assert len(digests) == 2 * 5 * 3 * 6 * 6 * 6 * 2


@pytest.mark.parametrize("feature", ["mood", "glasses"])
def test_mood_and_glasses_can_be_told(feature: str) -> None:
    faces = [replace(FACE, skin_tone=skin_tone, variant=variant) for skin_tone in SkinTone for variant in range(4)]
    pairs = [[replace(face, **{feature: value}) for value in VALUES[feature]] for face in faces]  # type: ignore[arg-type]

    changes = [change(look_of(one), look_of(other)) for one, other in pairs]

    assert min(changes) > 0.015


@pytest.mark.parametrize("facial_hair", FacialHair)
def test_a_smile_shows_whatever_grows_around_it(facial_hair: FacialHair) -> None:
    face = replace(look_of(FACE), hair_style=HairStyle.CROP, facial_hair=facial_hair)
    smiles = [replace(face, smile_type=smile_type) for smile_type in SmileType]

    changes = [change(one, other) for one, other in combinations(smiles, 2)]

    assert min(changes) > 0.01


@pytest.mark.parametrize(("features", "digest"), list(DIGESTS.items()))
def test_a_face_never_changes(features: Features, digest: str) -> None:
    assert digest_of(features) == digest


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_every_process_draws_the_same(hash_seed: str) -> None:
    script = (
        "import hashlib; from avatars_as_a_service.domain.features import Features, Mood;"
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

    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert set(tags) == {"svg", "title", "g", "path"}
    assert [element.text for element in root.iter() if element.text or element.tail] == ["Avatar"]
    assert {name for element in root.iterfind(".//{*}path") for name in element.attrib} == {"d", *PAINTS}
    assert root.attrib == {"viewBox": "0 0 512 512", "width": "512", "height": "512", "role": "img"}


@pytest.mark.parametrize("style", HairStyle)
def test_hair_stays_inside_the_largest_circle(style: HairStyle) -> None:
    outside = Image.new("L", (256, 256), 255)
    ImageDraw.Draw(outside).ellipse((0, 0, 255, 255), fill=0)
    hair = HAIRS[style]
    layers = hair.front + (() if hair.is_scarf else hair.back + hair.drape)  # a scarf lies on the shoulders
    black = dict.fromkeys(Tone, "#000000")

    for head in HEADS.values():
        drawing = svg.document(PERSON, painted(head.fit_hair(layers), black), "</g>")
        png = bytes(resvg_py.svg_to_bytes(svg_string=drawing, width=256, height=256))
        drawn = Image.open(io.BytesIO(png)).getchannel("A")
        assert sum(ImageChops.multiply(drawn, outside).histogram()[128:]) == 0, head


@pytest.mark.parametrize(("mood", "skin_tone"), list(product(Mood, SkinTone)))
def test_all_variants_of_a_face_differ(mood: Mood, skin_tone: SkinTone) -> None:
    face = replace(FACE, mood=mood, skin_tone=skin_tone)

    digests = {digest_of(replace(face, variant=variant)) for variant in range(MAX_VARIANT + 1)}

    assert len(digests) == MAX_VARIANT + 1


@pytest.mark.parametrize("hair_color", HairColor)
def test_hair_and_brows_have_the_colour_that_is_asked_for(hair_color: HairColor) -> None:
    colours = HAIR_COLOURS[hair_color]

    for hair_style in HairStyle:
        drawing = draw(replace(FACE, hair_style=hair_style, hair_color=hair_color))
        assert colours[Tone.BROW] in drawing
        assert (colours[Tone.HAIR] in drawing) == (hair_style.shows_hair and hair_style is not HairStyle.BUZZ)


@pytest.mark.parametrize("glasses", [False, True])
@pytest.mark.parametrize("skin_tone", SkinTone)
@pytest.mark.parametrize("feature", ["nose_type", "smile_type", "eye_color"])
def test_hair_beards_and_frames_do_not_hide_a_feature(feature: str, skin_tone: SkinTone, *, glasses: bool) -> None:
    plain = replace(look_of(FACE), facial_hair=FacialHair.NONE)
    bearded = replace(plain, head_shape=HeadShape.HEART, hair_style=HairStyle.CURLS, facial_hair=FacialHair.FULL)
    styles = (HairStyle.PIXIE, HairStyle.BOB, HairStyle.LONG_CURLY, HairStyle.HIJAB)
    faces = [bearded, *(replace(plain, hair_style=hair_style) for hair_style in styles)]

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

    assert median(sizes) < 6_500
    assert max(sizes) < 9_000
