"""The studio, the gallery and the dashboard in a real browser."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from playwright.sync_api import Request as PageRequest

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.seed import seeded
from tests.conftest import Serve
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import ThreadedService, free_port
from tests.support.watch import Watch

BLUE_EYES = {"mood": "official", "eye_color": "blue", "glasses": True}
expect.set_options(timeout=120_000)  # the first call to a provider imports its client, and the machine may be busy
PRICE = {"AVATARS_PRICE_PER_IMAGE_USD": "0.0059"}
Open = Callable[..., Watch]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """SQLite alone: what is seen here does not depend on the database."""
    return f"sqlite:///{tmp_path}/avatars.db"


@pytest.fixture
def visit(page: Page) -> Open:
    """Opens a page of a service and watches it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def visit(service: ThreadedService, path: str = "/") -> Watch:
        watch = Watch.over(page, service.url)
        page.goto(service.url + path)
        return watch

    return visit


def choose(page: Page, **features: str) -> None:
    for name, value in features.items():
        page.locator(f"input[name={name}][value='{value}']").check(force=True)


def said(page: Page, *words: str) -> None:
    for word in words:
        expect(page.locator("#status-text")).to_contain_text(word)


def held(page: Page, url: str) -> list[Route]:
    """The page's requests to such URLs, which wait until they are let go on."""
    requests: list[Route] = []

    def hold(route: Route) -> None:
        requests.append(route)

    page.route(url, hold)
    return requests


# --- the studio ---


