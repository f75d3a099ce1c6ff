"""The table: all figures of a run, for a terminal and for the README."""

import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure

Results = Mapping[str, Sequence[Figure]]

_TITLES: Final = ("", "measured", "lowest to highest", "bar", "", "")
_MARKS: Final = re.compile(r"(<!-- results -->\n).*?(<!-- end of results -->)", re.DOTALL)


def as_text(results: Results) -> str:
    """Columns for a terminal."""
    rows = [_TITLES, *(row for part, figures in results.items() for row in _rows(part, figures))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES) - 1)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in rows]
    return "\n".join([*lines, "", conditions()])


def write_into(readme: Path, results: Results) -> None:
    """Put the table between the README's marks."""
    head = "| part | what | measured | lowest to highest | bar | |", "|---|---|---|---|---|---|"
    lines = [
        f"| `{part}` | {f.name} | {f.shown} | {f.spread} | {f.bar} {f.verdict} | {f.note} |"
        for part, figures in results.items()
        for f in figures
    ]
    table = "\n".join([conditions(), "", *head, *lines, ""])
    readme.write_text(_MARKS.sub(lambda marks: f"{marks[1]}{table}{marks[2]}", readme.read_text()))


def conditions() -> str:
    """What it was measured on."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "fastapi", "sqlalchemy"))
    when = datetime.now(tz=UTC).date().isoformat()
    return f"{when}, Python {platform.python_version()}, {libraries}, {cpu_count()} processor cores."


def _rows(part: str, figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    body = [(f"  {f.name}", f.shown, f.spread, f.bar, f.verdict, f.note) for f in figures]
    return [(part, "", "", "", "", ""), *body]
