"""A picture that was paid for is never lost: whatever refuses it, whoever leaves, and whatever stops."""

import json
import os
import shutil
import signal
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import patient
from tests.support.clock import stretched, wait_until
from tests.support.concurrency import different_faces
from tests.support.databases import on_servers, on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.fault_proxy import FaultProxy, proxied
from tests.support.ledger_checks import Use, claims_held, faces_kept, ledger, pictures_kept, used
from tests.support.outage import Outage, outage_of
from tests.support.service_runner import ThreadedService, processes

pytestmark = pytest.mark.in_process("shortens how long a locked SQLite file is waited for")
PRICE: Final = 10_000
SPOOL: Final = Path("spool")
"""Each test has a folder of its own as its current one."""
FACES: Final = different_faces(20, seed=23)
Body = dict[str, Any]


@pytest.fixture
def outage(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outage]:
    """The database's outages."""
    monkeypatch.setattr("avatars_as_a_service.storage.engine.BUSY_S", 0.05)
    monkeypatch.setattr("avatars_as_a_service.storage.database.BUSY_S", 0.05)
    with outage_of(database) as outage:
        yield outage


def run(connection: sqlite3.Connection, statement: str) -> None:
    connection.execute(statement)


def file_of(database: str) -> str:
    return database.removeprefix("sqlite:///")


@pytest.fixture
def paid(outage: Outage, provider: LoopbackProvider) -> dict[str, str]:
    """The environment of a service whose database can be taken away."""
    return {
        "DB_STRING": outage.address,
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_SPOOL": str(SPOOL.absolute()),
        "AVATARS_STAND_IN": "off",
        "AVATARS_PRICE_PER_IMAGE_USD": str(PRICE / 1_000_000),
        "AVATARS_LEASE_S": "3",
    }


def ask(service: ThreadedService, body: Body, **headers: str) -> httpx.Response:
    return httpx.post(f"{service.url}/query", json=body, headers=headers, timeout=120)


@contextmanager
def drawing(
    service: ThreadedService, provider: LoopbackProvider, body: Body, **headers: str
) -> Iterator[tuple[Future[httpx.Response], Event]]:
    """Within it, the provider has been asked for that picture, and answers when the event is set."""
    calls, drawn = len(provider.calls), provider.hold_next()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, service, body, **headers)
        try:
            wait_until(lambda: len(provider.calls) > calls)
            yield asked, drawn
        finally:
            drawn.set()


def drawn_in_an_outage(
    service: ThreadedService, provider: LoopbackProvider, outage: Outage, body: Body, **headers: str
) -> Body:
    """The answer with a picture that came while the database was away; it still is."""
    with drawing(service, provider, body, **headers) as (asked, drawn):
        outage.begin()
        drawn.set()
        answer = asked.result()
    assert answer.status_code == 200, answer.text
    answered: Body = answer.json()
    return answered


def spooled(ending: str = "spooled") -> list[Path]:
    return list(SPOOL.glob(f"*.{ending}"))


def assert_paid_once(database: str, provider: LoopbackProvider) -> None:
    """Beside it, calls may have been reserved that were then not sent."""
    assert [entry.state for entry in ledger(database) if entry.may_be_billed] == ["settled"]
    assert used(database) == [Use(spent=PRICE, reserved=0)] * 2
    assert len(provider.calls) == 1


