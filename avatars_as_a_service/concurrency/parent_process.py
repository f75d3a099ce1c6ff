"""The parent process: for a worker, the supervisor that started it.

Uvicorn starts its workers with ``multiprocessing``, which gives each worker a pipe that closes when the parent dies.
The pipe shows a death that happened before anyone watched, and a reused process id cannot deceive it.
"""

import asyncio
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_is_watched: Final = threading.Event()
"""Set once ``watched_parent`` handles the parent's death."""


def end_with_parent() -> None:
    """Kill this process as soon as its parent dies, until ``watched_parent`` handles that death."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


@contextmanager
def watched_parent(on_death: Callable[[], None]) -> Iterator[None]:
    """Call ``on_death`` once, in the event loop, when the parent process dies; never in a process without a parent."""
    parent = multiprocessing.parent_process()
    if parent is None:
        yield
        return
    loop, pipe = asyncio.get_running_loop(), parent.sentinel

    def died() -> None:
        loop.remove_reader(pipe)
        on_death()

    loop.add_reader(pipe, died)
    _is_watched.set()
    try:
        yield
    finally:
        loop.remove_reader(pipe)


def _end_with(pipe: int) -> None:
    multiprocessing.connection.wait([pipe])
    if not _is_watched.is_set():
        os.kill(os.getpid(), signal.SIGKILL)
