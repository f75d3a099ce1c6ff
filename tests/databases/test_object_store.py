"""Pictures in an object store: each is there before its row is, and its faults lose none that was paid for."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import obstore
import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.object_store import ObjectStore
from avatars_as_a_service.storage.tables import images
from avatars_as_a_service.wiring import check
from tests.conftest import Serve
from tests.support import patient
from tests.support.addresses import original
from tests.support.clock import stretched, wait_until
from tests.support.concurrency import different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import claims_held, ledger, pictures_kept
from tests.support.object_store_server import SECRET, Bucket, bucket, folder
from tests.support.service_runner import ServiceProcess, ThreadedService, processes

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
    answer = httpx.post(f"{service.url}/query", json=body, timeout=120)
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
    wait_until(lambda: claims_held(database) == 0)
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
        wait_until(lambda: pictures_kept(database) == 1)
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
        wait_until(lambda: "a paid picture is refused" in service.log())

    assert SECRET not in service.log()
    assert "Debug source" not in service.log()


@on_sqlite
@pytest.mark.slow
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
    assert time.monotonic() - began < stretched(8)
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
    assert without.client.get(after).json()["code"] == "picture_in_another_store"


@pytest.mark.parametrize(
    ("database", "store"), [("sqlite", "folder"), ("postgresql", "s3"), ("mysql", "folder")], indirect=True
)
def test_a_switch_between_database_and_store_says_what_is_where_and_pays_for_nothing_again(
    paid: dict[str, str], store: Bucket, provider: LoopbackProvider, tmp_path: Path
) -> None:
    in_database = {name: value for name, value in paid.items() if name not in store.environment}
    with processes(in_database, tmp_path) as [service]:
        first = path_of(ask(service, FACES[0]))
    with processes(paid, tmp_path) as [service]:
        second = path_of(ask(service, FACES[1]))
        assert patient.get(f"{service.url}{first}").status_code == 200
        assert warnings_of_missing_pictures(service) == []

    with processes(in_database, tmp_path) as [service]:
        assert patient.get(f"{service.url}{first}").status_code == 200
        assert_in_another_store(service, second)
        assert ask(service, FACES[1])["cache_hit"]
        wait_until(lambda: bool(warnings_of_missing_pictures(service)))
        (told,) = warnings_of_missing_pictures(service)
        assert (told["kept_outside_the_database"], told["not_found"]) == (1, 1)
        assert "AVATARS_IMAGE_STORE" in told["event"]

    with processes(paid, tmp_path) as [service]:
        assert patient.get(f"{service.url}{second}").status_code == 200
    assert len(provider.calls) == 2


@on_sqlite
def test_a_store_that_was_moved_says_what_is_missing_and_pays_for_nothing_again(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    moved = {**paid, "AVATARS_IMAGE_STORE": paid["AVATARS_IMAGE_STORE"].rstrip("/") + "-moved"}
    with processes(paid, tmp_path) as [service]:
        first = path_of(ask(service, FACES[0]))

    with processes(moved, tmp_path) as [service]:
        second = path_of(ask(service, FACES[1]))
        assert patient.get(f"{service.url}{second}").status_code == 200
        assert_in_another_store(service, first)
        assert ask(service, FACES[0])["cache_hit"]
        wait_until(lambda: bool(warnings_of_missing_pictures(service)))
        (told,) = warnings_of_missing_pictures(service)
        assert (told["looked_at"], told["not_found"]) == (1, 1)

    with processes(paid, tmp_path) as [service]:
        assert patient.get(f"{service.url}{first}").status_code == 200
    assert len(provider.calls) == 2


@on_sqlite
def test_a_picture_that_is_drawn_again_to_the_same_bytes_leaves_the_store_that_is_gone(
    database: str, paid: dict[str, str], store: Bucket, tmp_path: Path
) -> None:
    free = {name: value for name, value in paid.items() if not name.startswith("OPENAI")}
    without_store = {name: value for name, value in free.items() if name not in store.environment}
    with processes(free, tmp_path) as [service]:
        ask(service, FACES[0])

    with processes(without_store, tmp_path) as [service]:
        again = ask(service, FACES[0] | {"disable_cache": True})
        assert patient.get(original(service.url + path_of(again), "svg")).status_code == 200
    assert None not in bytes_in_rows(database)


def assert_in_another_store(service: ServiceProcess, path: str) -> None:
    refused = patient.get(f"{service.url}{path}")
    assert (refused.status_code, refused.json()["code"]) == (503, "picture_in_another_store")
    assert "AVATARS_IMAGE_STORE" in refused.json()["detail"]
    assert refused.headers["Cache-Control"] == "no-store"
    assert "Retry-After" not in refused.headers


def warnings_of_missing_pictures(service: ServiceProcess) -> list[Body]:
    lines = [line for line in service.log().splitlines() if "ANOTHER IMAGE STORE" in line]
    return [json.loads(line) for line in lines]


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
def objects(store: Bucket, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """The store as the service has it."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    address = load_settings().image_store
    assert address is not None
    return ObjectStore(address)


def test_what_is_kept_already_is_not_written_again(objects: ObjectStore, store: Bucket) -> None:
    objects.put_now(PICTURE)
    first = obstore.head(store.store, PICTURE.ref.path.removeprefix("/"))

    objects.put_now(PICTURE)

    assert obstore.head(store.store, PICTURE.ref.path.removeprefix("/")) == first


def test_an_object_that_somebody_has_damaged_is_put_right(objects: ObjectStore, store: Bucket) -> None:
    obstore.put(store.store, PICTURE.ref.path.removeprefix("/"), b"cut short")

    objects.put_now(PICTURE)

    assert object_at(store, PICTURE.ref.path) == PICTURE.data


@pytest.mark.anyio
async def test_what_is_deleted_is_gone_and_may_be_deleted_again(objects: ObjectStore, store: Bucket) -> None:
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
