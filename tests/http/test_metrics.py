"""Metrics agree with the service's own stats and the provider's own count, over all processes."""

import os
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Serve
from tests.deployment.test_workers import children
from tests.support.clock import wait_until
from tests.support.concurrency import ask_all, different_faces
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import ServiceProcess, ThreadedService, free_port, processes

ANSWERS: Final = "avatars_answers_total"
PAID: Final = "avatars_paid_calls_total"
SPENT: Final = "avatars_spent_dollars_total"
SAVED: Final = "avatars_saved_dollars_total"
FLUSHED_S: Final = 30


class Scrape:
    """The samples of one ``GET /metrics``."""

    def __init__(self, url: str) -> None:
        answer = httpx.get(f"{url}/metrics", timeout=120)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        self._families = list(text_string_to_metric_families(answer.text))

    def sum(self, name: str, **labels: str) -> float:
        """The samples of that name with those labels, added up."""
        samples = [sample for family in self._families for sample in family.samples if sample.name == name]
        assert samples, f"there is no {name}"
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def types(self) -> Mapping[str, str]:
        """The type of each metric."""
        return {family.name: family.type for family in self._families}


def stats(service: ThreadedService | ServiceProcess) -> dict[str, float]:
    sums: dict[str, float] = httpx.get(f"{service.url}/stats", timeout=120).json()
    return sums


@pytest.mark.slow
def test_over_four_workers_it_says_what_stats_say_and_the_provider_has_counted(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    faces = different_faces(12, seed=5)
    with processes(paid, tmp_path, workers=4) as [service]:
        ask_all([service.url], faces)
        ask_all([service.url], faces * 10)
        provider.mode = Mode.BAD_GATEWAY
        ask_all([service.url], different_faces(1, seed=6))

        def counted() -> list[list[float]]:
            sums, scrape = stats(service), Scrape(service.url)
            return [
                [sums[name] for name in ("hits", "misses", "stand_ins")],
                [scrape.sum(ANSWERS, kind=kind) for kind in ("hit", "miss", "stand_in")],
            ]

        wait_until(lambda: counted() == [[120, 13, 1]] * 2)
        sums, scrape = stats(service), Scrape(service.url)

    assert scrape.sum(PAID) == sums["paid_calls"] == provider.paid == 13
    assert scrape.sum(SPENT) == pytest.approx(sums["spent_usd"])
    assert scrape.sum(SAVED) == pytest.approx(sums["saved_usd"])
    assert scrape.sum("avatars_provider_call_duration_seconds_count", outcome="drawn") == 12
    assert scrape.sum("avatars_provider_call_duration_seconds_count", outcome="502") == 1


def test_requests_are_counted_by_route_outcome_and_status_and_never_by_address(
    paid: dict[str, str], serve: Serve
) -> None:
    service = serve(paid)
    face = different_faces(1)[0]
    path = httpx.URL(service.client.post("/query", json=face).json()["data"]["image_url"]).path
    for _ in range(3):
        service.client.post("/query", json=face)
        service.client.get(path)
    service.client.post("/query", json={"properties": {"mood": "grim"}})
    service.client.get("/nothing/here")

    scrape = Scrape(service.url)

    requests = "avatars_requests_total"
    assert scrape.sum(requests, route="/query", outcome="drawn", status="200") == 1
    assert scrape.sum(requests, route="/query", outcome="hit", status="200") == 3
    assert scrape.sum(requests, route="/query", status="422") == 1
    assert scrape.sum(requests, route="/images/{name}", outcome="hit", status="200") == 3
    assert scrape.sum(requests, route="other", status="404") == 1
    durations = "avatars_request_duration_seconds_count"
    assert scrape.sum(durations, route="/query", outcome="hit") == 1, "the hits that are logged are timed"
    assert scrape.sum(durations, route="/images/{name}", outcome="hit", status="200") == 1
    assert scrape.sum(durations) == scrape.sum(requests) - 4
    assert scrape.sum("avatars_request_duration_seconds_bucket", route="/query", outcome="hit", le="+Inf") == 1
    assert scrape.sum("avatars_request_duration_seconds_sum", route="/query", outcome="drawn") > 0


def test_gauges_rise_while_something_is_drawn_and_fall_again(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, AVATARS_PROVIDER_CONCURRENCY="1")
    drawing = provider.hold_next()
    before = Scrape(service.url)
    names = ("avatars_drawings_in_progress", "avatars_provider_calls_in_progress", "avatars_queue_waiting")
    assert [before.sum(name) for name in names] == [0, 0, 0]

    with httpx.Client(timeout=120) as client, ThreadPoolExecutor(2) as askers:
        asked = [askers.submit(client.post, f"{service.url}/query", json=face) for face in different_faces(2)]
        wait_until(lambda: [Scrape(service.url).sum(name) for name in names] == [2, 1, 1])
        drawing.set()
        assert all(asking.result().status_code == 200 for asking in asked)

    after = Scrape(service.url)
    assert [after.sum(name) for name in names] == [0, 0, 0]
    assert after.sum("avatars_memory_faces") == 2
    assert after.sum("avatars_memory_pictures") == 2
    assert after.sum("avatars_memory_picture_bytes") > 0
    assert after.sum("avatars_pictures_unkept") == 0


@pytest.mark.slow
def test_what_a_killed_worker_counted_stays_and_what_it_held_goes(paid: dict[str, str], tmp_path: Path) -> None:
    faces = different_faces(10)
    with processes(paid, tmp_path) as [service]:
        ask_all([service.url], faces)
    with processes(paid, tmp_path, workers=2) as [service]:  # each remembers all ten from its start on
        ask_all([service.url], faces)
        wait_until(lambda: Scrape(service.url).sum(ANSWERS, kind="hit") == 10)
        wait_until(lambda: Scrape(service.url).sum("avatars_memory_faces") == 20)
        before = children(service.process.pid)

        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: len(set(children(service.process.pid)) - set(before)) == 1)

        wait_until(lambda: Scrape(service.url).sum("avatars_memory_faces") == 20)
        assert Scrape(service.url).sum(ANSWERS, kind="hit") == 10


