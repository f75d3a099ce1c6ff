"""``GET /faces``: the kept faces, page by page, on each database."""

from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.pool import NullPool

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import avatars
from benchmarks.catalogue import all_faces, fill
from tests.conftest import Serve

Json = dict[str, Any]
FACES = all_faces()[::360]


@pytest.fixture
def client(database: str, serve: Serve) -> httpx.Client:
    """Of a service that keeps 36 faces."""
    fill(database, FACES)
    return serve({"DB_STRING": database}).client


def pages(client: httpx.Client, **asked: str | int) -> list[list[Json]]:
    """All pages, from the first to the last."""
    found: list[list[Json]] = []
    cursor = None
    while cursor is not None or not found:
        page = client.get("/faces", params=asked | ({} if cursor is None else {"cursor": cursor})).json()
        found.append(page["faces"])
        cursor = page["next"]
    return found


def keys(pages: list[list[Json]]) -> list[str]:
    return [face["image_hash"] for page in pages for face in page]


def test_every_face_comes_once_and_the_newest_first(client: httpx.Client) -> None:
    found = pages(client, limit=10)

    assert [len(page) for page in found] == [10, 10, 10, 6]
    assert len(set(keys(found))) == 36
    moments = [face["drawn_at"] for page in found for face in page]
    assert moments == sorted(moments, reverse=True)


def test_faces_of_one_moment_come_once_too(client: httpx.Client, database: str) -> None:
    engine = create_engine(database_url(database), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(update(avatars).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))

    found = keys(pages(client, limit=7))

    assert found == sorted(set(found), reverse=True)
    assert len(found) == 36


def test_a_page_that_is_just_full_is_the_last(client: httpx.Client) -> None:
    assert [len(page) for page in pages(client, limit=36)] == [36]


def test_a_face_says_where_it_comes_from_and_is_found_by_it(client: httpx.Client, database: str) -> None:
    engine = create_engine(database_url(database), poolclass=NullPool)
    (old,) = keys(pages(client, limit=100, mood="official", skin_tone="dark", variant="0"))[:1]
    with engine.begin() as connection:
        connection.execute(
            update(avatars).where(avatars.c.image_hash == old).values(edition="0", artist="local", model="local")
        )

    found = {
        name: keys(pages(client, limit=5, **{name: value}))
        for name, value in {"edition": "0", "artist": "LOCAL", "model": "local"}.items()
    }
    rest = [face for page in pages(client, limit=5, edition="1", artist="model") for face in page]

    assert found == {name: [old] for name in ("edition", "artist", "model")}
    assert len(rest) == 35
    assert {(face["edition"], face["artist"]) for face in rest} == {("1", "model")}
    assert len({face["model"] for face in rest} - {"local", ""}) == 1
    assert client.get("/stats").json()["faces"] == 35


def test_a_parameter_without_a_value_says_nothing(client: httpx.Client) -> None:
    assert len(keys(pages(client, limit=100, mood="", edition="", cursor=""))) == 36


@pytest.mark.parametrize(
    "features",
    [{"mood": "official"}, {"glasses": "true"}, {"glasses": "false", "skin_tone": "DARK"}, {"nose_type": "button"}],
)
def test_only_faces_that_have_the_features_come(client: httpx.Client, features: dict[str, str]) -> None:
    found = [face["features"] for page in pages(client, limit=5, **features) for face in page]

    def fits(face: Features) -> bool:
        return all(str(getattr(face, name)).lower() == value.lower() for name, value in features.items())

    assert len(found) == sum(map(fits, FACES))
    assert all(str(face[name]).lower() == value.lower() for face in found for name, value in features.items())


BUN: Final = {"hair_style": "bun", "hair_color": "honey", "facial_hair": "none"}
BALD: Final = {"hair_style": "bald", "facial_hair": "full"}


def test_faces_are_found_by_features_that_have_no_column(client: httpx.Client) -> None:
    for properties in (BUN, BALD, {"hair_color": "black"}):
        client.post("/query", json={"properties": properties})

    found = {
        word: [face["features"] for page in pages(client, limit=5, **{name: word}) for face in page]
        for name, word in [
            ("hair_style", "BUN"),
            ("hair_style", "bald"),
            ("facial_hair", "none"),
            ("hair_color", "silver"),
        ]
    }

    assert {word: len(faces) for word, faces in found.items()} == {"BUN": 1, "bald": 1, "none": 1, "silver": 0}
    assert found["BUN"][0] | BUN == found["BUN"][0]
    assert (found["bald"][0]["hair_color"], found["bald"][0]["facial_hair"]) == (None, "full")
    assert len(keys(pages(client, limit=100))) == 36 + 3


def test_a_row_of_an_older_version_is_found_by_its_columns_and_stays_as_it_is(
    client: httpx.Client, database: str
) -> None:
    before = pages(client, limit=100, mood="official")
    engine = create_engine(database_url(database), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(update(avatars).values(features=None))

    after = pages(client, limit=100, mood="official")

    assert before == after
    assert keys(pages(client, limit=100, hair_style="bun")) == []
    with engine.connect() as connection:
        assert set(connection.scalars(select(avatars.c.features))) == {None}


def test_a_face_drawn_meanwhile_moves_none_to_another_page(client: httpx.Client) -> None:
    first = client.get("/faces", params={"limit": 10}).json()
    client.post("/query", json={"properties": {"variant": 7}})

    second = client.get("/faces", params={"limit": 10, "cursor": first["next"]}).json()

    assert not {face["image_hash"] for face in first["faces"]} & {face["image_hash"] for face in second["faces"]}
    assert client.get("/faces", params={"limit": 1}).json()["faces"][0]["features"]["variant"] == 7


def test_a_face_s_picture_opens(serve: Serve, database: str) -> None:
    client = serve({"DB_STRING": database}).client
    client.post("/query", json={"properties": {"eye_color": "blue"}})

    (face,) = client.get("/faces").json()["faces"]

    assert client.get(face["image_url"]).status_code == 200
    assert face["features"]["eye_color"] == "blue"
    assert face["features"]["nose_type"] is None


def test_pictures_of_descriptions_and_redrawn_ones_are_not_among_them(serve: Serve, paid: dict[str, str]) -> None:
    client = serve(paid).client
    client.post("/query", json={"properties": {"description": "a lighthouse keeper"}})
    client.post("/query", json={"properties": {"mood": "fun"}, "disable_cache": True})

    assert client.get("/faces").json() == {"faces": [], "next": None}


@pytest.mark.parametrize(
    "asked",
    [{"cursor": "x"}, {"cursor": "99999999999999999-" + "0" * 32}, {"limit": 0}, {"limit": 101}, {"mood": "sad"}],
)
def test_what_is_wrong_is_named(client: httpx.Client, asked: dict[str, str]) -> None:
    answer = client.get("/faces", params=asked)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", *asked]
