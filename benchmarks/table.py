"""The table: all measurements of a run, for a terminal and for the README."""

import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Final

from benchmarks.measurement import Measurement

Results = Mapping[str, Sequence[Measurement]]

_TITLES: Final = ("", "measured", "lowest to highest", "bar", "", "")
_MARKS: Final = re.compile(r"(<!-- results -->\n).*?(<!-- end of results -->)", re.DOTALL)


def as_text(results: Results) -> str:
    """Write the table for a terminal."""
    rows = [_TITLES, *(row for part, measurements in results.items() for row in _rows(part, measurements))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES) - 1)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in rows]
    return "\n".join([*lines, "", conditions()])


def write_into(readme: Path, results: Results) -> None:
    """Replace the table between the README's marks."""
    head = "| part | what | measured | lowest to highest | bar | |", "|---|---|---|---|---|---|"
    lines = [
        f"| `{part}` | {f.name} | {f.shown} | {f.spread} | {f.bar} {f.verdict} | {f.note} |"
        for part, measurements in results.items()
        for f in measurements
    ]
    table = "\n".join([conditions(), "", *head, *lines, ""])
    readme.write_text(_MARKS.sub(lambda marks: f"{marks[1]}{table}{marks[2]}", readme.read_text()))


def conditions() -> str:
    """Describe the machine and the versions of the run."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "fastapi", "sqlalchemy"))
    when = datetime.now(tz=UTC).date().isoformat()
    return f"{when}, Python {platform.python_version()}, {libraries}, {cpu_count()} processor cores."


def _rows(part: str, measurements: Sequence[Measurement]) -> list[tuple[str, ...]]:
    body = [(f"  {f.name}", f.shown, f.spread, f.bar, f.verdict, f.note) for f in measurements]
    return [(part, "", "", "", "", ""), *body]
