"""A real browser: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.databases import REQUIRED

_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MS: Final = 120_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window, on a fresh profile. Where it is missing, the test is skipped, or fails.

    While it runs, ``asyncio.run`` cannot be called in the same thread: Playwright's own loop is at work there.
    """
    executable = shutil.which("chromium")
    if executable is None:
        (pytest.fail if REQUIRED else pytest.skip)("no chromium is there: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh_page(browser: Browser, *, any_certificate: bool = False) -> Iterator[Page]:
    """An empty page that shares no cookies and no cache with any other."""
    with browser.new_context(ignore_https_errors=any_certificate) as context:
        context.set_default_timeout(_PATIENCE_MS)
        yield context.new_page()
