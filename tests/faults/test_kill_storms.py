"""Kills under load: what a dead process had queued costs nothing, and what it had sent costs one call more each.

The suite runs a small version of each; ``AVATARS_TEST_FULL=1`` runs all of it (see ``SIZE``).
"""

import os
import random
import signal
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import Row, create_engine, select
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import avatars
from tests.faults.test_kills import calls_by_prompt
from tests.support import ledger_checks
from tests.support.clock import wait_until
from tests.support.concurrency import Json, ask_all, different_faces
from tests.support.databases import on_servers, on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.fault_proxy import proxied
from tests.support.service_runner import ServiceProcess, processes

pytestmark = pytest.mark.slow

PRICE: Final = 10_000
LEASE_S: Final = 3.0
SLACK_S: Final = 8.0
"""What more it may take on a busy machine."""
ASKERS: Final = 48
TURNS_IN_A_STORM: Final = 4


@dataclass(frozen=True, slots=True)
class Size:
    """How many misses are queued on how many turns; how many kills there are in a storm of how many faces."""

    queued: int
    turns: int
    faces: int
    kills: int
    replicas: int


FULL: Final = os.environ.get("AVATARS_TEST_FULL") == "1"
SIZE: Final = Size(300, 16, 300, 35, 4) if FULL else Size(60, 4, 40, 5, 2)


@pytest.fixture
def victims(paid: dict[str, str]) -> dict[str, str]:
    """The environment of services with a fixed price, a short lease and room for all in the queue."""
    return {
        **paid,
        "AVATARS_PRICE_PER_IMAGE_USD": str(PRICE / 1_000_000),
        "AVATARS_DAILY_BUDGET_USD": "none",
        "AVATARS_LEASE_S": str(LEASE_S),
        "AVATARS_PROVIDER_QUEUE": "1000",
        "AVATARS_PROVIDER_CONCURRENCY": str(SIZE.turns),
    }


def states(database: str) -> Counter[str]:
    return Counter(entry.state for entry in ledger_checks.ledger(database))


# --- what is queued ---


def test_what_was_queued_at_two_kills_costs_nothing_and_the_cap_buys_what_it_should(
    victims: dict[str, str], database: str, provider: LoopbackProvider, tmp_path: Path
) -> None:
    cap = SIZE.queued * PRICE
    environment = {**victims, "AVATARS_DAILY_BUDGET_USD": str(cap / 1_000_000)}
    provider.mode = Mode.HANGS
    bodies = all_kinds(3 * SIZE.queued)
    with ThreadPoolExecutor() as askers:
        for kill in (1, 2):
            with processes(environment, tmp_path) as [service]:
                wait_until(lambda: states(database)["reserved"] == 0, 2 * LEASE_S + SLACK_S)
                may_be_sent = states(database)["sent"]
                queued = SIZE.queued - may_be_sent  # what the cap still has room for
                askers.submit(ask_all, [service.url], [bodies.pop() for _ in range(queued)])
                wait_until(lambda: len(provider.calls) == kill * SIZE.turns)  # noqa: B023 - called in this round
                wait_until(lambda: states(database)["reserved"] == queued - SIZE.turns)  # noqa: B023 - as above
                service.kill()
    provider.mode = Mode.OK
    with processes(environment, tmp_path) as [survivor]:
        wait_until(lambda: states(database)["reserved"] == 0, 2 * LEASE_S + SLACK_S)
        counted = [use.spent + use.reserved for use in ledger_checks.used(database)]
        replies = ask_all([survivor.url], different_faces(SIZE.queued, seed=5))
        figures = httpx.get(f"{survivor.url}/stats", timeout=120).json()

    lost = 2 * SIZE.turns
    assert counted == [lost * PRICE] * 2
    assert sum(not reply.body["provisional"] for reply in replies) == SIZE.queued - lost
    assert len(provider.calls) == SIZE.queued
    assert [use.spent + use.reserved for use in ledger_checks.used(database)] == [cap] * 2
    assert figures["calls"] == {"waiting": 0, "under_way": lost, "paid": SIZE.queued - lost, "possibly_paid": 0}
    assert figures["paid_calls"] == SIZE.queued


