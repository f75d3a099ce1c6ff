"""Connection slots: how many connections this process uses at once, fewer while the server has no more for it."""

import threading
import time
from typing import Final

_WAIT_S: Final = 30
_TRY_MORE_S: Final = 60.0
"""How long after a refused connection another one is tried."""


class ConnectionSlots:
    """A thread takes a slot before it takes a connection, and gives it back afterwards."""

    def __init__(self, size: int) -> None:
        self._free = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._size = size
        self._given_up = 0
        self._to_drop = 0
        self._try_more_at = 0.0

    @property
    def given_up(self) -> int:
        """The number of slots that are given up."""
        return self._given_up

    def acquire(self) -> bool:
        """Take a slot. Return ``False`` if none came free in time."""
        return self._free.acquire(timeout=_WAIT_S)

    def release(self) -> None:
        """Give the slot back, unless it is given up; try one slot more if the last refusal is long ago."""
        if not self._given_up:
            self._free.release()
            return
        with self._lock:
            if self._to_drop:
                self._to_drop -= 1
                return
            if self._given_up and time.monotonic() >= self._try_more_at:
                self._given_up -= 1
                self._try_more_at = time.monotonic() + _TRY_MORE_S
                self._free.release()
        self._free.release()

    def give_up(self) -> bool:
        """Give up the slot that this thread holds; its ``release`` follows. ``False`` if it is the last one."""
        with self._lock:
            if self._size - self._given_up <= 1:
                return False
            self._given_up += 1
            self._to_drop += 1
            self._try_more_at = time.monotonic() + _TRY_MORE_S
            return True
