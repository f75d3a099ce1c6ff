"""What waits in the spool: one picture that can never be stored, a folder that cannot be written, and a restart."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import patient
from tests.support.addresses import original
from tests.support.clock import wait_until
from tests.support.concurrency import different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import Use, claims_held, faces_kept, ledger, pictures_kept, used
from tests.support.outage import Outage, execute, outage_of, own_mariadb
from tests.support.service_runner import ServiceProcess, ThreadedService, drawings_in_progress, processes
from tests.support.unwritable import UnwritableFolder

pytestmark = pytest.mark.in_process("shortens how long a locked SQLite file is waited for")
PRICE: Final = 10_000
SPOOL: Final = Path("spool")
"""Each test has a folder of its own as its current one."""
FACES: Final = different_faces(12, seed=41)
REFUSE: Final = {
    "sqlite": [
        """CREATE TRIGGER refuse BEFORE INSERT ON images WHEN length(NEW.data) > 1000000
        BEGIN SELECT RAISE(ABORT, 'never'); END"""
    ],
    "postgresql": ["ALTER TABLE images ADD CONSTRAINT refuse CHECK (octet_length(data) <= 1000000)"],
    "postgresql-trigger": [
        """CREATE FUNCTION refuse() RETURNS trigger AS $$
        BEGIN IF octet_length(NEW.data) > 1000000 THEN RAISE EXCEPTION 'never'; END IF; RETURN NEW; END
        $$ LANGUAGE plpgsql""",
        "CREATE TRIGGER refuse BEFORE INSERT ON images FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
    "mysql": ["ALTER TABLE images ADD CONSTRAINT refuse CHECK (octet_length(data) <= 1000000)"],
}
"""What makes each database refuse a large picture for good."""
ACCEPT: Final = {
    "sqlite": ["DROP TRIGGER refuse"],
    "postgresql": ["ALTER TABLE images DROP CONSTRAINT refuse"],
    "postgresql-trigger": ["DROP TRIGGER refuse ON images"],
    "mysql": ["ALTER TABLE images DROP CONSTRAINT refuse"],
}
Body = dict[str, Any]


@pytest.fixture
def outage(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outage]:
    """The database's outages."""
    monkeypatch.setattr("avatars_as_a_service.storage.engine.BUSY_S", 0.5)
    monkeypatch.setattr("avatars_as_a_service.storage.database.BUSY_S", 0.5)
    with outage_of(database) as outage:
        yield outage


