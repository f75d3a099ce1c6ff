"""Orphans, workers whose supervisor was killed, leave the port, send nothing more, and keep what they have sent."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage.database_url import database_url
from tests.support import ledger_checks
from tests.support.clock import stretched, wait_until
from tests.support.concurrency import Json, different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ServiceProcess, free_port, processes

PORT_FREE_S: Final = 5
"""So long an orphan may listen."""
REPLACED_S: Final = 10
"""So long it may take until there are new processes: far less than the supervisor waits for one that hangs."""
CROWD: Final = 40
ONE_TURN: Final = {"AVATARS_PROVIDER_CONCURRENCY": "1"}
_ROOT: Final = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.in_process("kills processes that it started")]


# --- the supervisor is killed alone ---


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_supervisor_killed_while_it_draws_costs_nothing_and_a_new_start_on_its_port_serves(
    paid: dict[str, str], provider: LoopbackProvider, database: str, tmp_path: Path
) -> None:
    face = different_faces(1)[0]
    provider.delay = 8
    with processes(paid, tmp_path, workers=2) as [service], ThreadPoolExecutor() as askers:
        family = descendants(service.process.pid)
        asked = askers.submit(post, service.url, face)
        wait_until(lambda: len(provider.calls) == 1)

        kill_alone(service)
        new = ServiceProcess(paid, tmp_path, workers=2, port=service.port)
        try:
            new.wait_until_ready()
            from_the_new = post(new.url, face)
            from_the_orphan = asked.result()
        finally:
            new.kill()
        wait_until(lambda: not alive(family))

    assert from_the_orphan.json()["provisional"] is False
    assert from_the_new.json()["provisional"] is False
    assert from_the_new.json()["data"] == from_the_orphan.json()["data"]
    assert (len(provider.calls), provider.paid) == (1, 1)
    assert ledger_checks.faces_kept(database) == 1
    assert [entry.state for entry in ledger_checks.ledger(database)] == ["settled"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_an_orphan_leaves_the_port_sends_nothing_more_and_keeps_what_it_has_sent(
    paid: dict[str, str], provider: LoopbackProvider, database: str, tmp_path: Path
) -> None:
    provider.delay = 12
    with processes({**paid, **ONE_TURN}, tmp_path, workers=2) as [service], ThreadPoolExecutor(CROWD) as askers:
        family = descendants(service.process.pid)
        asked = ask_until_both_draw(service, provider, database, askers)

        kill_alone(service)
        wait_until(lambda: is_free(service.port), PORT_FREE_S)
        answers = [each.result().json() for each in asked]
        wait_until(lambda: not alive(family))

    assert len(provider.calls) == provider.paid == ledger_checks.faces_kept(database) == 2
    assert Counter(answer["provisional"] for answer in answers) == {False: 2, True: len(answers) - 2}
    states = Counter(entry.state for entry in ledger_checks.ledger(database))
    assert states == {"settled": 2, "released": len(answers) - 2}
    assert all(use.reserved == 0 for use in ledger_checks.used(database))


@on_sqlite
def test_what_nobody_waits_for_any_more_is_kept_by_the_orphan_that_has_it_drawn(
    paid: dict[str, str], provider: LoopbackProvider, database: str, tmp_path: Path
) -> None:
    provider.delay = 5
    with processes(paid, tmp_path, workers=2) as [service]:
        family = descendants(service.process.pid)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{service.url}/query", json=different_faces(1)[0], timeout=httpx.Timeout(30, read=1.5))
        wait_until(lambda: len(provider.calls) == 1)

        kill_alone(service)
        wait_until(lambda: not alive(family))

    assert ledger_checks.faces_kept(database) == provider.paid == 1


@on_sqlite
def test_a_supervisor_killed_while_its_workers_drain_leaves_no_call_in_the_queue_to_be_sent(
    paid: dict[str, str], provider: LoopbackProvider, database: str, tmp_path: Path
) -> None:
    provider.delay = 12
    with processes({**paid, **ONE_TURN}, tmp_path, workers=2) as [service], ThreadPoolExecutor(CROWD) as askers:
        family = descendants(service.process.pid)
        asked = ask_until_both_draw(service, provider, database, askers)
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.log().count("stopping: drawings finish first") == 2)

        kill_alone(service)
        wait_until(lambda: is_free(service.port), PORT_FREE_S)
        assert {each.result().status_code for each in asked} == {200}
        wait_until(lambda: not alive(family))

    assert len(provider.calls) == ledger_checks.faces_kept(database) == 2
    assert all(use.reserved == 0 for use in ledger_checks.used(database))


@on_sqlite
def test_a_render_process_and_all_else_end_with_the_orphans(paid: dict[str, str], tmp_path: Path) -> None:
    with processes(paid, tmp_path, workers=2) as [service]:
        picture = post(service.url, different_faces(1)[0]).json()["data"]["image_url"]
        assert httpx.get(picture, params={"size": 64}, timeout=120).status_code == 200
        family = descendants(service.process.pid)
        assert any(b"render_worker" in command_line(pid) for pid in family)

        kill_alone(service)
        wait_until(lambda: not alive(family))

        assert "Traceback" not in service.log()


@on_sqlite
def test_a_worker_that_has_not_served_yet_ends_with_its_supervisor(paid: dict[str, str], tmp_path: Path) -> None:
    service = ServiceProcess(paid, tmp_path, workers=2)
    try:
        wait_until(lambda: len(workers(service.process.pid)) == 2)
        family = descendants(service.process.pid)

        kill_alone(service)
        wait_until(lambda: not alive(family))

        assert is_free(service.port)
        assert "startup complete" not in service.log()
    finally:
        service.kill()


@on_sqlite
def test_workers_of_uvicorn_s_own_supervisor_end_with_it_too(
    paid: dict[str, str], provider: LoopbackProvider, database: str, tmp_path: Path
) -> None:
    provider.delay = 4
    with main_under_uvicorn(paid, tmp_path) as (supervisor, port), ThreadPoolExecutor() as askers:
        family = descendants(supervisor.pid)
        asked: Future[httpx.Response] = askers.submit(post, f"http://127.0.0.1:{port}", different_faces(1)[0])
        wait_until(lambda: len(provider.calls) == 1)

        supervisor.kill()
        supervisor.wait()
        wait_until(lambda: is_free(port), PORT_FREE_S)
        assert asked.result().json()["provisional"] is False
        wait_until(lambda: not alive(family))

    assert ledger_checks.faces_kept(database) == len(provider.calls) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_call_that_holds_its_slot_when_the_supervisor_is_killed_is_not_sent_any_more(
    paid: dict[str, str], provider: LoopbackProvider, database: str, tmp_path: Path
) -> None:
    provider.delay = 6
    with processes({**paid, **ONE_TURN}, tmp_path, workers=2) as [service], ThreadPoolExecutor(CROWD) as clients:
        family = descendants(service.process.pid)
        asked = ask_until_both_draw(service, provider, database, clients)
        with no_writes(database):  # so that the next calls get their slots and cannot be marked as sent
            time.sleep(max(call.at for call in provider.calls) + provider.delay + 0.5 - time.monotonic())
            kill_alone(service)
            wait_until(lambda: service.log().count("the supervisor has died") == 2)
        assert {each.result().status_code for each in asked} == {200}
        wait_until(lambda: not alive(family))

    assert len(provider.calls) == ledger_checks.faces_kept(database) == 2
    states = Counter(entry.state for entry in ledger_checks.ledger(database))
    assert states == {"settled": 2, "released": len(asked) - 2}
    assert all(use.reserved == 0 for use in ledger_checks.used(database))


# --- workers are killed ---


@on_sqlite
def test_workers_killed_together_are_replaced_in_about_the_time_of_a_start(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    """Killed while the supervisor waits for a sign of life, which it does for up to half a minute."""
    face = different_faces(1)[0]
    began = time.monotonic()
    with processes(paid, tmp_path, workers=2) as [service]:
        a_start_s = time.monotonic() - began
        post(service.url, face)
        before = workers(service.process.pid)
        for pid in before:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(2)  # in which the supervisor asks
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        wait_until(lambda: len(set(workers(service.process.pid)) - set(before)) == 2, REPLACED_S)

        answer = post(service.url, face)
        seconds = time.monotonic() - began

        assert answer.json()["cache_hit"]
        assert seconds < stretched(2 * a_start_s + 3), service.log()
        assert service.stop() == 0
    assert len(provider.calls) == 1


# --- the port ---


@pytest.mark.parametrize("count", [1, 2])
def test_a_busy_port_is_one_line_that_names_the_setting(tmp_path: Path, count: int) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        ended = start(tmp_path, port=other.getsockname()[1], count=count)

    assert ended.returncode == 1
    (line,) = (ended.stdout + ended.stderr).splitlines()
    assert line.startswith("avatars: AVATARS_PORT: ")
    assert "address already in use" in line


@pytest.mark.parametrize("count", [1, 2])
def test_of_two_starts_at_the_same_moment_one_serves_and_the_other_names_the_setting(
    tmp_path: Path, count: int
) -> None:
    port = free_port()
    both = [ServiceProcess({"DB_STRING": "sqlite:///x.db"}, tmp_path, workers=count, port=port) for _ in range(2)]
    try:
        wait_until(lambda: any(each.process.poll() is not None for each in both))
        (loser,) = [each for each in both if each.process.poll() is not None]
        (winner,) = [each for each in both if each is not loser]
        winner.wait_until_ready()

        assert loser.process.wait() == 1
        assert loser.log().splitlines()[-1].startswith("avatars: AVATARS_PORT: ")
        assert "startup complete" not in loser.log()
        assert "Traceback" not in loser.log()
    finally:
        for each in both:
            each.kill()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_the_machine_has_not_is_a_wrong_setting(tmp_path: Path, host: str) -> None:
    ended = start(tmp_path, port=free_port(), count=1, host=host)

    assert ended.returncode == 2
    (line,) = (ended.stdout + ended.stderr).splitlines()
    assert line.startswith("avatars: AVATARS_HOST: ")


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "::"])
def test_every_form_of_a_host_is_listened_on(tmp_path: Path, host: str) -> None:
    if host == "::" and not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    with processes({"DB_STRING": "sqlite:///x.db", "AVATARS_HOST": host}, tmp_path) as [service]:
        assert httpx.get(f"{service.url}/healthz", timeout=120).status_code == 200


def start(folder: Path, *, port: int, count: int, host: str = "127.0.0.1") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "avatars_as_a_service", "serve", "--port", str(port), "--workers", str(count)],
        env={**os.environ, "DB_STRING": "sqlite:///x.db", "AVATARS_HOST": host},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def main_under_uvicorn(environment: dict[str, str], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """``uvicorn main:app`` with two workers, ready, and its port; killed at the end with all that it started."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "main:app", "--workers", "2", "--port", str(port)]
    with (folder / "uvicorn.log").open("wb") as log:
        supervisor = subprocess.Popen(
            [*command, "--app-dir", str(_ROOT)],
            env={**os.environ, **environment, "PYTHONPATH": str(_ROOT)},
            cwd=folder,
            stderr=log,
            start_new_session=True,
        )
    family: list[int] = []
    try:
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=120) as client:
            assert client.get("/healthz").status_code == 200
        family = descendants(supervisor.pid)
        yield supervisor, port
    finally:
        supervisor.kill()
        supervisor.wait()
        for pid in alive(family):
            os.kill(pid, signal.SIGKILL)