def test_a_face_from_choice_to_picture_and_the_second_time_a_hit(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    watch = visit(serve(paid, **PRICE))
    choose(page, mood="official", eye_color="blue")
    page.get_by_label("Glasses").check(force=True)
    said(page, "sketch")

    page.get_by_role("button", name="Draw this face").click()
    said(page, "Drawn by gpt-image-2.5-flare and kept. $0.0059,")
    page.get_by_text("The prompt").click()
    expect(page.locator("#prompt-text")).to_contain_text("blue")
    page.get_by_role("button", name="Draw this face").click()
    said(page, "A hit", "$0,", "ms")

    assert provider.paid == 1
    picture = page.locator("#frame img").last
    assert picture.evaluate("picture => picture.naturalWidth") == 512
    assert watch.faults() == []


def test_a_choice_shows_its_sketch_at_once_and_pays_nothing(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    visit(serve(paid))
    said(page, "sketch")
    picture = page.locator("#frame img")
    before = picture.get_attribute("src") or ""

    choose(page, skin_tone="dark")

    expect(picture).not_to_have_attribute("src", before)
    expect(picture).to_have_js_property("complete", value=True)
    assert provider.calls == []


def test_while_it_is_drawn_the_page_says_so_and_for_how_long(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    provider.delay = 1.5
    visit(serve(paid))
    page.get_by_role("button", name="Draw this face").click()

    expect(page.locator("#draw-word")).to_have_text(re.compile(r"Drawing … [1-9]\d*\.\d s"))
    expect(page.locator("#frame")).to_have_class(re.compile("drawing"))
    said(page, "Drawn by")
    expect(page.locator("#frame")).not_to_have_class(re.compile("drawing"))


def test_a_description_is_drawn_and_never_in_the_gallery(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    service = serve(paid, **PRICE)
    watch = visit(service)
    page.get_by_role("tab", name="By description").click()
    page.get_by_label("Description", exact=True).fill("a lighthouse keeper")
    page.get_by_role("button", name="Draw this").click()
    said(page, "Drawn by gpt-image-2.5-flare. $0.0059,")

    assert provider.paid == 1
    assert re.fullmatch(r"images/[0-9a-f]{64}\.webp\?size=256", page.locator("#download").get_attribute("href") or "")
    assert watch.faults() == []
    page.goto(f"{service.url}/gallery")
    expect(page.get_by_role("heading", name="No face is kept yet")).to_be_visible()


def test_a_description_without_a_model_says_what_to_do(page: Page, visit: Open, serve: Serve, database: str) -> None:
    watch = visit(serve({"DB_STRING": database}), "/?description=a%20lighthouse%20keeper")
    said(page, "OPENAI_API_KEY")
    page.get_by_role("button", name="Draw this").click()

    said(page, "OPENAI_API_KEY")
    assert watch.faults(503) == []


def test_over_the_cap_it_is_a_stand_in_and_says_why(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str]
) -> None:
    watch = visit(serve(paid, AVATARS_DAILY_BUDGET_USD="0"))
    page.get_by_role("button", name="Draw this face").click()

    said(page, "A stand-in.", "budget is used up")
    assert watch.faults() == []


def test_over_the_cap_without_stand_ins_it_says_why_too(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str]
) -> None:
    watch = visit(serve(paid, AVATARS_DAILY_BUDGET_USD="0", AVATARS_STAND_IN="off"))
    page.get_by_role("button", name="Draw this face").click()

    said(page, "budget is used up")
    assert watch.faults(503) == []


def test_with_the_provider_down_it_is_a_stand_in_and_says_why(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str]
) -> None:
    watch = visit(serve(paid, OPENAI_BASE_URL=f"http://127.0.0.1:{free_port()}/v1"))
    page.get_by_role("button", name="Draw this face").click()

    said(page, "A stand-in.", "cannot be reached")
    assert watch.faults() == []


def test_a_refusal_is_said_in_words(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    provider.mode = Mode.REFUSED
    watch = visit(serve(paid))
    page.get_by_role("button", name="Draw this face").click()

    said(page, "refuses to draw this", "something else")
    assert watch.faults(422) == []


def test_a_sketch_that_comes_after_a_refusal_leaves_the_refusals_words(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    provider.mode = Mode.REFUSED
    sketches = held(page, "**/avatar?*")
    visit(serve(paid))
    page.get_by_role("button", name="Draw this face").click()
    said(page, "refuses to draw this")

    for sketch in sketches:
        sketch.continue_()

    expect(page.locator("#frame img")).to_have_count(1)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert "refuses to draw this" in page.locator("#status-text").inner_text()


def test_without_a_key_it_asks_for_one_and_keeps_it_in_this_tab_alone(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    secret = "a-planted-key-of-the-shop-0123456789"
    watch = visit(serve(paid, AVATARS_API_KEYS=f"shop:{secret}"))
    page.get_by_role("button", name="Draw this face").click()
    page.get_by_role("textbox", name="API key").fill(secret)
    page.get_by_role("button", name="Use it").click()

    said(page, "Drawn by")
    assert provider.paid == 1
    assert secret in page.evaluate("JSON.stringify(sessionStorage)")
    assert secret not in page.evaluate("JSON.stringify(localStorage) + document.cookie + location.href")
    assert watch.faults(401) == []


def test_a_shared_link_opened_anew_shows_the_same_face_kept(
    page: Page, browser: Browser, visit: Open, serve: Serve, paid: dict[str, str]
) -> None:
    service = serve(paid)
    visit(service)
    choose(page, head_shape="heart", smile_type="closed-lip")
    page.get_by_role("button", name="Another face").click()
    page.get_by_role("button", name="Draw this face").click()
    said(page, "Drawn by")
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")

    with browser.new_context() as other:
        opened = other.new_page()
        opened.goto(link)
        expect(opened.locator("#status-text")).to_contain_text("This face is kept")
        checked = opened.locator("#features input:checked").evaluate_all("all => all.map(one => one.value)")
    assert {"fun", "heart", "closed-lip"} <= set(checked)
    assert "variant=1" in link


def test_a_name_has_its_face_and_the_code_for_it(page: Page, visit: Open, serve: Serve, paid: dict[str, str]) -> None:
    service = serve(paid)
    watch = visit(service)
    page.get_by_label("From a name").fill("jane")
    expect(page).to_have_url(re.compile("seed=jane"))
    expect(page.locator("#snippet")).to_contain_text("seed=jane")

    checked = page.locator("#features fieldset input:checked").evaluate_all("all => all.map(one => one.value)")
    assert set(checked) - {""} == {"fun", "heart", "dark", "open-lip", "roman", "hazel"}  # hair and beard stay open
    assert watch.faults() == []


@pytest.mark.parametrize(("path", "variant"), [("/", 0), ("/?seed=jane&variant=7", 7)])
def test_draw_waits_for_the_features_of_the_name_and_pays_for_those(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider, *, path: str, variant: int
) -> None:
    picks = held(page, "**/seeded?*")
    visit(serve(paid), path)
    page.get_by_label("From a name").fill("jane")
    page.get_by_role("button", name="Draw this face").click()
    with page.expect_request("**/query") as sent:
        for pick in picks:
            pick.continue_()
    said(page, "Drawn by")

    face = asdict(seeded("jane", Features(variant=variant), given=()))
    assert sent.value.post_data_json == {"properties": {name: value for name, value in face.items() if value}}
    assert provider.paid == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("HTML", ["<img", "/avatar?mood=official", "eye_color=blue"]),
        ("Markdown", ["![Avatar](", "size=256"]),
        ("React", ["export function Avatar", "width={256}"]),
        ("curl", ["curl -s", '"eye_color":"blue"']),
        ("Python", ["httpx.post", '"glasses": True']),
        ("Signed", ["avatars sign --mood official --eye-color blue --glasses", "--size 256"]),
    ],
)
def test_the_code_is_that_of_the_choice(
    page: Page, visit: Open, serve: Serve, database: str, *, language: str, words: list[str]
) -> None:
    visit(serve({"DB_STRING": database}), "/?mood=official&eye_color=blue&glasses=true")
    page.get_by_role("tab", name=language, exact=True).click()
    page.get_by_role("button", name="Copy", exact=True).click()

    for word in words:
        expect(page.locator("#snippet")).to_contain_text(word)
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#snippet").text_content()


def test_a_download_comes_in_the_size_and_format_chosen(page: Page, visit: Open, serve: Serve, database: str) -> None:
    visit(serve({"DB_STRING": database}))
    page.get_by_role("button", name="Draw this face").click()
    said(page, "Drawn by the local artist and kept")
    page.get_by_label("Format").select_option("png")
    page.get_by_label("Size").select_option("128")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == 128


def test_it_can_be_done_by_keyboard_alone(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    visit(serve(paid))
    page.locator("input[name=mood]:checked").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.locator("#draw").focus()
    page.keyboard.press("Enter")

    said(page, "Drawn by")
    assert "mood=official" in page.url
    assert "skin_tone=fair" in page.url
    assert provider.paid == 1


# --- the gallery ---


def test_the_gallery_pages_and_filters(page: Page, visit: Open, serve: Serve, database: str) -> None:
    service = serve({"DB_STRING": database})
    for variant in range(60):
        mood = "official" if variant % 6 == 0 else "fun"
        service.client.post("/query", json={"properties": {"mood": mood, "variant": variant}})
    watch = visit(service, "/gallery")
    faces = page.locator("#faces a")

    expect(faces).to_have_count(48)
    page.get_by_role("button", name="Show more").click()
    expect(faces).to_have_count(60)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    assert len(set(faces.evaluate_all("all => all.map(one => one.href)"))) == 60
    page.get_by_label("Mood").select_option("official")
    expect(faces).to_have_count(10)
    page.get_by_label("Eyes").select_option("blue")
    expect(page.get_by_role("heading", name="No such face yet")).to_be_visible()
    assert watch.faults() == []


def test_a_face_of_the_gallery_opens_in_the_studio(page: Page, visit: Open, serve: Serve, database: str) -> None:
    service = serve({"DB_STRING": database})
    service.client.post("/query", json={"properties": BLUE_EYES})
    visit(service, "/gallery")
    page.locator("#faces a").click()

    said(page, "This face is kept")
    assert "eye_color=blue" in page.url


def test_a_gallery_that_cannot_be_read_says_so_and_tries_again(
    page: Page, visit: Open, serve: Serve, database: str
) -> None:
    service = serve({"DB_STRING": database})
    page.route("**/faces?*", lambda route: route.abort(), times=1)
    visit(service, "/gallery")

    expect(page.locator("#note")).to_contain_text("cannot be reached")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="No face is kept yet")).to_be_visible()


def test_where_nothing_is_public_the_key_opens_studio_and_gallery(
    page: Page, visit: Open, serve: Serve, database: str
) -> None:
    secret = "a-planted-key-of-the-shop-0123456789"
    service = serve({"DB_STRING": database}, AVATARS_API_KEYS=f"shop:{secret}", AVATARS_PRIVATE="on")
    service.client.post("/query", json={}, headers={"X-API-Key": secret})
    watch = visit(service)
    page.get_by_role("textbox", name="API key").fill(secret)
    page.get_by_role("button", name="Use it").click()
    said(page, "This face is kept")

    page.get_by_role("link", name="Gallery").click()
    expect(page.locator("#faces a")).to_have_count(1)
    expect(page.locator("#faces img")).to_have_js_property("naturalWidth", 256)
    assert service.client.get("/faces").status_code == 401
    assert watch.faults(401) == []


# --- the dashboard ---


def figures(page: Page, period: str) -> dict[str, float]:
    read = "all => Object.fromEntries(all.map(one => [one.dataset.figure, Number(one.value)]))"
    found: dict[str, float] = page.locator(f"[data-period={period}] data").evaluate_all(read)
    return found


def test_the_dashboard_shows_what_stats_says(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], provider: LoopbackProvider
) -> None:
    service = serve(paid, **PRICE)
    for variant in (0, 1, 2, 0, 1, 0):
        service.client.post("/query", json={"properties": {"variant": variant}})
    provider.mode = Mode.REFUSED
    service.client.post("/query", json={"properties": {"variant": 9}})
    watch = visit(service, "/dashboard")
    expect(page.locator("#as-of")).to_contain_text("As of")
    stats: dict[str, Any] = service.client.get("/stats").json()

    names = ("hits", "misses", "stand_ins", "paid_calls", "spent_usd", "saved_usd")
    sums = {name: stats[name] for name in names}
    calls = {name: stats["calls"][name] for name in ("under_way", "waiting", "possibly_paid")}
    assert figures(page, "all") == sums | calls
    assert figures(page, "today") == figures(page, "month") == sums
    assert page.locator("[data-figure=cap_spent]").first.get_attribute("value") == str(stats["budgets"][0]["spent_usd"])
    expect(page.locator("#failed-calls tbody tr")).to_have_count(1)
    expect(page.locator("#provider-state")).to_contain_text("gpt-image-2.5-flare")
    expect(page.locator(".plot canvas")).to_have_count(3)
    assert watch.faults() == []


