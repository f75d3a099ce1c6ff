"""Shutdown: at the first signal, drawings finish while hits are still answered; then the server stops.

A worker whose supervisor has died stops listening at once; only calls that have been sent finish.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import structlog

from avatars_as_a_service.concurrency.bounded_queue import BoundedQueue
from avatars_as_a_service.concurrency.single_flight import SingleFlight
from avatars_as_a_service.domain.query import Answer

_Handler = Callable[[int, FrameType | None], Any] | int | None
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


class Shutdown:
    """Ends a process's work in order. ``queue`` is the one in front of the provider."""

    def __init__(self, *, drawings: SingleFlight[Answer], queue: BoundedQueue) -> None:
        self._drawings = drawings
        self._queue = queue
        self._server_handlers: dict[int, _Handler] = {}
        """The server's own signal handlers, while it serves."""
        self._drains: list[asyncio.Task[None]] = []
        self._has_served = self._is_orphan = False

    @contextmanager
    def at_signals(self) -> Iterator[None]:
        """Pass signals on to the server's own handlers only when all drawings have finished.

        A second signal goes through at once. Outside the main thread, where no signal arrives, nothing changes.
        """
        self._has_served = True
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        self._server_handlers = {number: signal.getsignal(number) for number in _SIGNALS}

        def on_signal(number: int, frame: FrameType | None) -> None:
            if self._drains:
                self._pass_on(number, frame)
            else:
                loop.call_soon_threadsafe(lambda: self._drains.append(asyncio.create_task(self._drain(number))))

        for number in _SIGNALS:
            signal.signal(number, on_signal)
        try:
            yield
        finally:
            handlers, self._server_handlers = self._server_handlers, {}
            for signal_number, handler in handlers.items():
                signal.signal(signal_number, handler)

    def as_orphan(self) -> None:
        """Close the server's sockets now, send no more calls, and end when those already sent are stored.

        A process that has not served yet is killed: it has nothing to finish, and a start may take long.
        """
        if not self._has_served:
            os.kill(os.getpid(), signal.SIGKILL)
        log.warning("the supervisor has died: calls under way finish, no other is sent")
        self._is_orphan = True
        self._drawings.close()
        self._queue.close()
        self._pass_on(signal.SIGTERM, None)

    async def _drain(self, number: int) -> None:
        log.info("stopping: drawings finish first")
        await self._drawings.drain()
        if not self._is_orphan:  # else the server has the signal already, and would take it for a second Ctrl-C
            self._pass_on(number, None)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        handler = self._server_handlers.get(number)
        if callable(handler):
            handler(number, frame)