def all_kinds(count: int) -> list[Json]:
    """Faces, faces that are not to be cached, and descriptions."""
    faces = different_faces(count, seed=4)
    described = [{"properties": {"description": f"pirate number {number}"}} for number in range(count)]
    uncached = [face | {"disable_cache": True} for face in faces]
    return [body for kinds in zip(faces, uncached, described, strict=True) for body in kinds]


# --- what is under way ---


@dataclass(slots=True)
class Storm:
    """Replicas that are killed and replaced while everybody asks; ``pictures`` are those shown of each key."""

    environment: dict[str, str]
    folder: Path
    replicas: list[ServiceProcess] = field(default_factory=list)
    ended: list[ServiceProcess] = field(default_factory=list)
    pictures: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=120, limits=httpx.Limits()))
    lock: Lock = field(default_factory=Lock)

    def start(self) -> None:
        """Start another replica; who asks finds out when it is ready."""
        self.replicas.append(ServiceProcess(self.environment, self.folder))

    def kill_oldest(self) -> None:
        """Kill the replica that has run longest, and start another in its place."""
        oldest = self.replicas.pop(0)
        oldest.kill()
        self.ended.append(oldest)
        self.start()

    def ask_until_drawn(self, face: Json) -> None:
        """Ask one replica after the other until one shows the face itself."""
        give_up_at = time.monotonic() + 300
        while time.monotonic() < give_up_at:
            with suppress(httpx.TransportError):
                answer = self.client.post(f"{random.choice(self.replicas).url}/query", json=face)
                if answer.status_code == httpx.codes.OK and not answer.json()["provisional"]:
                    data = answer.json()["data"]
                    with self.lock:
                        self.pictures[data["image_hash"]].add(data["image_url"].rpartition("/")[2].partition(".")[0])
                    return
            time.sleep(0.2)
        raise AssertionError("a face was never drawn")


@contextmanager
def storm(environment: dict[str, str], folder: Path) -> Iterator[Storm]:
    weather = Storm(environment, folder)
    try:
        for _ in range(SIZE.replicas):
            weather.start()
        for replica in weather.replicas:
            replica.wait_until_ready()
        yield weather
    finally:
        weather.client.close()
        for replica in weather.replicas:
            replica.kill()


def test_kills_in_a_storm_cost_no_more_than_the_drawings_under_way(
    victims: dict[str, str], database: str, provider: LoopbackProvider, tmp_path: Path
) -> None:
    faces = different_faces(SIZE.faces, seed=6)
    provider.delay = 0.5
    with storm({**victims, "AVATARS_PROVIDER_CONCURRENCY": str(TURNS_IN_A_STORM)}, tmp_path) as weather:
        with ThreadPoolExecutor(ASKERS) as askers:
            asked = [askers.submit(weather.ask_until_drawn, face) for face in faces]
            for kill in range(SIZE.kills):
                progress = kill * SIZE.faces // (SIZE.kills + 1)
                wait_until(lambda: ledger_checks.faces_kept(database) >= progress)  # noqa: B023 - called in this round
                oldest = weather.replicas[0].wait_until_ready()
                wait_until(lambda: is_at_work(oldest) or all(one.done() for one in asked))  # noqa: B023 - as above
                weather.kill_oldest()
            for asking in asked:
                asking.result()
        for face in faces:  # and once more, now that nobody is killed
            weather.ask_until_drawn(face)
        wait_until(lambda: states(database)["reserved"] == 0, 2 * LEASE_S + SLACK_S)

    kept = faces_and_pictures(database)
    assert len(kept) == len(weather.pictures) == SIZE.faces
    assert weather.pictures == {key: {digest} for key, digest in kept.items()}
    entries = ledger_checks.ledger(database)
    assert Counter(entry.subject for entry in entries if entry.state == "settled") == dict.fromkeys(kept, 1)
    sent = Counter(entry.subject for entry in entries if entry.state in {"sent", "unknown"})
    # A kill loses the calls at the provider, one a slot, and as many answers at most whose pictures are being kept.
    assert 0 < sent.total() <= SIZE.kills * 2 * TURNS_IN_A_STORM
    assert len(provider.calls) <= SIZE.faces + sent.total()
    prompts = {prompt: key for key, prompt in prompts_of(database).items()}
    for prompt, calls in calls_by_prompt(provider).items():
        # A kill may come between a row's step to sent and the call itself, but none between the call and the step.
        assert 1 <= calls <= 1 + sent[prompts[prompt]]
    assert all(use.reserved == sent.total() * PRICE for use in ledger_checks.used(database))
    assert all(use.spent == SIZE.faces * PRICE for use in ledger_checks.used(database))


