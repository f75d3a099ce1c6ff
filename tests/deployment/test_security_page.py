"""SECURITY.md names no test that does not exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "SECURITY.md").read_text())


def test_it_names_tests() -> None:
    assert len(NAMED) > 25


@pytest.mark.parametrize(("file", "test"), sorted(set(NAMED)))
def test_every_test_that_it_names_exists(file: str, test: str) -> None:
    source = (ROOT / file).read_text()

    assert re.search(rf"^def {test}\(" if test else r"^def test_", source, re.MULTILINE)


def test_no_line_is_without_its_proof() -> None:
    lines = [line for line in (ROOT / "SECURITY.md").read_text().splitlines() if line.startswith("| ")]
    rows = [line for line in lines if not line.startswith(("| who", "|---"))]

    assert not [row for row in rows if "`tests/" not in row and not row.rstrip(" |").endswith("the same")]
