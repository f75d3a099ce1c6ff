"""Workers: several processes on one port, their polite end, and many starts at the same moment."""

import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.support import ledger_checks
from tests.support.clock import wait_until
from tests.support.concurrency import Json, ask_all, different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ServiceProcess, processes


def post(service: ServiceProcess, face: Json) -> httpx.Response:
    return httpx.post(f"{service.url}/query", json=face, timeout=120)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_four_workers_on_one_port_pay_once_for_two_hundred_equal_requests(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    provider.delay = 0.5
    with processes(paid, tmp_path, workers=4) as [service]:
        replies = ask_all([service.url], different_faces(1) * 200)

        assert {reply.status for reply in replies} == {200}
        assert len({(reply.image_hash, reply.picture) for reply in replies}) == 1
        assert not any(reply.body["provisional"] for reply in replies)
        assert len(provider.calls) == 1


@pytest.mark.parametrize("workers", [1, 4])
def test_a_service_told_to_stop_finishes_and_keeps_its_drawing(
    paid: dict[str, str], provider: LoopbackProvider, database: str, tmp_path: Path, workers: int
) -> None:
    kept, drawn = different_faces(2)
    with processes(paid, tmp_path, workers=workers) as [service], ThreadPoolExecutor() as askers:
        post(service, kept)
        provider.delay = 4
        drawing: Future[httpx.Response] = askers.submit(post, service, drawn)
        wait_until(lambda: len(provider.calls) == 2)

        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: readiness(service).status_code == 503)

        assert readiness(service).json()["status"] == "draining"
        assert insistently(lambda: post(service, kept)).json()["cache_hit"]
        assert drawing.result().json()["provisional"] is False
        assert service.process.wait(120) == 0, service.log()
    assert ledger_checks.faces_kept(database) == 2
    with processes(paid, tmp_path) as [service]:
        assert post(service, drawn).json()["cache_hit"]
    assert len(provider.calls) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_every_line_of_the_log_is_json_whichever_process_writes_it(
    paid: dict[str, str], tmp_path: Path, workers: int
) -> None:
    with processes(paid, tmp_path, workers=workers) as [service]:
        for face in different_faces(3):
            post(service, face)
        service.stop()

        lines = [json.loads(line) for line in service.log().splitlines()]

    assert [line["event"] for line in lines if line.get("path") == "/query"] == ["request"] * 3
    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)


def readiness(service: ServiceProcess) -> httpx.Response:
    return insistently(lambda: httpx.get(f"{service.url}/readyz", timeout=5))


def insistently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask again, as a balancer does, where the worker that took the connection had nothing left to do and ended."""
    for _ in range(10):
        with suppress(httpx.RemoteProtocolError, httpx.ReadError):
            return ask()
    return ask()


def test_a_worker_that_is_killed_is_replaced_and_the_others_go_on(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    face = different_faces(1)[0]
    with processes({**paid, "AVATARS_LEASE_S": "3"}, tmp_path, workers=2) as [service]:
        post(service, face)
        before = children(service.process.pid)

        os.kill(before[0], signal.SIGKILL)
        hits = [post(service, face).json()["cache_hit"] for _ in range(20)]
        wait_until(lambda: len(set(children(service.process.pid)) - set(before)) == 1)

    assert all(hits)
    assert len(provider.calls) == 1


def children(pid: int) -> list[int]:
    """The workers of that process; its resource tracker, which serves nobody, is left out."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
