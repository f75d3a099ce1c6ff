"""The OpenAPI page in a real browser: what it lets one try works."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Serve

expect.set_options(timeout=20_000)


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
    expect(answer.locator("img, svg").first).to_be_visible()