def is_at_work(service: ServiceProcess) -> bool:
    """Whether a call of this replica is at the provider."""
    told = httpx.get(f"{service.url}/metrics", timeout=120).text
    return "avatars_provider_calls_in_progress 0.0" not in told


def faces_and_pictures(database: str) -> dict[str, str]:
    """The digest of each face's picture."""
    return {row.image_hash: row.digest for row in face_rows(database)}


def prompts_of(database: str) -> dict[str, str]:
    return {row.image_hash: row.prompt for row in face_rows(database)}


def face_rows(database: str) -> list[Row[Any]]:
    engine = create_engine(database_url(database), poolclass=NullPool)
    with engine.connect() as connection:
        return list(connection.execute(select(avatars.c.image_hash, avatars.c.digest, avatars.c.prompt)))


# --- who seems dead and is not ---


@on_sqlite
def test_a_process_that_was_frozen_reserves_anew_what_was_released_meanwhile(
    victims: dict[str, str], database: str, provider: LoopbackProvider, tmp_path: Path
) -> None:
    hanging, queued = {"properties": {"description": "who waits"}}, {"properties": {"description": "who is queued"}}
    provider.delay = 3.0
    one_turn = {**victims, "AVATARS_PROVIDER_CONCURRENCY": "1"}
    with processes(one_turn, tmp_path, count=2) as [frozen, _], ThreadPoolExecutor() as askers:
        first = askers.submit(httpx.post, f"{frozen.url}/query", json=hanging, timeout=120)
        wait_until(lambda: len(provider.calls) == 1)
        second = askers.submit(httpx.post, f"{frozen.url}/query", json=queued, timeout=120)
        wait_until(lambda: states(database)["reserved"] == 1)
        freeze(frozen, tmp_path / "avatars.db")
        wait_until(lambda: states(database)["released"] == 1, 2 * LEASE_S + SLACK_S)

        os.kill(frozen.process.pid, signal.SIGCONT)

        answers = [first.result(), second.result()]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [entry.state for entry in ledger_checks.ledger(database)] == ["settled", "released", "settled"]
    assert ledger_checks.used(database) == [ledger_checks.Use(spent=2 * PRICE, reserved=0)] * 2
    assert len(provider.calls) == 2


def freeze(service: ServiceProcess, file: Path) -> None:
    """Stop the process at a moment when it does not hold the file's lock, for which all others would wait."""
    with closing(sqlite3.connect(file, timeout=1, isolation_level=None)) as connection:
        while True:
            os.kill(service.process.pid, signal.SIGSTOP)
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(service.process.pid, signal.SIGCONT)
                time.sleep(0.01)
            else:
                connection.execute("ROLLBACK")
                return


@on_servers
def test_what_is_queued_waits_for_a_database_that_is_away_and_is_then_drawn_once(
    victims: dict[str, str], database: str, provider: LoopbackProvider, tmp_path: Path
) -> None:
    bodies = [{"properties": {"description": name}} for name in ("who waits", "who is queued")]
    provider.delay = 1.0
    with proxied(database) as (proxy, detour), ThreadPoolExecutor() as askers:
        environment = {**victims, "DB_STRING": detour, "AVATARS_PROVIDER_CONCURRENCY": "1"}
        with processes(environment, tmp_path) as [service]:
            asked = []
            for number, body in enumerate(bodies, 1):
                asked.append(askers.submit(httpx.post, f"{service.url}/query", json=body, timeout=120))
                wait_until(lambda: len(ledger_checks.ledger(database)) == number)  # noqa: B023 - called in this round
            wait_until(lambda: len(provider.calls) == 1)
            proxy.cut()
            time.sleep(4)
            assert len(provider.calls) == 1
            proxy.restore()
            answers = [asking.result() for asking in asked]
            wait_until(lambda: states(database) == Counter(settled=2))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(provider.calls) == 2
