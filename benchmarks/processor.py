"""Processors: which core runs what, and what a process has used of them and of memory."""

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
"""The same one where there is no other."""


@contextmanager
def pinned_to(core: int) -> Iterator[None]:
    """What is started inside runs on that core, with all its threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processor_seconds(pid: int) -> float:
    """What that process has computed so far, in its own code and in the kernel for it, over all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """How much of that process is in memory, in millions of bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
