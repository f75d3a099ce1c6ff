"""Outages: the database away, frozen, full or read-only. What is in memory is served; nothing is paid for twice."""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import ledger_checks, patient
from tests.support.clock import stretched, wait_until
from tests.support.concurrency import Json, different_faces
from tests.support.databases import on_servers, on_sqlite
from tests.support.fake_provider import LoopbackProvider
from tests.support.fault_proxy import FaultProxy, proxied
from tests.support.service_runner import ServiceProcess, ThreadedService, drawings_in_progress, free_port, processes

REFUSED_S: Final = 5
FROZEN_S: Final = 30
HOME: Final = Path(__file__).parents[2]


@pytest.fixture
def cuttable(database: str, paid: dict[str, str]) -> Iterator[tuple[FaultProxy, dict[str, str]]]:
    """A proxy in front of the database, and the environment of a service that reaches it that way."""
    with proxied(database) as (proxy, detour):
        yield proxy, {**paid, "DB_STRING": detour, "AVATARS_LEASE_S": "3"}


@on_servers
@pytest.mark.parametrize(("fault", "bound_s"), [("cut", REFUSED_S), ("freeze", FROZEN_S)])
def test_without_the_database_faces_in_memory_are_served_and_others_get_503(
    cuttable: tuple[FaultProxy, dict[str, str]], serve: Serve, fault: str, bound_s: float
) -> None:
    proxy, environment = cuttable
    service = serve(environment)
    known, unknown = different_faces(3), different_faces(6, seed=2)
    pictures = [ask(service, face).json()["data"]["image_url"] for face in known]
    for picture in pictures:
        patient.get(picture)

    with under_load(service, known, pictures) as seen:
        getattr(proxy, fault)()
        with ThreadPoolExecutor() as askers:
            began = time.monotonic()
            refused = list(askers.map(lambda face: ask(service, face), unknown))
            took = time.monotonic() - began
        ready = service.client.get("/readyz")
        before = len(seen)
        wait_until(lambda: len(seen) >= before + 12)  # each of the six at least twice
        proxy.restore()
        wait_until(lambda: ask(service, unknown[0]).status_code == 200, bound_s)
    wait_until(lambda: service.client.get("/readyz").json()["status"] == "ready", bound_s)

    assert [answer.status_code for answer in refused] == [503] * len(unknown)
    assert {answer.json()["code"] for answer in refused} == {"database_unavailable"}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert took < stretched(bound_s)
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert set(seen) == {200}


@on_servers
def test_the_database_away_while_one_draws_and_others_wait_costs_no_second_call(
    cuttable: tuple[FaultProxy, dict[str, str]], provider: LoopbackProvider, tmp_path: Path
) -> None:
    """One drawing ends while the database is away; the other goes on until it is back."""
    proxy, environment = cuttable
    short, long = different_faces(2, seed=3)
    with processes(environment, tmp_path, count=3) as services, ThreadPoolExecutor() as askers:
        asked, drawings = [], []
        for face in (short, long):
            drawings.append(provider.hold_next())
            asked += [askers.submit(ask, services[0], face)]
            wait_until(lambda: len(provider.calls) == len(drawings))
            asked += [askers.submit(ask, service, face) for service in services[1:]]
            wait_until(lambda: {drawings_in_progress(service) for service in services} == {len(drawings)})
            looks, enough = proxy.watch(b"FROM claims"), 8 * len(drawings)
            wait_until(lambda looks=looks, enough=enough: looks() >= enough)  # type: ignore[misc]  # the others wait

        proxy.cut()
        drawings[0].set()
        time.sleep(10)  # the leases end meanwhile
        proxy.restore()
        drawings[1].set()
        answers = [future.result() for future in asked]

    assert {answer.status_code for answer in answers} == {200}
    assert not any(answer.json()["provisional"] for answer in answers)
    for of_one_face in (answers[:3], answers[3:]):
        assert len({digest(answer) for answer in of_one_face}) == 1
    assert len(provider.calls) == 2


@on_servers
def test_who_was_cut_off_alone_shows_the_face_that_another_process_has_kept_meanwhile(
    cuttable: tuple[FaultProxy, dict[str, str]], database: str, provider: LoopbackProvider, serve: Serve, tmp_path: Path
) -> None:
    proxy, environment = cuttable
    face = different_faces(1, seed=4)[0]
    drawing = provider.hold_next()
    cut_off = serve(environment, AVATARS_SPOOL=str(tmp_path / "its-own-spool"))
    connected = serve({**environment, "DB_STRING": database}, AVATARS_SPOOL=str(tmp_path / "another-spool"))
    with ThreadPoolExecutor() as askers:
        first = askers.submit(ask, cut_off, face)
        wait_until(lambda: len(provider.calls) == 1)
        proxy.cut()
        kept = ask(connected, face)
        drawing.set()
        assert first.result().json()["provisional"] is False

    proxy.restore()

    wait_until(lambda: digest(ask(cut_off, face)) == digest(kept))
    assert digest(ask(connected, face)) == digest(kept)
    assert patient.get(first.result().json()["data"]["image_url"]).status_code == 200
    wait_until(lambda: all(entry.state == "settled" for entry in ledger_checks.ledger(database)))
    assert len(ledger_checks.ledger(database)) == len(provider.calls) == 2


