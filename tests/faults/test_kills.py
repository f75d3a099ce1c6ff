"""Kills: ``kill -9`` at each step of a miss costs at most one more call, and leaves nothing wrong behind."""

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.pool import NullPool

from avatars_as_a_service.domain.prompt import prompt_for
from avatars_as_a_service.storage import ledger
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import avatars, images
from avatars_as_a_service.web.requests.parsing import parse_query
from tests.conftest import Serve
from tests.support import ledger_checks
from tests.support.clock import stretched, wait_until
from tests.support.concurrency import Json, different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import ServiceProcess, processes

PRICE = 0.01
pytestmark = pytest.mark.slow
CALL_S = 0.5
SLACK_S = 3.0
CROWDED_S = 10.0
"""What more it may take where many services have just been started, killed, or asked at once."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a kill happens: the database, the provider, and the threads that ask."""

    database: str
    provider: LoopbackProvider
    askers: ThreadPoolExecutor

    def ask(self, service: ServiceProcess, *faces: Json, apart_s: float = 0.0) -> None:
        """Ask for these faces, one after the other, and wait for none of them."""
        for face in faces:
            self.askers.submit(httpx.post, f"{service.url}/query", json=face, timeout=120)
            time.sleep(apart_s)

    def ask_for_ever(self, service: ServiceProcess, face: Json) -> None:
        """Ask for a face whose call the provider will never answer, and wait until the call is there."""
        self.provider.once[prompt_of(face)] = Mode.HANGS  # no other face's call may take it
        self.ask(service, face)
        self.wait_for_call(face)

    def wait_for_call(self, face: Json) -> None:
        """Wait until a call for that face has reached the provider."""
        wait_until(lambda: calls_by_prompt(self.provider)[prompt_of(face)] > 0)

    def wait_for_pictures(self, count: int) -> None:
        """Wait until so many are kept."""
        wait_until(lambda: ledger_checks.pictures_kept(self.database) >= count)

    @contextmanager
    def nobody_writes(self, table: str) -> Iterator[None]:
        """Let that table be read but not written; of SQLite, the whole file."""
        with self.transaction() as connection:
            connection.execute(text(_LOCKS[connection.dialect.name].format(table=table)))
            yield

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection beside the service's own."""
        engine = create_engine(database_url(self.database), poolclass=NullPool)
        with engine.connect() as connection:
            try:
                yield connection
            finally:
                connection.invalidate()  # closes it, and so ends its locks


_LOCKS = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "LOCK TABLE {table} IN SHARE MODE",
    "mysql": "LOCK TABLES {table} READ",
}


# Each stops a service at one step of its miss. The service is killed while the context is open.


@contextmanager
def claimed(scene: Scene, service: ServiceProcess, face: Json) -> Iterator[None]:
    with scene.nobody_writes("budgets"):
        scene.ask(service, face)
        wait_until(lambda: ledger_checks.claims_held(scene.database) == 1)
        time.sleep(0.2)
        yield


@contextmanager
def reserved(scene: Scene, service: ServiceProcess, face: Json) -> Iterator[None]:
    """In the queue: another face has the only turn, and the provider says nothing."""
    scene.ask_for_ever(service, different_faces(1, seed=99)[0])
    rows = len(ledger_checks.ledger(scene.database))
    scene.ask(service, face)
    wait_until(lambda: len(ledger_checks.ledger(scene.database)) > rows)
    yield


@contextmanager
def sent(scene: Scene, service: ServiceProcess, face: Json) -> Iterator[None]:
    scene.ask_for_ever(service, face)
    yield


@contextmanager
def answered(scene: Scene, service: ServiceProcess, face: Json) -> Iterator[None]:
    scene.ask(service, face)
    scene.wait_for_call(face)
    with scene.nobody_writes("images"):
        time.sleep(CALL_S + 0.3)
        yield


@contextmanager
def picture_written(scene: Scene, service: ServiceProcess, face: Json) -> Iterator[None]:
    with kept_but_for(scene, service, face, table="avatars"):
        yield


