"""The OpenAPI page in a real browser: what it lets one try works."""

import json
import re
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Serve
from tests.support.fake_provider import LoopbackProvider

KEY: Final = "planted-key-of-the-shop"
expect.set_options(timeout=120_000)


@pytest.fixture
def database(tmp_path: Path) -> str:
    """SQLite alone: what is seen here does not depend on the database."""
    return f"sqlite:///{tmp_path}/avatars.db"


def test_a_query_is_tried_out_and_answers_with_a_face(page: Page, serve: Serve, database: str) -> None:
    service = serve({"DB_STRING": database})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{service.url}/docs")
    operation = page.locator(".opblock-post", has_text="/query").first

    operation.locator(".opblock-summary-control").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()

    answer = operation.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").nth(1)).to_contain_text("200")
    told = json.loads(answer.locator("pre.microlight, .highlight-code pre").first.inner_text())
    assert told["cache_hit"] is False
    picture = service.client.get(told["data"]["image_url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    assert all(address.startswith((service.url, "data:", "blob:")) for address in asked)


def test_an_avatar_is_tried_out_and_shows_its_face(page: Page, serve: Serve, database: str) -> None:
    page.goto(f"{serve({'DB_STRING': database}).url}/docs")
    operation = page.locator(".opblock-get", has_text="/avatar").first

    operation.locator(".opblock-summary-control").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()

    answer = operation.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").nth(1)).to_contain_text("200")
    picture = answer.locator("img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0


def test_an_api_key_is_given_once_and_sent_with_each_request(
    page: Page, serve: Serve, database: str, provider: LoopbackProvider
) -> None:
    paid = {"DB_STRING": database, "OPENAI_API_KEY": "sk-planted", "OPENAI_BASE_URL": provider.base_url}
    page.goto(f"{serve(paid, AVATARS_API_KEYS=f'shop:{KEY}').url}/docs")
    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".auth-container", has_text="ApiKeyHeader")
    dialog.get_by_label("Value").fill(KEY)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").click()
    operation = page.locator(".opblock-post", has_text="/query").first

    operation.locator(".opblock-summary-control").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator(".opblock-section-request-body .examples-select-element").select_option("seed")
    operation.get_by_role("button", name="Execute").click()

    answer = operation.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").nth(1)).to_contain_text("200")
    assert len(provider.calls) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_the_colours_that_its_reader_likes(
    page: Page, serve: Serve, database: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{serve({'DB_STRING': database}).url}/docs")

    expect(page.locator(".opblock").first).to_be_visible()
    red, *_ = re.findall(r"\d+", page.locator(".swagger-ui").first.evaluate("ui => getComputedStyle(ui).color"))
    assert (int(red) > 128) == (scheme == "dark")
