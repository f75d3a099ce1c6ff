"""The programs of others that `make test-clients` installs, and those of the machine."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

import pytest

from tests.support.databases import REQUIRED

_MODULES: Final = Path(__file__).parent / "node_modules"
_ENVIRONMENTS: Final = Path(__file__).parents[2] / ".venv"


def tool(environment: str, name: str) -> Path:
    """The program of that name, from requirements/ENVIRONMENT.txt; its test is skipped, or fails, without it."""
    path = _ENVIRONMENTS / f".{environment}" / "bin" / name
    if not path.exists():
        missing(name)
    return path


def node_modules() -> Path:
    """The folder of the packages of npm."""
    if not _MODULES.exists():
        missing("node_modules of tests/clients")
    return _MODULES


def run(command: Sequence[str | Path], folder: Path | None = None) -> str:
    """What the command prints."""
    if shutil.which(command[0]) is None:
        missing(str(command[0]))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def missing(what: str) -> NoReturn:
    """Skip the test, or have it fail where all must be there."""
    (pytest.fail if REQUIRED else pytest.skip)(f"{what} is missing: make test-clients installs what others publish")
