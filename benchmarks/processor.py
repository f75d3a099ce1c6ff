"""Processors: pins processes to cores, and reads a process's processor time and memory."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_ALL: Final = sorted(os.sched_getaffinity(0))

SERVERS_CORE: Final = _ALL[0]
LOAD_CORE: Final = _ALL[-1]
"""The same core on a machine with one."""


@contextmanager
def pinned_to(core: int) -> Iterator[None]:
    """Run processes that are started within the context, and all their threads, on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processor_seconds(pid: int) -> float:
    """Return the processor time of all threads of this process so far, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """Return the resident memory of this process, in millions of bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