def is_shown(url: str) -> bool:
    picture = httpx.get(url, timeout=120)
    return (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp")


def test_a_database_that_goes_between_answer_and_write_costs_nobody_a_picture(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    here, there = serve(paid), serve(paid)

    answer = drawn_in_an_outage(here, provider, outage, FACES[0])

    path = httpx.URL(answer["data"]["image_url"]).path
    assert (answer["provisional"], answer["cost_usd"]) == (False, PRICE / 1_000_000)
    assert len(spooled()) == 1
    assert is_shown(f"{here.url}{path}")
    wait_until(lambda: is_shown(f"{there.url}{path}"))  # it looks into the spool ten times a second
    assert ask(here, FACES[0]).json()["cache_hit"]

    outage.end()
    wait_until(lambda: not spooled())
    again = ask(there, FACES[0]).json()
    assert again["cache_hit"]
    assert httpx.URL(again["data"]["image_url"]).path == path
    wait_until(lambda: claims_held(database) == 0)
    assert_paid_once(database, provider)


def test_what_a_stopped_service_left_in_the_spool_is_taken_in_by_the_next(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    first = serve(paid)
    drawn_in_an_outage(first, provider, outage, FACES[0])
    first.stop()
    assert len(spooled()) == 1

    outage.end()
    again = ask(serve(paid), FACES[0]).json()

    assert again["cache_hit"]
    assert spooled() == []
    assert claims_held(database) == 0
    assert_paid_once(database, provider)


@on_sqlite
def test_the_answer_to_a_key_outlives_an_outage(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    here, there = serve(paid), serve(paid)
    body, key = {"properties": {"description": "a pirate"}}, {"Idempotency-Key": "one"}
    first = drawn_in_an_outage(here, provider, outage, body, **key)

    outage.end()
    wait_until(lambda: not spooled())

    for service in (here, there):
        again = ask(service, body, **key).json()
        assert httpx.URL(again["data"]["image_url"]).path == httpx.URL(first["data"]["image_url"]).path
    assert_paid_once(database, provider)


@on_sqlite
def test_many_pictures_that_come_in_an_outage_are_each_spooled_once(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service, count = serve(paid), 8
    drawings = [provider.hold_next() for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:
        asked = [pool.submit(ask, service, body) for body in FACES[:count]]
        wait_until(lambda: len(provider.calls) == count)
        outage.begin()
        for drawing in drawings:
            drawing.set()
        answers = [future.result() for future in asked]

    assert {answer.status_code for answer in answers} == {200}
    assert len(spooled()) == count

    outage.end()
    wait_until(lambda: not spooled())
    assert (faces_kept(database), pictures_kept(database)) == (count, count)
    assert used(database) == [Use(spent=count * PRICE, reserved=0)] * 2


@on_sqlite
def test_where_the_spool_refuses_too_the_picture_is_held_in_memory(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    SPOOL.write_text("a file, where a folder should be")
    service = serve(paid)

    answer = drawn_in_an_outage(service, provider, outage, FACES[0])

    assert patient.get(answer["data"]["image_url"]).status_code == 200
    outage.end()
    wait_until(lambda: faces_kept(database) == 1)
    assert patient.get(answer["data"]["image_url"]).status_code == 200
    assert_paid_once(database, provider)


@contextmanager
def no_room_for_pictures(database: str) -> Iterator[None]:
    """All tables take rows, but for the pictures'."""
    with closing(sqlite3.connect(file_of(database), isolation_level=None, timeout=120)) as connection:
        run(connection, "CREATE TRIGGER full BEFORE INSERT ON images BEGIN SELECT RAISE(FAIL, 'no room'); END")
        try:
            yield
        finally:
            run(connection, "DROP TRIGGER full")


@on_sqlite
@pytest.mark.parametrize("stand_in", ["on", "off"])
def test_while_a_picture_is_in_memory_alone_no_other_is_paid_for(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve, stand_in: str
) -> None:
    SPOOL.write_text("a file, where a folder should be")
    service = serve(paid, AVATARS_STAND_IN=stand_in)
    with no_room_for_pictures(database):
        assert not ask(service, FACES[0]).json()["provisional"]

        other = ask(service, FACES[1])

        if stand_in == "on":
            assert other.json()["provisional"]
        else:
            assert (other.status_code, other.json()["code"]) == (503, "storage_unavailable")
            assert int(other.headers["Retry-After"]) >= 1
        assert len(provider.calls) == 1
    wait_until(lambda: faces_kept(database) == 1)
    wait_until(lambda: not ask(service, FACES[1]).json().get("provisional", True))
    assert len(provider.calls) == 2


@on_sqlite
def test_who_waits_in_the_queue_is_not_paid_for_either(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    SPOOL.write_text("a file, where a folder should be")
    service, provider.delay = serve(paid, AVATARS_PROVIDER_CONCURRENCY="1"), 1.0
    with no_room_for_pictures(database), ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda body: ask(service, body), FACES[:4]))

        # The second may have been sent in the moment between the first one's answer and its being refused.
        assert len(provider.calls) <= 2
        refused = [answer for answer in answers if answer.status_code != 200]
        assert {answer.json()["code"] for answer in refused} == {"storage_unavailable"}
    wait_until(lambda: faces_kept(database) == len(provider.calls))
    assert {entry.state for entry in ledger(database)} == {"settled", "released"}


@on_sqlite
def test_damaged_files_in_the_spool_are_set_aside_and_hold_up_nothing(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    first = serve(paid)
    drawn_in_an_outage(first, provider, outage, FACES[0])
    first.stop()
    outage.end()
    (whole,) = spooled()
    damaged = damaged_copies(whole)

    service = serve(paid)

    assert ask(service, FACES[0]).json()["cache_hit"]
    assert spooled() == []
    assert len(spooled("unreadable")) == damaged
    assert (faces_kept(database), pictures_kept(database)) == (1, 1)
    assert_paid_once(database, provider)


def damaged_copies(whole: Path) -> int:
    """Files older than the whole one, each damaged in another way; how many there are."""
    data = whole.read_bytes()
    note, picture = data.split(b"\n", 1)
    strange = json.dumps(json.loads(note) | {"format": "bmp"}).encode()
    damages = [
        b"",
        b"\n",
        b"{}",
        note,
        note + b"\n",
        data[: len(note) // 2],
        data[:-1],
        data[:-1] + b"?",
        b"\xff\xfe" + data,
        strange + b"\n" + picture,
    ]
    digest = whole.name.partition("-")[0]
    for number, damage in enumerate(damages):
        copy = whole.with_name(f"{digest}-{number:032x}.spooled")
        copy.write_bytes(damage)
        os.utime(copy, (0, 0))
    return len(damages)


@on_sqlite
def test_a_damaged_file_in_the_spool_is_no_picture(
    paid: dict[str, str], outage: Outage, provider: LoopbackProvider, serve: Serve
) -> None:
    here, there = serve(paid), serve(paid)
    answer = drawn_in_an_outage(here, provider, outage, FACES[0])
    path = httpx.URL(answer["data"]["image_url"]).path
    here.stop()  # it has the picture in memory, and would put it there again
    (whole,) = spooled()
    whole.write_bytes(whole.read_bytes()[:-1])

    picture = patient.get(f"{there.url}{path}")

    assert (picture.status_code, picture.json()["code"]) == (404, "picture_not_found")
    outage.end()


@on_sqlite
def test_a_spool_that_somebody_else_empties_at_the_same_time_stops_no_start(
    database: str, outage: Outage, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    first = serve(paid)
    drawn_in_an_outage(first, provider, outage, FACES[0])
    first.stop()
    outage.end()
    (whole,) = spooled()
    for number in range(20):
        shutil.copyfile(whole, whole.with_name(whole.name.replace(whole.stem[-8:], f"{number:08x}")))
    dangling = whole.with_name(f"{'0' * 64}-0.spooled")
    dangling.symlink_to("nowhere")

    with processes(paid, Path.cwd(), count=2) as services:
        wait_until(lambda: faces_kept(database) == 1)
        wait_until(lambda: set(spooled()) <= {dangling})
        assert {patient.get(f"{service.url}/readyz").status_code for service in services} == {200}
    assert_paid_once(database, provider)


@on_sqlite
def test_a_client_that_leaves_cancels_nothing(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service, provider.delay = serve(paid), 0.7
    body = json.dumps(FACES[0]).encode()
    head = "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", httpx.URL(service.url).port or 80)) as connection:
        connection.sendall(head.encode() + body)
        wait_until(lambda: len(provider.calls) == 1)

    wait_until(lambda: faces_kept(database) == 1)

    assert ask(service, FACES[0]).json()["cache_hit"]
    assert_paid_once(database, provider)


@on_sqlite
@pytest.mark.slow
def test_a_claim_that_was_lost_loses_no_picture_and_the_first_row_wins(
    database: str, paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    here, there = serve(paid), serve(paid)
    provider.script.extend([Mode.SLOW, Mode.OK])
    provider.slow_s = 6.0
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(ask, here, FACES[0])
        wait_until(lambda: len(provider.calls) == 1)
        with closing(sqlite3.connect(file_of(database), isolation_level=None, timeout=120)) as connection:
            run(connection, "UPDATE claims SET fence = 'of a process that died', expires_at = '2020-01-01 00:00:00'")
        fast = pool.submit(ask, there, FACES[0])
        answers = [fast.result().json(), slow.result().json()]

    pictures = {httpx.URL(answer["data"]["image_url"]).path for answer in answers}
    assert len(pictures) == 1
    assert [answer["cost_usd"] for answer in answers] == [PRICE / 1_000_000] * 2
    assert (faces_kept(database), pictures_kept(database)) == (1, 2)
    assert [entry.state for entry in ledger(database)] == ["settled", "settled"]
    assert claims_held(database) == 0


@on_sqlite
def test_a_polite_stop_keeps_what_is_being_drawn(
    database: str, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    provider.delay = 2.0
    with processes(paid, Path.cwd()) as (service,), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.post, f"{service.url}/query", json=FACES[0], timeout=120)
        wait_until(lambda: len(provider.calls) == 1)

        service.process.send_signal(signal.SIGTERM)

        wait_until(lambda: patient.get(f"{service.url}/readyz").status_code == 503)
        other = patient.post(f"{service.url}/query", json=FACES[1])
        answer = asked.result()
        service.process.wait(120)

    assert (answer.status_code, answer.json()["provisional"]) == (200, False)
    assert (other.status_code, other.json()["code"]) == (503, "shutting_down")
    assert service.process.returncode in {0, -signal.SIGTERM}
    assert (faces_kept(database), claims_held(database)) == (1, 0)
    assert_paid_once(database, provider)


@on_servers
def test_a_database_that_says_nothing_holds_up_no_request_past_its_deadline(
    database: str, provider: LoopbackProvider, paid: dict[str, str], serve: Serve
) -> None:
    deadline_s = 3.0
    with ExitStack() as stack:
        proxy, address = stack.enter_context(proxied(database))
        service = serve(paid, DB_STRING=address, AVATARS_PROVIDER_TIMEOUT_S=str(deadline_s))
        with drawing(service, provider, FACES[0]) as (asked, drawn):
            freeze(proxy)
            drawn.set()
            answer = asked.result()
        other = ask(service, FACES[1])
        proxy.restore()
        wait_until(lambda: faces_kept(database) == 1)
        wait_until(lambda: not spooled())

    for late in (answer, other):
        assert late.elapsed.total_seconds() < stretched(deadline_s + 1.5)
        assert late.status_code in {200, 503, 504}
        assert "code" in late.json() or not late.json()["provisional"]
    assert_paid_once(database, provider)


def freeze(proxy: FaultProxy) -> None:
    proxy.freeze()