@contextmanager
def row_written(scene: Scene, service: ServiceProcess, face: Json) -> Iterator[None]:
    """The face's row stands in the transaction that has yet to write the ledger."""
    with kept_but_for(scene, service, face, table="paid_calls"):
        yield


@contextmanager
def kept_but_for(scene: Scene, service: ServiceProcess, face: Json, *, table: str) -> Iterator[None]:
    pictures = ledger_checks.pictures_kept(scene.database)
    scene.ask(service, face)
    scene.wait_for_call(face)
    with scene.nobody_writes(table):
        scene.wait_for_pictures(pictures + 1)
        time.sleep(0.2)
        yield


@contextmanager
def settled(scene: Scene, service: ServiceProcess, face: Json) -> Iterator[None]:
    faces = ledger_checks.faces_kept(scene.database)
    scene.ask(service, face)
    wait_until(lambda: ledger_checks.faces_kept(scene.database) == faces + 1)
    yield


Step = Callable[[Scene, ServiceProcess, Json], Any]
EVERYWHERE: list[Step] = [reserved, sent, answered, settled]
WITH_TABLE_LOCKS: list[Step] = [claimed, *EVERYWHERE, picture_written, row_written]


@pytest.fixture
def scene(database: str, provider: LoopbackProvider) -> Iterator[Scene]:
    provider.delay = CALL_S
    with ThreadPoolExecutor(64) as askers:
        yield Scene(database, provider, askers)


@pytest.fixture
def victims(paid: dict[str, str]) -> dict[str, str]:
    """The environment of services with one turn, a fixed price and a short lease."""
    prices = {"AVATARS_PRICE_PER_IMAGE_USD": str(PRICE), "AVATARS_DAILY_BUDGET_USD": "none"}
    return {**paid, **prices, "AVATARS_LEASE_S": "3"}


def test_a_kill_at_any_step_costs_at_most_one_more_call(
    scene: Scene, victims: dict[str, str], serve: Serve, tmp_path: Path
) -> None:
    steps = EVERYWHERE if scene.database.startswith("sqlite") else WITH_TABLE_LOCKS
    faces = different_faces(len(steps), seed=11)
    alone = {**victims, "AVATARS_PROVIDER_CONCURRENCY": "1"}
    with processes(alone, tmp_path, count=len(steps)) as services:
        for step, service, face in zip(steps, services, faces, strict=True):
            with step(scene, service, face):
                service.kill()
    # Only now: what the survivor writes would look like the steps of those that are still to be killed.
    survivor = serve(victims)
    asked = [scene.askers.submit(timed_ask, survivor.client, face) for face in faces]
    results = [future.result() for future in asked]

    for step, (answer, seconds) in zip(steps, results, strict=True):
        assert answer.status_code == 200, f"{step.__name__}: {answer.text}"
        assert not answer.json()["provisional"], step.__name__
        assert seconds < most_s(lease=3) + CROWDED_S, step.__name__
    assert max(calls_by_prompt(scene.provider).values()) <= 2
    again = [serve(victims).client.post("/query", json=face).json() for face in faces[:1]]
    assert_nothing_wrong_is_left(scene, {answer.json()["data"]["image_hash"] for answer, _ in results})
    assert again[0]["data"]["image_hash"] == results[0][0].json()["data"]["image_hash"]
    assert again[0]["cache_hit"]


def test_thirty_faces_killed_each_at_another_moment_are_whole_afterwards(
    scene: Scene, victims: dict[str, str], serve: Serve, tmp_path: Path
) -> None:
    faces = different_faces(30, seed=12)
    with processes(victims, tmp_path) as [service]:
        scene.ask(service, *faces, apart_s=0.025)
        wait_until(lambda: ledger_checks.faces_kept(scene.database) >= 5)
        service.kill()
    calls_before = len(scene.provider.calls)
    assert ledger_checks.faces_kept(scene.database) < 30

    survivor = serve(victims)
    asked = [scene.askers.submit(timed_ask, survivor.client, face) for face in faces]
    results = [future.result() for future in asked]

    assert {answer.status_code for answer, _ in results} == {200}
    assert not any(answer.json()["provisional"] for answer, _ in results)
    assert max(seconds for _, seconds in results) < stretched(most_s(lease=3) + 30 / 16 * CALL_S + CROWDED_S)
    assert calls_before < len(scene.provider.calls) <= calls_before + 30
    assert max(calls_by_prompt(scene.provider).values()) <= 2
    assert_nothing_wrong_is_left(scene, {answer.json()["data"]["image_hash"] for answer, _ in results})