def ask_until_both_draw(
    service: ServiceProcess, provider: LoopbackProvider, database: str, askers: ThreadPoolExecutor
) -> list[Future[httpx.Response]]:
    """Ask for one face after the other until each of two workers has sent a call, and some wait behind these."""
    asked = []
    for face in different_faces(CROWD):
        asked.append(askers.submit(post, service.url, face))
        time.sleep(0.05)
        if len(provider.calls) == 2 and len(asked) > 5:
            break
    wait_until(lambda: len(provider.calls) == 2 and len(ledger_checks.ledger(database)) == len(asked))
    return asked


@contextmanager
def no_writes(database: str) -> Iterator[None]:
    """Let the SQLite file be read but not written."""
    engine = create_engine(database_url(database), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        yield
        connection.rollback()


def post(url: str, face: Json) -> httpx.Response:
    return httpx.post(f"{url}/query", json=face, timeout=120)


def kill_alone(service: ServiceProcess) -> None:
    """As ``kill -9`` of the supervisor, and of nothing else."""
    service.process.kill()
    service.process.wait()


def is_free(port: int) -> bool:
    """Whether a service could listen on it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def workers(supervisor: int) -> list[int]:
    return [pid for pid in children(supervisor) if b"spawn_main" in command_line(pid)]


def descendants(pid: int) -> list[int]:
    """All processes that descend from it."""
    return [each for child in children(pid) for each in (child, *descendants(child))]


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def alive(pids: list[int]) -> list[int]:
    """Those that have not ended; what nobody has asked for its exit code has."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and command_line_or_nothing(pid)]


def command_line_or_nothing(pid: int) -> bytes:
    try:
        return command_line(pid)
    except FileNotFoundError:
        return b""
