"""Pictures in an object store: each is there before its row is, and its faults lose none that was paid for."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import obstore
import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from avatars_as_a_service.images.objects import Objects
from avatars_as_a_service.picture import Picture, PictureFormat
from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.storage.address import database_url
from avatars_as_a_service.storage.tables import images
from avatars_as_a_service.wiring import check
from tests import patient
from tests.addresses import original
from tests.books import claims_held, ledger, pictures_kept
from tests.buckets import SECRET, Bucket, bucket, folder
from tests.conftest import Serve
from tests.crowds import different_faces
from tests.provider import LoopbackProvider, Mode
from tests.services import ServiceProcess, ThreadedService, processes, wait_until

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
RECOVERY_S: Final = 30
FACES: Final = different_faces(4, seed=11)
PICTURE: Final = Picture.of(b"bytes", format=PictureFormat.WEBP, width=1, height=1)
Body = dict[str, Any]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bucket]:
    """An empty object store of each kind in turn."""
    with folder(tmp_path) if request.param == "folder" else bucket() as made:
        yield made


@pytest.fixture
def s3() -> Iterator[Bucket]:
    """An empty bucket."""
    with bucket() as made:
        yield made


@pytest.fixture
def paid(database: str, provider: LoopbackProvider, store: Bucket, tmp_path: Path) -> dict[str, str]:
    """The environment of a service that pays that provider and keeps its pictures in that store."""
    return {
        "DB_STRING": database,
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_SPOOL": str(tmp_path / "spool"),
        "AVATARS_LEASE_S": "3",
        **store.environment,
    }


def ask(service: ThreadedService | ServiceProcess, body: Body) -> Body:
    answer = httpx.post(f"{service.url}/query", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    answered: Body = answer.json()
    return answered


def path_of(answer: Body) -> str:
    return httpx.URL(answer["data"]["image_url"]).path


def bytes_in_rows(address: str) -> list[bytes | None]:
    engine = create_engine(database_url(address), poolclass=NullPool)
    with engine.connect() as connection:
        return [row.data for row in connection.execute(select(images.c.data))]


def object_at(store: Bucket, path: str) -> bytes:
    return bytes(obstore.get(store.store, path.removeprefix("/")).bytes())


def names_in(store: Bucket) -> list[str]:
    return [meta["path"] for meta in obstore.list(store.store).collect()]


def test_a_pictures_bytes_are_in_the_store_under_its_address_and_only_promised_by_the_row(
    database: str, paid: dict[str, str], store: Bucket, provider: LoopbackProvider, serve: Serve
) -> None:
    drawn = ask(serve(paid), FACES[0])
    again = serve(paid)

    assert bytes_in_rows(database) == [None]
    assert object_at(store, path_of(drawn)) == again.client.get(path_of(drawn)).content
    assert ask(again, FACES[0])["cache_hit"]
    assert len(provider.calls) == 1


@on_sqlite
def test_a_bucket_says_what_its_objects_are_so_that_a_cdn_may_read_it_by_itself(
    database: str, s3: Bucket, serve: Serve
) -> None:
    drawn = ask(serve({"DB_STRING": database, **s3.environment}), FACES[0])

    drawing = httpx.URL(original(drawn["data"]["image_url"], "svg")).path
    said = obstore.get(s3.store, drawing.removeprefix("/")).attributes
    assert said["Content-Type"] == "image/svg+xml"
    assert said["Cache-Control"] == "public, max-age=31536000, immutable"


@on_sqlite
def test_a_paid_picture_that_the_store_refuses_is_answered_served_and_kept_when_it_is_back(
    database: str, paid: dict[str, str], store: Bucket, provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    store.begin_outage()

    drawn = ask(service, FACES[0])

    assert drawn["provisional"] is False
    assert pictures_kept(database) == 0
    assert len(list(Path(paid["AVATARS_SPOOL"]).glob("*.spooled"))) == 1
    picture = service.client.get(path_of(drawn))
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp")
    assert ask(service, FACES[0])["cache_hit"]

    store.end_outage()
    wait_until(lambda: claims_held(database) == 0, RECOVERY_S)
    assert object_at(store, path_of(drawn)) == picture.content
    assert path_of(ask(serve(paid), FACES[0])) == path_of(drawn)
    assert [entry.state for entry in ledger(database)] == ["settled"]
    assert len(provider.calls) == 1


@on_sqlite
def test_a_kill_while_the_store_is_away_loses_no_paid_picture(
    database: str, paid: dict[str, str], store: Bucket, provider: LoopbackProvider, tmp_path: Path
) -> None:
    with processes(paid, tmp_path) as [service]:
        store.begin_outage()
        drawn = ask(service, FACES[0])
        service.kill()
    store.end_outage()

    with processes(paid, tmp_path) as [service]:
        wait_until(lambda: pictures_kept(database) == 1, RECOVERY_S)
        assert ask(service, FACES[0])["cache_hit"]
        assert patient.get(f"{service.url}{path_of(drawn)}").content == object_at(store, path_of(drawn))
    assert len(provider.calls) == 1


@on_sqlite
def test_no_secret_of_the_store_is_logged(
    database: str, s3: Bucket, provider: LoopbackProvider, tmp_path: Path
) -> None:
    environment = {"DB_STRING": database, "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": provider.base_url}
    with processes({**environment, **s3.environment}, tmp_path) as [service]:
        ask(service, FACES[0])
        s3.begin_outage()
        ask(service, FACES[1])
        wait_until(lambda: "a paid picture is refused" in service.log(), 10)

    assert SECRET not in service.log()
    assert "Debug source" not in service.log()


@on_sqlite
def test_a_picture_that_is_not_in_memory_is_refused_in_time_while_the_store_is_silent(
    database: str, s3: Bucket, provider: LoopbackProvider, serve: Serve
) -> None:
    environment = {"DB_STRING": database, "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": provider.base_url}
    drawn = ask(serve({**environment, **s3.environment}), FACES[0])
    other = serve({})
    assert s3.freeze is not None
    s3.freeze()

    began = time.monotonic()
    refused = other.client.get(path_of(drawn))

    assert (refused.status_code, refused.json()["code"]) == (503, "image_store_unavailable")
    assert refused.headers["Retry-After"] == "2"
    assert time.monotonic() - began < 8
    assert ask(other, FACES[0])["cache_hit"]
    shown = other.client.get("/avatar", params=FACES[0]["properties"])
    assert (shown.status_code, shown.headers["X-Avatar-Status"]) == (200, "provisional")
    s3.end_outage()
    assert other.client.get(path_of(drawn)).status_code == 200


@on_sqlite
def test_bytes_that_are_not_those_of_their_digest_are_not_served(
    paid: dict[str, str], store: Bucket, serve: Serve
) -> None:
    drawn = ask(serve(paid), FACES[0])
    obstore.put(store.store, path_of(drawn).removeprefix("/"), b"cut short")

    refused = serve(paid).client.get(path_of(drawn))

    assert (refused.status_code, refused.json()["code"]) == (503, "image_store_unavailable")


@on_sqlite
def test_pictures_kept_before_the_store_was_set_stay_and_those_in_it_want_it(
    paid: dict[str, str], store: Bucket, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in store.environment:
        paid.pop(name)
    before = path_of(ask(serve(paid), FACES[0]))
    with_store = serve({**paid, **store.environment})
    after = path_of(ask(with_store, FACES[1]))

    assert with_store.client.get(before).status_code == 200
    assert names_in(store) == [after.removeprefix("/")]
    monkeypatch.delenv("AVATARS_IMAGE_STORE")
    without = serve(paid)
    assert without.client.get(before).status_code == 200
    assert without.client.get(after).json()["code"] == "image_store_unavailable"


@on_sqlite
def test_a_cdn_stands_in_the_address_of_kept_pictures_alone(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, AVATARS_IMAGE_BASE_URL="https://cdn.example/faces/", AVATARS_PUBLIC_URL="https://api.example")
    kept = [ask(service, FACES[0])["data"]["image_url"] for _ in range(2)]
    provider.mode = Mode.BAD_REQUEST

    stand_in = ask(service, FACES[1])

    assert all(address.startswith("https://cdn.example/faces/images/") for address in kept)
    assert stand_in["provisional"]
    assert stand_in["data"]["image_url"].startswith("https://api.example/avatar?")


# --- the store by itself ---


@pytest.fixture
def objects(store: Bucket, monkeypatch: pytest.MonkeyPatch) -> Objects:
    """The store as the service has it."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    address = load_settings().image_store
    assert address is not None
    return Objects(address)


