"""A page full of faces in a real browser: none broken on an empty service, and the real ones once there are any."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, Page

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.seed import seeded
from tests.conftest import Serve
from tests.support.browser import fresh_page
from tests.support.fake_provider import LoopbackProvider

SEEDS: Final = [f"user-{number}@example.com" for number in range(100)]
WIDTHS: Final = "[...document.images].map(image => image.complete ? image.naturalWidth : -1)"
DRAWN_HERE: Final = 512
KEPT: Final = 256


@pytest.fixture
def lite(provider: LoopbackProvider, tmp_path: Path) -> dict[str, str]:
    """The environment of a service that pays, on SQLite alone."""
    return {
        "DB_STRING": f"sqlite:///{tmp_path}/lite.db",
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
    }


def show(page: Page, url: str, query: str = "") -> list[int]:
    """How wide the browser finds each of the hundred pictures: 0 is a broken one."""
    images = "".join(f'<img src="{url}/avatar?seed={seed}{query}" alt="">' for seed in SEEDS)
    page.set_content(f"<!doctype html><title>faces</title>{images}", wait_until="load")
    widths: list[int] = page.evaluate(WIDTHS)
    return widths


def test_a_page_of_a_hundred_faces_is_whole_at_once_and_shows_the_real_ones_later(
    browser: Browser, page: Page, lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(lite)

    before = show(page, service.url)
    paid_by_looking = len(provider.calls)
    with ThreadPoolExecutor(8) as askers:
        bodies = [{"properties": asdict(seeded(seed, Features(), given=()))} for seed in SEEDS]
        drawn = list(askers.map(lambda body: httpx.post(f"{service.url}/query", json=body, timeout=120), bodies))
    with fresh_page(browser) as later:
        after = show(later, service.url)

    assert before == [DRAWN_HERE] * 100
    assert paid_by_looking == 0
    assert {(answer.status_code, answer.json()["provisional"]) for answer in drawn} == {(200, False)}
    assert after == [KEPT] * 100


@pytest.mark.parametrize("file_format", ["webp", "png", "jpeg", "avif"])
def test_a_browser_shows_each_format_in_its_size(
    page: Page, lite: dict[str, str], serve: Serve, file_format: str
) -> None:
    service = serve(lite)
    service.client.post("/query", json={})
    kept, stand_in = (f"{service.url}/avatar?{query}&format={file_format}&size=64" for query in ("mood=fun", "seed=a"))

    page.set_content(f'<img src="{kept}" alt=""><img src="{stand_in}" alt="">', wait_until="load")

    assert page.evaluate(WIDTHS) == [64, 64]
