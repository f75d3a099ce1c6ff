"""The studio in Chromium: from a choice to its picture, with the whole catalogue kept."""

from typing import Final

import pytest

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.processor import LOAD_CORE, pinned_to
from benchmarks.server import Server, ready_service
from tests.browser import chromium, fresh_page

_CHOOSE: Final = """async (kept) => {
    const picture = document.querySelector("#frame img");
    const choices = [...document.querySelectorAll("input[name=skin_tone], input[name=nose_type]")];
    const taken = [];
    for (let round = 0; taken.length < kept; round++) {
        const choice = choices[round % choices.length];
        if (choice.checked) continue;
        const before = picture.src, began = performance.now();
        choice.click();
        while (document.querySelector("#frame img").src === before) await new Promise(requestAnimationFrame);
        await document.querySelector("#frame img").decode();
        taken.push(performance.now() - began);
    }
    return taken;
}"""
_UNCOUNTED: Final = 3


def studio(bench: Bench) -> list[Figure]:
    """The part ``studio``."""
    with ready_service(bench.catalogue, bench.folder) as server:
        try:
            measured = _measured(server, 6 * bench.rounds)
        except pytest.skip.Exception as missing:
            print(f"  left out: {missing}")
            return []
    return [Figure.of("the studio, from a choice to its picture", measured, unit="ms", at_most=100)]


def _measured(server: Server, count: int) -> list[float]:
    with pinned_to(LOAD_CORE), chromium() as browser, fresh_page(browser) as page:
        page.goto(server.url)
        page.wait_for_selector("#frame img")
        taken: list[float] = page.evaluate(_CHOOSE, count + _UNCOUNTED)
    return taken[_UNCOUNTED:]
