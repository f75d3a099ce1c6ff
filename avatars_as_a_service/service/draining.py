"""Draining: at the first signal to stop, drawings finish while hits are still answered; then the server stops."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import structlog

from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.service.flights import Flights

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


@contextmanager
def draining_signals(flights: Flights[Answer]) -> Iterator[None]:
    """Put ourselves between the signals and the server's own handlers, which get them once all flights have landed.

    A second signal goes through at once. Outside the main thread, where no signal arrives, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in _SIGNALS}
    drains: list[asyncio.Task[None]] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        server = servers[signal.Signals(number)]
        if callable(server):
            server(number, frame)

    async def drain(number: int) -> None:
        log.info("stopping: drawings finish first")
        await flights.drain()
        pass_on(number, None)

    def arrived(number: int, frame: FrameType | None) -> None:
        if drains:
            pass_on(number, frame)
        else:
            loop.call_soon_threadsafe(lambda: drains.append(asyncio.create_task(drain(number))))

    for number in _SIGNALS:
        signal.signal(number, arrived)
    try:
        yield
    finally:
        for number, server in servers.items():
            signal.signal(number, server)
