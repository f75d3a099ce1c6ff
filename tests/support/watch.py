"""Watches a page in a real browser: what it complains of, whom it asks, how far things jump."""

from dataclasses import dataclass, field
from typing import Any, Final, Self

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no annotations
from playwright.sync_api import ConsoleMessage, Page, Request

_SHIFTS: Final = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
window.violations = [];
addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


_MOST_SHIFT: Final = 0.05


@dataclass
class Watch:
    """What a page did that no page of ours may do."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, page: Page, home: str) -> Self:
        """From now on."""
        watch = cls(page, home)
        page.add_init_script(_SHIFTS)
        page.on("console", watch._hear)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        page.on("request", watch._see)
        return watch

    def faults(self, *expected: int) -> list[str]:
        """What it complained of but for these statuses, whom else it asked, what policy it broke, how far it moved."""
        excused = tuple(f"status of {status}" for status in expected)
        heard = [said for said in self.complaints if not any(each in said for each in excused)]
        moved = self.page.evaluate("window.shifted")
        jumps = [f"layout shift {moved:.3f}"] if moved >= _MOST_SHIFT else []
        broken: list[str] = self.page.evaluate("window.violations")
        return heard + self.elsewhere + broken + jumps

    def barriers(self) -> list[str]:
        """What axe-core finds on the page as it is now: the rules that are broken, and where."""
        found: dict[str, Any] = Axe().run(self.page).response
        return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.home, "blob:", "data:")):
            self.elsewhere.append(request.url)
