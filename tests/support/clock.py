"""Time on a busy machine: limits that grow with what keeps the machine from working."""

import os
import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 120
"""How long a test waits for what has no promised time."""
_SAMPLE_S: Final = 0.02


def slowness() -> float:
    """How many times longer work takes now than on an idle machine, at least 1.

    The larger of two measures: how long a piece of work takes over its CPU time, and the load of the last minute for
    each core.
    """
    began, began_cpu = time.perf_counter(), time.thread_time()
    while time.thread_time() - began_cpu < _SAMPLE_S:
        pass
    waited = (time.perf_counter() - began) / _SAMPLE_S
    return max(1.0, waited, os.getloadavg()[0] / (os.cpu_count() or 1))


def stretched(seconds: float) -> float:
    """The time that may pass now for what takes so many seconds on an idle machine."""
    return seconds * slowness()


def wait_until(condition: Callable[[], bool], seconds: float | None = None) -> None:
    """Wait until the condition holds.

    Fails after two minutes. With ``seconds``, a time that the service promises, it fails once an idle machine would
    have had that long.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > (PATIENCE_S if seconds is None else seconds):
            assert seconds is not None, f"it did not happen within {PATIENCE_S} s"
            assert waited < stretched(seconds), f"it did not happen within {seconds} s of an idle machine"
        time.sleep(0.02)
