"""The folder in which the processes that share a port write their metrics."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from avatars_as_a_service.settings import WrongSetting

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The Prometheus library reads it when it is imported, so it is set before the workers start."""


@contextmanager
def metrics_folder(fallback: Path, *, shared: bool) -> Iterator[None]:
    """Provide an empty folder: the variable's own, else, if ``shared``, a temporary one for the time of the context.

    If the system's temporary folder cannot be written, the new one lies in ``fallback``. Raises ``WrongSetting`` if
    that fails too.
    """
    configured = os.environ.get(FOLDER_VARIABLE)
    if configured or not shared:
        if configured:
            _empty(Path(configured))
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


def _empty(folder: Path) -> None:
    """Remove the files of an earlier run, which would be counted again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.db"):
            file.unlink()
    except OSError as refused:
        raise WrongSetting(FOLDER_VARIABLE, f"{folder} cannot be used: {refused.strerror}") from refused


def _temporary(fallback: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="avatars-metrics-"))
    except OSError:  # a read-only file system without a /tmp of its own
        fallback.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="metrics-", dir=fallback))