def test_the_dashboard_asks_for_the_admin_token(page: Page, visit: Open, serve: Serve, database: str) -> None:
    watch = visit(serve({"DB_STRING": database}, AVATARS_ADMIN_TOKEN="the-right-token-of-32-characters"), "/dashboard")
    page.get_by_role("textbox", name="Admin token").fill("a wrong one")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("This is not the admin token.").last).to_be_visible()
    page.get_by_role("textbox", name="Admin token").fill("the-right-token-of-32-characters")
    page.get_by_role("button", name="Use it").click()

    expect(page.locator("#as-of")).to_contain_text("As of")
    assert watch.faults(401, 403) == []


def test_the_dashboard_says_what_to_set_where_there_is_no_admin_token(
    page: Page, visit: Open, serve: Serve, database: str
) -> None:
    service = serve({"DB_STRING": database})
    page.set_extra_http_headers({"X-Forwarded-For": "203.0.113.9"})
    watch = visit(service, "/dashboard")

    expect(page.get_by_role("alert")).to_contain_text("Set AVATARS_ADMIN_TOKEN where the service runs")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert watch.faults(403) == []


# --- every page ---


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?description=a+cat", "/gallery", "/dashboard"])
def test_nobody_is_kept_out(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], *, path: str, scheme: Literal["light", "dark"]
) -> None:
    service = serve(paid)
    service.client.post("/query", json={"properties": BLUE_EYES})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    watch = visit(service, path)
    page.wait_for_load_state("networkidle")

    assert watch.barriers() + watch.faults() == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("path", ["/", "/gallery", "/dashboard"])
def test_nothing_jumps_and_nothing_sticks_out(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], *, path: str, width: int
) -> None:
    service = serve(paid)
    for variant in range(5):
        service.client.post("/query", json={"properties": {"variant": variant}})
    page.set_viewport_size({"width": width, "height": 800})
    watch = visit(service, path)
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert watch.faults() == []


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/gallery", "/dashboard"])
def test_all_that_a_page_loads_is_under_200_kb(
    page: Page, visit: Open, serve: Serve, paid: dict[str, str], path: str
) -> None:
    loaded: list[PageRequest] = []
    page.on("requestfinished", lambda request: loaded.append(request))  # noqa: PLW0108 - Playwright marks what it is given
    visit(serve(paid), path)
    page.wait_for_load_state("networkidle")

    assert sum(request.sizes()["responseBodySize"] for request in loaded) < 200_000, json.dumps(
        {request.url: request.sizes()["responseBodySize"] for request in loaded}, indent=1
    )
