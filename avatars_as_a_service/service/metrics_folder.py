"""The folder in which the processes that share a port keep what Prometheus is told."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from avatars_as_a_service.settings import WrongSetting

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Read by the Prometheus library when it is imported, so set before the workers start."""


@contextmanager
def metrics_folder(fallback: Path, *, shared: bool) -> Iterator[None]:
    """An empty folder for the processes started within: the variable's own, else, if ``shared``, a temporary one.

    Where nothing temporary can be written, it is made in ``fallback``. Raises ``WrongSetting`` where that fails too.
    """
    said = os.environ.get(FOLDER_VARIABLE)
    if said or not shared:
        _empty(said)
        yield
        return
    try:
        folder = _temporary(fallback)
    except OSError as refused:
        raise WrongSetting(FOLDER_VARIABLE, f"no folder can be made for metrics: {refused.strerror}") from refused
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[FOLDER_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


def _empty(said: str | None) -> None:
    """What an earlier run has left would be counted again."""
    if not said:
        return
    try:
        Path(said).mkdir(parents=True, exist_ok=True)
        for left in Path(said).glob("*.db"):
            left.unlink()
    except OSError as refused:
        raise WrongSetting(FOLDER_VARIABLE, f"{said} cannot be used: {refused.strerror}") from refused


def _temporary(fallback: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="avatars-metrics-"))
    except OSError:  # a read-only file system without a /tmp of its own
        fallback.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="metrics-", dir=fallback))
