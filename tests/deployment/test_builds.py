"""What builds install: every package is held against a hash that is committed here."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from packaging.specifiers import SpecifierSet

ROOT: Final = Path(__file__).parents[2]
FILES: Final = [
    *(ROOT / name for name in ("Makefile", "Dockerfile", "development.Dockerfile", "docker-compose.yml")),
    *sorted((ROOT / ".ci").iterdir()),
]
REQUIREMENTS: Final = sorted((ROOT / "requirements").glob("*.txt"))
INSTALLS: Final = re.compile(
    r"(?:\b(?:pip[\d.]*|uvx?|pipx|poetry|npm|npx|easy_install|cargo|gem|go)(?=\s)|\$\((?:PIP|POETRY)\))[^&|;]*"
)
"""From a name that can install something to the end of its command."""
FETCHES: Final = re.compile(
    r"\s(?:install|sync|download|add|ci|run|tool)\b|^pip[\d.]* wheel\b|^(?:npx|uvx|easy_install)\b"
)
CHECKED: Final = (
    re.compile(r"--require-hashes\b.*(?:--requirement|-r)\b"),
    re.compile(r"^npm ci "),  # each package is checked against its hash in package-lock.json
    re.compile(r"--no-index\b.*--no-deps\b"),  # a file that an earlier step has built
    re.compile(r"--no-deps\b.*--no-build-isolation\b"),  # this project itself: nothing is fetched
)


def commands(text: str) -> Iterator[str]:
    """Each command of the text that may fetch a package, on one line, without comments."""
    whole = re.sub(r"\\\n", " ", re.sub(r"^\s*@?#.*\n", "", text, flags=re.MULTILINE))
    for line in whole.splitlines():
        if "apt-get" in line and "pip" not in line:
            continue  # Debian signs its lists of hashes
        for found in INSTALLS.findall(line):
            if FETCHES.search(found):
                yield found


def unchecked(text: str) -> list[str]:
    return [command for command in commands(text) if not any(rule.search(command) for rule in CHECKED)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_build_installs_a_package_without_a_hash(file: Path) -> None:
    assert unchecked(file.read_text()) == []


def test_the_builds_that_install_are_seen() -> None:
    seen = {file.name: len(list(commands(file.read_text()))) for file in FILES}

    assert seen["Makefile"] >= 3
    assert seen["Dockerfile"] >= 3
    assert seen["development.Dockerfile"] >= 2


@pytest.mark.parametrize(
    "line",
    [
        "RUN pip install poetry",
        "RUN python3 -m pip install --quiet \\\n    poetry==2.5.1",
        "\t@$(PIP) install pip==26.3",
        "\t@$(PIP) --python .venv/bin/python install --no-deps --editable .",
        "\t$(POETRY) install",
        "RUN apt-get update && pip3.13 install build",
        "RUN pip install --require-hashes build",
        "RUN pip install --no-deps -r list.txt && true",
        "uv pip install --requirement list.txt",
        "uv tool run ruff",
        "npx prettier",
        "pip download wheel",
    ],
)
def test_an_install_without_a_hash_is_seen(line: str) -> None:
    assert len(unchecked(line)) == 1


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.stem)
def test_every_requirement_is_pinned_with_its_hashes(file: Path) -> None:
    requirements = file.read_text().replace("\\\n", " ").strip().splitlines()

    assert requirements
    for line in requirements:
        assert re.fullmatch(
            r"[A-Za-z0-9._-]+(\[\w,]+)?==[\w.]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+", line.strip()
        ), line
    assert "://" not in file.read_text()


def test_the_set_up_has_what_builds_this_project() -> None:
    """Else pip and uv would get the one package that builds it from the index, without a hash."""
    (needed,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    pinned = re.findall(r"^poetry-core==(\S+)", (ROOT / "requirements/setup.txt").read_text(), re.MULTILINE)

    name, versions = needed.split(maxsplit=1)
    assert name == "poetry-core"
    assert SpecifierSet(versions.strip("()")).contains(*pinned)


def test_every_package_of_the_lock_has_its_hashes() -> None:
    packages = tomllib.loads((ROOT / "poetry.lock").read_text())["package"]

    assert len(packages) > 100
    for package in packages:
        assert package["files"], package["name"]
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", file["hash"]) for file in package["files"]), package["name"]
        assert "source" not in package, package["name"]