def test_a_worker_that_has_just_begun_its_files_does_not_break_the_metrics(
    paid: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "metrics"
    with processes({**paid, "PROMETHEUS_MULTIPROC_DIR": str(folder)}, tmp_path, workers=2) as [service]:
        for kind in ("counter", "histogram", "gauge_livesum"):
            (folder / f"{kind}_{service.process.pid}.db").touch()

        assert Scrape(service.url).sum("avatars_memory_faces") == 0


def test_a_restart_begins_at_zero_and_leaves_no_files(paid: dict[str, str], tmp_path: Path) -> None:
    own = tmp_path / "metrics"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    for more in ({"PROMETHEUS_MULTIPROC_DIR": str(own)}, {"TMPDIR": str(temporary)}):
        for _ in range(2):
            with processes({**paid, **more}, tmp_path, workers=2) as [service]:
                ask_all([service.url], different_faces(1))
                wait_until(
                    lambda: Scrape(service.url).sum(ANSWERS) == 1,
                    FLUSHED_S,
                )
                service.stop()

    assert list(temporary.glob("avatars-metrics-*")) == []


def test_metrics_need_the_admin_token(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid, AVATARS_ADMIN_TOKEN="a-token-of-the-admin-0123456789")

    assert service.client.get("/metrics").status_code == 401
    allowed = service.client.get("/metrics", headers={"Authorization": "Bearer a-token-of-the-admin-0123456789"})
    assert allowed.status_code == 200


def test_a_folder_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    service = ServiceProcess(
        {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "file"), "DB_STRING": f"sqlite:///{tmp_path}/a.db"},
        tmp_path,
        port=free_port(),
    )

    assert service.process.wait(120) == 2
    assert "avatars: PROMETHEUS_MULTIPROC_DIR: " in service.log()