@pytest.fixture
def mariadb_of_small_packets(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database on a server of the test's own, which takes packets of 1 MiB at most."""
    with own_mariadb(tmp_path, "--max-allowed-packet=1M") as database:
        yield database


def environment(address: str, provider: LoopbackProvider) -> dict[str, str]:
    """The environment of a service that pays that provider."""
    return {
        "DB_STRING": address,
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_SPOOL": str(SPOOL.absolute()),
        "AVATARS_STAND_IN": "off",
        "AVATARS_PRICE_PER_IMAGE_USD": str(PRICE / 1_000_000),
        "AVATARS_LEASE_S": "1",
    }


@pytest.fixture
def paid(outage: Outage, provider: LoopbackProvider) -> dict[str, str]:
    """The environment of a service whose database can be taken away."""
    return environment(outage.address, provider)


def ask(service: ThreadedService | ServiceProcess, body: Body, **headers: str) -> httpx.Response:
    return httpx.post(f"{service.url}/query", json=body, headers=headers, timeout=120)


def answered(service: ThreadedService | ServiceProcess, body: Body, **headers: str) -> Body:
    answer = ask(service, body, **headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def path_of(answer: Body) -> str:
    return httpx.URL(answer["data"]["image_url"]).path


def picture(service: ThreadedService, answer: Body, kind: str = "png") -> bytes:
    """The original, byte for byte; the large ones are PNG."""
    found = patient.get(f"{service.url}{httpx.URL(original(answer['data']['image_url'], kind)).path}")
    assert found.status_code == 200, found.text
    return found.content


def spooled() -> list[Path]:
    return list(SPOOL.glob("*.spooled"))


@contextmanager
def in_flight(service: ThreadedService, provider: LoopbackProvider, bodies: list[Body]) -> Iterator[list[Body]]:
    """Within it the provider draws them, the first one first; the answers are there afterwards."""
    drawings = [provider.hold_next() for _ in bodies]
    answers: list[Body] = []
    with ThreadPoolExecutor(len(bodies)) as pool:
        before = len(provider.calls)
        first = pool.submit(answered, service, bodies[0])
        wait_until(lambda: len(provider.calls) > before or first.done())
        asked = [first, *(pool.submit(answered, service, body) for body in bodies[1:])]
        wait_until(lambda: len(provider.calls) >= before + len(bodies) or any(future.done() for future in asked))
        try:
            yield answers
        finally:
            for drawing in drawings:
                drawing.set()
        answers += [future.result() for future in asked]


def assert_each_paid_once(database: str, provider: LoopbackProvider, count: int) -> None:
    assert len(provider.calls) == count
    assert [entry.state for entry in ledger(database) if entry.may_be_billed] == ["settled"] * count
    assert used(database) == [Use(spent=count * PRICE, reserved=0)] * 2


def refusal(database: str) -> str:
    return database.partition(":")[0].partition("+")[0]


@pytest.mark.parametrize(
    ("database", "kind"), [(kind.partition("-")[0], kind) for kind in REFUSE], indirect=["database"]
)
@pytest.mark.slow
def test_one_picture_that_can_never_be_stored_holds_up_no_other_and_all_ten_are_hits_after_a_restart(
    kind: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    execute(outage.database, *REFUSE[kind])

    assert_nine_of_ten_are_stored_and_all_are_hits(service, outage, provider, lambda: serve(paid))

    execute(outage.database, *ACCEPT[kind])
    assert_the_tenth_is_stored_at_last(outage.database, provider)


def test_a_picture_larger_than_the_servers_packets_is_served_from_the_spool_until_the_limit_is_raised(
    mariadb_of_small_packets: str, provider: LoopbackProvider, serve: Serve
) -> None:
    with outage_of(mariadb_of_small_packets) as outage:
        paid = environment(outage.address, provider)
        service = serve(paid)

        assert_nine_of_ten_are_stored_and_all_are_hits(service, outage, provider, lambda: serve(paid))

        execute(mariadb_of_small_packets, "SET GLOBAL max_allowed_packet = 16777216")
        assert_the_tenth_is_stored_at_last(mariadb_of_small_packets, provider)


def assert_nine_of_ten_are_stored_and_all_are_hits(
    service: ThreadedService, outage: Outage, provider: LoopbackProvider, serve_again: Callable[[], ThreadedService]
) -> None:
    ten = FACES[:10]
    provider.script.append(Mode.LARGE)
    with in_flight(service, provider, ten) as answers:
        outage.begin()
    assert len(spooled()) == 10
    large = picture(service, answers[0])
    assert len(large) > 2_000_000

    outage.end()
    wait_until(lambda: faces_kept(outage.database) == 9)
    service.stop()
    services = [serve_again(), serve_again()]

    assert len(spooled()) == 1
    for again in services:
        hits = [answered(again, body) for body in ten]
        assert [hit["cache_hit"] for hit in hits] == [True] * 10
        assert [hit["cost_usd"] for hit in hits] == [0] * 10
        assert list(map(path_of, hits)) == list(map(path_of, answers))
        assert picture(again, hits[0]) == large
        assert patient.get(f"{again.url}/avatar", params=ten[0]["properties"]).headers["X-Avatar-Status"] == "kept"
    assert len(provider.calls) == 10


def assert_the_tenth_is_stored_at_last(database: str, provider: LoopbackProvider) -> None:
    wait_until(lambda: not spooled())
    assert (faces_kept(database), pictures_kept(database)) == (10, 10)
    wait_until(lambda: claims_held(database) == 0)
    assert_each_paid_once(database, provider, 10)


def test_a_packet_limit_that_is_too_small_is_told_at_the_start_with_what_to_set(
    mariadb_of_small_packets: str, provider: LoopbackProvider, tmp_path: Path
) -> None:
    database = mariadb_of_small_packets
    with processes(environment(database, provider), tmp_path) as [small]:
        wait_until(lambda: "max_allowed_packet" in small.log())
    execute(database, "SET GLOBAL max_allowed_packet = 16777216")
    with processes(environment(database, provider), tmp_path) as [large]:
        wait_until(lambda: "listening" in large.log())

    (line,) = [line for line in small.log().splitlines() if "max_allowed_packet" in line]
    assert "1048576" in line
    assert "max_allowed_packet=16M" in line
    assert "max_allowed_packet" not in large.log()


@on_sqlite
def test_a_picture_that_is_refused_for_good_is_told_of_once(
    database: str, paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    with processes(paid, tmp_path) as [service]:
        execute(database, *REFUSE["sqlite"])
        provider.script.append(Mode.LARGE)
        answered(service, FACES[0])
        time.sleep(8)
        log = service.log()

    assert (
        len([line for line in log.splitlines() if '"level": "error"' in line]) == 2
    )  # by the drawing, and by the first retry


@on_sqlite
def test_a_face_is_found_in_a_spool_of_yesterday_even_while_the_database_is_away(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    execute(database, *REFUSE["sqlite"])
    provider.script.append(Mode.LARGE)
    drawn = answered(service, FACES[0])
    service.stop()
    (file,) = spooled()
    os.utime(SPOOL, (0, 0))
    again = serve(paid, DB_STRING="postgresql://nobody@127.0.0.1:1/nothing")

    hit = answered(again, FACES[0])

    assert (hit["cache_hit"], path_of(hit)) == (True, path_of(drawn))
    assert len(picture(again, hit)) > 2_000_000
    assert len(provider.calls) == 1
    assert file.exists()


def test_an_answer_to_a_key_that_waits_in_the_spool_is_given_again_after_a_restart(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    execute(database, *REFUSE[refusal(database)])
    provider.script.append(Mode.LARGE)
    body, key = {"properties": {"description": "a pirate"}}, {"Idempotency-Key": "one"}
    first = answered(service, body, **key)
    service.stop()
    time.sleep(3)  # longer than the lease

    again = answered(serve(paid), body, **key)
    other = ask(serve(paid), {"properties": {"description": "a queen"}}, **key)

    assert path_of(again) == path_of(first)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(provider.calls) == 1


@pytest.mark.slow
def test_a_redrawn_face_that_waits_in_the_spool_is_not_drawn_once_more(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, AVATARS_ADMIN_TOKEN="planted-token-of-the-admin")
    face = answered(service, FACES[0])
    execute(database, *REFUSE[refusal(database)])
    provider.script.append(Mode.LARGE)
    redraw = {"Authorization": "Bearer planted-token-of-the-admin"}
    address = f"/admin/faces/{face['data']['image_hash']}/redraw"
    first = httpx.post(f"{service.url}{address}", headers=redraw, timeout=120)
    service.stop()
    assert first.status_code == 200, first.text
    time.sleep(3)  # longer than the lease
    restarted = serve(paid)

    shown = answered(restarted, FACES[0])
    again = httpx.post(f"{restarted.url}{address}", headers=redraw, timeout=120)

    assert path_of(shown) == path_of(face)
    assert again.json()["data"]["image_url"].rpartition("/")[2] == first.json()["data"]["image_url"].rpartition("/")[2]
    assert len(provider.calls) == 2
    execute(database, *ACCEPT[refusal(database)])
    wait_until(lambda: not spooled())
    wait_until(lambda: path_of(answered(restarted, FACES[0])) != path_of(face))
    assert_each_paid_once(database, provider, 2)


@pytest.mark.slow
def test_a_picture_that_is_purged_while_it_waits_in_the_spool_is_neither_served_nor_stored(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    operator = {"AVATARS_ADMIN_TOKEN": "planted-token-of-the-admin"}
    here, there = serve(paid, **operator), serve(paid, **operator)
    execute(database, *REFUSE[refusal(database)])
    provider.script.append(Mode.LARGE)
    drawn = answered(here, FACES[0])
    wait_until(lambda: patient.get(f"{there.url}{path_of(drawn)}").status_code == 200)  # its next look at the spool
    assert len(picture(there, drawn)) > 2_000_000
    url = f"{there.url}/admin/faces/{drawn['data']['image_hash']}"

    purged = httpx.delete(url, headers={"Authorization": "Bearer planted-token-of-the-admin"}, timeout=60)

    assert (purged.status_code, purged.json()) == (200, {"faces": 1, "pictures": 1})
    assert spooled() == []
    execute(database, *ACCEPT[refusal(database)])
    for service in (here, there):
        wait_until(lambda service=service: patient.get(f"{service.url}{path_of(drawn)}").status_code == 410, 10)  # type: ignore[misc]
    time.sleep(3)  # the process that drew it looks for its file meanwhile
    assert (faces_kept(database), pictures_kept(database)) == (0, 0)
    assert claims_held(database) == 0
    assert_each_paid_once(database, provider, 1)
    again = answered(here, FACES[0])
    assert again["cache_hit"] is False
    assert path_of(again) != path_of(drawn)


@on_sqlite
def test_who_waits_on_a_drawing_in_another_process_gets_what_went_into_the_spool(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    here, there = serve(paid), serve(paid)
    execute(database, *REFUSE["sqlite"])
    provider.script.append(Mode.LARGE)
    with ThreadPoolExecutor(1) as pool, in_flight(here, provider, FACES[:1]) as answers:
        waiting = pool.submit(answered, there, FACES[0])
        wait_until(lambda: drawings_in_progress(there) == 1)

    assert path_of(waiting.result()) == path_of(answers[0])
    assert len(provider.calls) == 1


EVENTS: Final = ("folder goes", "folder is back", "database goes", "database is back")
ORDERS: Final = [
    order
    for order in permutations(EVENTS)
    if order.index("folder goes") < order.index("folder is back")
    and order.index("database goes") < order.index("database is back")
]


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
@pytest.mark.slow
def test_a_folder_that_is_read_only_and_a_database_that_is_away_lose_nothing_in_any_order(
    outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve, order: tuple[str, ...]
) -> None:
    folder, service, two = UnwritableFolder(SPOOL), serve(paid), FACES[:2]
    events = {
        "folder goes": folder.begin,
        "folder is back": folder.end,
        "database goes": outage.begin,
        "database is back": outage.end,
    }
    try:
        before = order.index("database goes") + 1
        with in_flight(service, provider, two) as answers:
            for event in order[:before]:
                events[event]()
        for event in order[before:]:
            events[event]()
            time.sleep(2.5)  # two rounds
            if event == "database is back":
                wait_until(lambda: faces_kept(outage.database) == 2)
        wait_until(lambda: not spooled())
    finally:
        folder.end()

    again = serve(paid)
    assert [path_of(answered(again, body)) for body in two] == list(map(path_of, answers))
    assert len({picture(again, answer, "webp") for answer in answers}) == 2
    wait_until(lambda: claims_held(outage.database) == 0)
    assert_each_paid_once(outage.database, provider, 2)


@on_sqlite
def test_a_spooled_file_that_vanishes_unstored_is_kept_from_memory(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    with in_flight(service, provider, FACES[:1]) as answers:
        outage.begin()
    (file,) = spooled()

    file.unlink()
    outage.end()

    wait_until(lambda: faces_kept(database) == 1)
    assert picture(serve(paid), answers[0])
    assert_each_paid_once(database, provider, 1)