def test_what_is_kept_already_is_not_written_again(objects: Objects, store: Bucket) -> None:
    objects.put_now(PICTURE)
    first = obstore.head(store.store, PICTURE.ref.path.removeprefix("/"))

    objects.put_now(PICTURE)

    assert obstore.head(store.store, PICTURE.ref.path.removeprefix("/")) == first


def test_an_object_that_somebody_has_damaged_is_put_right(objects: Objects, store: Bucket) -> None:
    obstore.put(store.store, PICTURE.ref.path.removeprefix("/"), b"cut short")

    objects.put_now(PICTURE)

    assert object_at(store, PICTURE.ref.path) == PICTURE.data


@pytest.mark.anyio
async def test_what_is_deleted_is_gone_and_may_be_deleted_again(objects: Objects, store: Bucket) -> None:
    await objects.put(PICTURE)
    assert await objects.get(PICTURE.ref) == PICTURE.data

    await objects.delete(PICTURE.ref)
    await objects.delete(PICTURE.ref)

    assert names_in(store) == []


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the service has."""
    return "asyncio"


def test_a_folder_that_cannot_be_written_is_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AVATARS_IMAGE_STORE", f"file://{tmp_path}/file/pictures")

    with pytest.raises(WrongSetting, match=r"^AVATARS_IMAGE_STORE: ") as wrong:
        check(load_settings())

    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize("address", ["pictures", "https://bucket.example/x", "s3://", "file://pictures", "file:///"])
def test_an_address_that_is_none_is_told_at_the_start(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATARS_IMAGE_STORE", address)

    with pytest.raises(WrongSetting, match=r"^AVATARS_IMAGE_STORE: "):
        load_settings()
