"""The Markdown pages of the project, taken apart: fenced blocks, code spans, links and the anchors of headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
MANUAL: Final = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
"""What a user reads."""
PAGES: Final = [*MANUAL, *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"))]
_FENCED: Final = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK: Final = re.compile(r"\]\(\s*([^)\s]+)\s*\)|<(https?://[^>\s]+)>")
_HEADING: Final = re.compile(r"^#{1,6} +(.+?)(?: +#+)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it begins, the word after its fence, and its text."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Its place and language, as a test's name."""
        return f"{self.page.name}:{self.line} {self.language or 'no language'}"


def blocks(page: Path) -> Iterator[Block]:
    """The page's fenced blocks, in order."""
    text = page.read_text()
    for found in _FENCED.finditer(text):
        yield Block(page, text.count("\n", 0, found.start()) + 1, found[2].strip(), found[3])


def spans(page: Path) -> Iterator[str]:
    """What stands between backticks in the page's prose, on one line."""
    return (re.sub(r"\s+", " ", found[2]).strip() for found in _SPAN.finditer(_prose(page)))


def links(page: Path) -> Iterator[str]:
    """Where the page's links and pictures lead."""
    return (found[1] or found[2] for found in _LINK.finditer(_SPAN.sub("", _prose(page))))


def anchors(page: Path) -> set[str]:
    """The anchors of the page's headings, as MkDocs and GitHub name them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(_prose(page))}


def _prose(page: Path) -> str:
    return _FENCED.sub("", page.read_text())
