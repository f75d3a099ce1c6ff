"""A program of others as a process: started, waited for until it is up, and stopped."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from tests.support.clock import wait_until

_STOP_S: Final = 5


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    is_up: Callable[[], bool],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run it with these variables beside those of this process. Fails with its output if it ends before it is up."""
    variables = os.environ | (environment or {})
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: process.poll() is not None or is_up())
        assert process.poll() is None, log.read_text()
        yield
    finally:
        _stop(process)


def answers(url: str) -> bool:
    """Whether a server answers this URL with success, whatever its certificate."""
    try:
        return httpx.get(url, timeout=5, verify=False).is_success  # noqa: S501 - only whether it is up
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # first: nginx stops its workers then
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