@on_sqlite
def test_after_a_kill_the_face_is_there_within_the_lease_two_heartbeats_and_one_call(
    scene: Scene, paid: dict[str, str], serve: Serve, tmp_path: Path
) -> None:
    face = different_faces(1, seed=13)[0]
    with processes(paid, tmp_path) as [service], ExitStack() as held:
        held.enter_context(sent(scene, service, face))
        service.kill()

    answer, seconds = timed_ask(serve(paid).client, face)

    assert answer.json()["provisional"] is False
    assert seconds < stretched(most_s(lease=15))
    assert len(scene.provider.calls) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_forced_stop_releases_the_call_that_waits_and_keeps_the_one_that_is_sent_counted(
    scene: Scene, victims: dict[str, str], tmp_path: Path
) -> None:
    """The second Ctrl-C stops the server, and the third one cancels what it still does."""
    sent_face, waiting_face = different_faces(2, seed=14)
    alone = {**victims, "AVATARS_PROVIDER_CONCURRENCY": "1"}
    with processes(alone, tmp_path) as [service]:
        scene.ask_for_ever(service, sent_face)
        scene.ask(service, waiting_face)
        wait_until(lambda: len(ledger_checks.ledger(scene.database)) == 2, 30)

        for _ in range(3):
            service.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
        service.process.wait(30)

    entries = {entry.state: entry.outcome for entry in ledger_checks.ledger(scene.database)}
    assert entries == {"sent": None, "released": "never_sent"}
    price = round(PRICE * 1_000_000)
    assert all(use == ledger_checks.Use(spent=0, reserved=price) for use in ledger_checks.used(scene.database))


def timed_ask(client: httpx.Client, face: Json) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    answer = client.post("/query", json=face)
    return answer, time.monotonic() - began


def most_s(*, lease: float) -> float:
    """What a face may take whose drawer was killed: the lease, two heartbeats and one call."""
    return lease + 2 * lease / 3 + CALL_S + SLACK_S


def calls_by_prompt(provider: LoopbackProvider) -> Counter[str]:
    """How often each was asked for; a call that a kill has cut off has no prompt."""
    return Counter(str(call.body["prompt"]) for call in provider.calls if "prompt" in call.body)


def prompt_of(face: Json) -> str:
    return prompt_for(parse_query(json.dumps(face).encode(), idempotency_key=None, seed_variants=1).features)


def assert_nothing_wrong_is_left(scene: Scene, expected: set[str]) -> None:
    with scene.transaction() as connection:
        kept = set(connection.scalars(select(avatars.c.image_hash)))
        whole = select(func.count()).select_from(avatars.join(images, images.c.digest == avatars.c.digest))
        assert expected <= kept
        assert connection.scalar(whole) == len(kept)
    assert sum(entry.may_be_billed for entry in ledger_checks.ledger(scene.database)) >= scene.provider.paid
    price = round(PRICE * 1_000_000)
    assert all(use.spent + use.reserved >= scene.provider.paid * price for use in ledger_checks.used(scene.database))
    wait_until(
        lambda: all(entry.state != "reserved" for entry in ledger_checks.ledger(scene.database)), most_s(lease=3)
    )
    give_up_abandoned_calls(scene)
    assert all(use.reserved == 0 for use in ledger_checks.used(scene.database))
    assert all(use.spent >= scene.provider.paid * price for use in ledger_checks.used(scene.database))


def give_up_abandoned_calls(scene: Scene) -> None:
    """What the service does two minutes after a call's deadline."""
    with scene.transaction() as connection:
        ledger.give_up_stale(connection, timedelta())
        connection.commit()