@on_servers
def test_a_service_started_while_the_database_is_away_becomes_ready_later(
    cuttable: tuple[FaultProxy, dict[str, str]], tmp_path: Path
) -> None:
    proxy, environment = cuttable
    proxy.cut()
    with under_uvicorn(environment, tmp_path) as url:
        wait_until(lambda: status(f"{url}/readyz") == 503)
        assert status(f"{url}/healthz") == 200

        proxy.restore()

        wait_until(lambda: status(f"{url}/readyz") == 200)
        assert httpx.post(f"{url}/query", json={}, timeout=120).status_code == 200


@contextmanager
def disk_full(service: ServiceProcess, _database: str) -> Iterator[None]:
    """A disk that has no room for more: no file grows any further, though a small one may still be begun."""
    soft, hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (32_768, hard))
    try:
        yield
    finally:
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(_service: ServiceProcess, database: str) -> Iterator[None]:
    """Files that take no more, even from who has them open."""
    path = database.removeprefix("sqlite:///")
    files = [name for name in (path, f"{path}-wal") if Path(name).exists()]
    if subprocess.run(["chattr", "+i", *files], check=False, capture_output=True).returncode:
        pytest.skip("this user or this file system has no immutable files")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


@on_sqlite
@pytest.mark.parametrize("fault", [disk_full, read_only])
def test_while_sqlite_cannot_be_written_hits_go_on_and_a_paid_picture_is_kept_for_later(
    paid: dict[str, str],
    database: str,
    provider: LoopbackProvider,
    tmp_path: Path,
    fault: Callable[[ServiceProcess, str], AbstractContextManager[None]],
) -> None:
    known, being_drawn, refused = different_faces(3, seed=5)
    with processes(paid, tmp_path) as [service], ThreadPoolExecutor() as askers:
        ask(service, known)
        released = provider.hold_next()
        drawing = askers.submit(ask, service, being_drawn)
        wait_until(lambda: len(provider.calls) == 2)

        with fault(service, database):
            miss, hit = ask(service, refused), ask(service, known)
            state = httpx.get(f"{service.url}/readyz", timeout=30).json()["status"]
            released.set()
            drawn = drawing.result()
            seen = patient.get(drawn.json()["data"]["image_url"])
        wait_until(lambda: ledger_checks.faces_kept(database) == 2)

    assert (miss.status_code, miss.json()["code"]) == (503, "database_unavailable"), service.log()
    assert int(miss.headers["Retry-After"]) > 0
    assert state == "degraded"
    assert hit.json()["cache_hit"]
    assert drawn.json()["provisional"] is False
    assert seen.status_code == 200
    with processes(paid, tmp_path) as [service]:
        assert ask(service, being_drawn).json()["cache_hit"]
    assert len(provider.calls) == 2


def ask(service: ThreadedService | ServiceProcess, face: Json) -> httpx.Response:
    return httpx.post(f"{service.url}/query", json=face, timeout=120)


def digest(answer: httpx.Response) -> str:
    return str(answer.json()["data"]["image_url"]).rpartition("/")[2]


def status(url: str) -> int | None:
    try:
        return httpx.get(url, timeout=5).status_code
    except httpx.TransportError:
        return None


@contextmanager
def under_load(service: ThreadedService, faces: list[Json], pictures: list[str]) -> Iterator[list[int]]:
    """The statuses that known faces and their pictures are answered with, asked for again and again."""
    seen: list[int] = []
    over = threading.Event()

    def load() -> None:
        with httpx.Client(base_url=service.url, timeout=120) as client:
            while not over.wait(0.02):
                seen.extend(client.post("/query", json=face).status_code for face in faces)
                seen.extend(client.get(picture).status_code for picture in pictures)

    loader = threading.Thread(target=load)
    loader.start()
    try:
        yield seen
    finally:
        over.set()
        loader.join()


@contextmanager
def under_uvicorn(environment: dict[str, str], folder: Path) -> Iterator[str]:
    """``uvicorn main:app``, which does not ask for the database before it listens."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "main:app", "--app-dir", str(HOME), "--port", str(port)]
    with (folder / "uvicorn.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
