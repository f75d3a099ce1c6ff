"""Hair style, hair colour and facial hair: part of a face only where they are given and seen."""

from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.domain.features import FacialHair, Features, HairColor, HairStyle
from avatars_as_a_service.domain.key import Artist, image_hash
from tests.conftest import Serve

Json = dict[str, Any]
HIDDEN: Final = [
    ({"hair_style": "bald", "hair_color": "black"}, "hair_color"),
    ({"hair_style": "HIJAB", "facial_hair": "full"}, "facial_hair"),
    ({"hair_style": "hijab", "hair_color": "honey", "facial_hair": "goatee"}, "facial_hair and hair_color"),
]


@pytest.fixture
def local(serve: Serve, database: str) -> httpx.Client:
    return serve({"DB_STRING": database}).client


def key(**features: Any) -> str:  # noqa: ANN401 - any feature's value
    return image_hash(Features(**features), edition="1", artist=Artist.LOCAL)


def test_they_are_part_of_the_key_as_given_by_name_or_value_in_any_case(local: httpx.Client) -> None:
    asked: list[tuple[Json, Json]] = [
        ({"hair_style": "SIDE_PART"}, {"hair_style": HairStyle.SIDE_PART}),
        (
            {"hair_style": "Long-Wavy", "hair_color": "AUBURN"},
            {"hair_style": HairStyle.LONG_WAVY, "hair_color": HairColor.AUBURN},
        ),
        ({"facial_hair": "None"}, {"facial_hair": FacialHair.NONE}),
        (
            {"hair_style": "hijab", "facial_hair": "none"},
            {"hair_style": HairStyle.HIJAB, "facial_hair": FacialHair.NONE},
        ),
        ({"hair_style": None, "hair_color": None, "facial_hair": None}, {}),
    ]

    for properties, features in asked:
        answer = local.post("/query", json={"properties": properties}).json()
        assert answer["data"]["image_hash"] == key(**features), properties


@pytest.mark.parametrize(("properties", "named"), HIDDEN)
def test_what_the_picture_would_not_show_is_refused_and_not_sold(
    local: httpx.Client, properties: Json, named: str
) -> None:
    for body in ({"properties": properties}, {"properties": properties, "seed": "jane"}):
        answer = local.post("/query", json=body)

        assert (answer.status_code, answer.json()["code"]) == (422, "conflicting_features")
        assert named in answer.json()["detail"]
    assert local.get("/stats").json()["faces"] == 0


def test_in_a_page_what_would_not_be_shown_counts_as_not_given(local: httpx.Client) -> None:
    for properties, named in HIDDEN:
        seen = {name: value for name, value in properties.items() if name not in named}

        shown, plain = (local.get("/avatar", params={"seed": "jane", **given}) for given in (properties, seen))

        assert shown.status_code == 200
        assert shown.headers["X-Avatar-Hash"] == plain.headers["X-Avatar-Hash"]
        assert shown.content == plain.content


def test_a_description_overrides_them(serve: Serve, paid: dict[str, str]) -> None:
    body = {"properties": {"description": "a knight", **HIDDEN[0][0]}}

    assert serve(paid).client.post("/query", json=body).status_code == 200


def test_forms_and_filters_have_them(local: httpx.Client) -> None:
    features = {feature["name"]: feature for feature in local.get("/features").json()["features"]}

    assert features["hair_style"]["values"] == list(HairStyle)
    assert features["hair_color"]["values"] == list(HairColor)
    assert features["facial_hair"]["values"] == list(FacialHair)
    assert {features[name]["default"] for name in ("hair_style", "hair_color", "facial_hair")} == {None}
    assert 'data-feature="hair_style"' in local.get("/").text
    assert '<select name="facial_hair">' in local.get("/gallery").text
