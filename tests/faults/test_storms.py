"""Storms: a thousand requests at once over four processes pay for each face once, and never past the cap."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.clock import wait_until
from tests.support.concurrency import Json, ask_all, different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import processes

pytestmark = pytest.mark.slow

SERVICES = 4
PRICE = 0.01
CAP = 40


@contextmanager
def fleet(environment: dict[str, str], folder: Path, **more: str) -> Iterator[list[str]]:
    """The addresses of four services over one database."""
    with processes({**environment, **more}, folder, count=SERVICES) as services:
        yield [service.url for service in services]


def stats(url: str) -> Json:
    answer: Json = httpx.get(f"{url}/stats", timeout=120).raise_for_status().json()
    return answer


def test_a_thousand_equal_requests_at_once_pay_once(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    provider.delay = 1.0
    with fleet(paid, tmp_path) as urls:
        replies = ask_all(urls, different_faces(1) * 1000)

        assert {reply.status for reply in replies} == {200}
        assert len({(reply.image_hash, reply.picture) for reply in replies}) == 1
        assert not any(reply.body["provisional"] for reply in replies)
        assert sum(reply.body["cost_usd"] > 0 for reply in replies) == 1
        assert len(provider.calls) == 1
        assert stats(urls[0])["paid_calls"] == 1


def test_two_hundred_faces_asked_for_five_times_each_all_at_once_pay_two_hundred_times(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    provider.delay = 0.3
    bodies = different_faces(200) * 5
    random.Random(7).shuffle(bodies)
    with fleet(paid, tmp_path) as urls:
        replies = ask_all(urls, bodies)

        assert {reply.status for reply in replies} == {200}
        assert not any(reply.body["provisional"] for reply in replies)
        assert len({reply.image_hash for reply in replies}) == 200
        assert len({(reply.image_hash, reply.picture) for reply in replies}) == 200
        assert sum(reply.body["cost_usd"] > 0 for reply in replies) == 200
        assert len(provider.calls) == 200
        wait_until(lambda: stats(urls[0])["faces"] == 200)


def test_at_a_fixed_price_exactly_as_many_are_paid_for_as_the_cap_allows(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    budget = {"AVATARS_PRICE_PER_IMAGE_USD": str(PRICE), "AVATARS_DAILY_BUDGET_USD": str(PRICE * CAP)}
    with fleet(paid, tmp_path, **budget) as urls:
        replies = ask_all(urls, different_faces(CAP + 500))
        figures = stats(urls[-1])

    assert {reply.status for reply in replies} == {200}
    assert sum(reply.body["provisional"] for reply in replies) == 500
    assert sum(reply.body["cost_usd"] == PRICE for reply in replies) == CAP
    assert (figures["faces"], figures["paid_calls"]) == (CAP, CAP)
    assert figures["spent_usd"] == pytest.approx(PRICE * CAP, abs=1e-9)
    assert provider.paid == len(provider.calls) == CAP


def test_priced_by_usage_the_spending_never_passes_the_cap_at_any_moment(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    cap = 0.25
    with fleet(paid, tmp_path, AVATARS_DAILY_BUDGET_USD=str(cap)) as urls:
        with watched(urls[0]) as seen:
            replies = ask_all(urls, different_faces(200))
        budget = seen[-1]

    assert {reply.status for reply in replies} == {200}
    assert max(moment["spent_usd"] + moment["reserved_usd"] for moment in seen) <= cap
    assert budget["reserved_usd"] == 0
    assert cap / 2 < budget["spent_usd"] <= cap
    assert sum(not reply.body["provisional"] for reply in replies) == provider.paid == len(provider.calls)
    assert sum(reply.body["cost_usd"] for reply in replies) == pytest.approx(budget["spent_usd"], abs=1e-9)


@contextmanager
def watched(url: str) -> Iterator[list[Json]]:
    """The day's budget as ``/stats`` tells it again and again, and once more at the end."""
    seen: list[Json] = []
    over = threading.Event()

    def look() -> None:
        seen.append(stats(url)["budgets"][0])

    def watch() -> None:
        while not over.wait(0.05):
            look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
        look()
