"""The workshop: so many workbenches, begun when there is work for them, and replaced where one breaks."""

import select
import subprocess
import sys
import threading
from typing import Final

import anyio
import anyio.to_thread
import structlog

from avatars_as_a_service.images.orders import MADE, ORDERS, Made, Order, Wanted
from avatars_as_a_service.picture import Picture

LONGEST_S: Final = 20.0
"""The largest original in the slowest format takes a second or two, on a busy machine a few more."""
_COMMAND: Final = (sys.executable, "-P", "-m", "avatars_as_a_service.images.workbench")

log = structlog.get_logger(__name__)


class CannotRender(Exception):
    """This rendition cannot be made of this picture; the message says why."""


class WorkbenchBroke(Exception):
    """Workbenches end or hang instead of answering, or cannot be started; the message says what happened last."""


class Workshop:
    """Makes renditions, at most as many at once as there are benches. Who asks for more waits."""

    def __init__(self, *, benches: int) -> None:
        self._turns = anyio.CapacityLimiter(benches)
        self._idle: list[_Bench] = []
        self._closing = threading.Event()

    async def render(self, original: Picture, wanted: Wanted) -> Picture:
        """The rendition. Raises ``CannotRender``, and ``WorkbenchBroke`` after a second try."""
        return await anyio.to_thread.run_sync(self._render, original, wanted, limiter=self._turns)

    def close(self) -> None:
        """Send all workbenches home. One that is at work ends with it."""
        self._closing.set()
        while self._idle:
            self._idle.pop().close()

    def _render(self, original: Picture, wanted: Wanted) -> Picture:
        try:
            made, data = self._made(original, wanted)
        except WorkbenchBroke:  # killed from outside, perhaps: another one has another chance
            made, data = self._made(original, wanted)
        if made.problem is not None:
            raise CannotRender(made.problem)
        return Picture.of(data, format=wanted.format, width=made.width, height=made.height)

    def _made(self, original: Picture, wanted: Wanted) -> tuple[Made, bytes]:
        bench = self._bench()
        try:
            made = bench.make(original.data, wanted)
        except (OSError, ValueError, EOFError) as broke:
            bench.kill()
            log.warning("a workbench broke", reason=f"{type(broke).__name__}: {broke}", digest=original.digest)
            raise WorkbenchBroke(str(broke)) from broke
        self._put_back(bench)
        return made

    def _bench(self) -> "_Bench":
        try:
            return self._idle.pop()
        except IndexError:
            pass  # all are at work
        try:
            return _Bench()
        except OSError as refused:
            raise WorkbenchBroke(f"no process can be started: {refused}") from refused

    def _put_back(self, bench: "_Bench") -> None:
        self._idle.append(bench)
        if self._closing.is_set():
            self.close()


class _Bench:
    """One workbench's process, asked for one thing at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module, fixed arguments
        if self._process.stdin is None or self._process.stdout is None:
            raise BrokenPipeError("a process was started without its pipes")
        self._orders, self._answers = self._process.stdin, self._process.stdout

    def make(self, original: bytes, wanted: Wanted) -> tuple[Made, bytes]:
        """What the workbench answers. Raises ``OSError`` or ``ValueError`` where it is broken."""
        self._orders.write(ORDERS.dump_json(Order(wanted, len(original))) + b"\n" + original)
        self._orders.flush()
        if not _is_readable(self._answers.fileno(), LONGEST_S):
            raise TimeoutError(f"there was no answer within {LONGEST_S} s")
        made = MADE.validate_json(self._answers.readline())
        data = self._answers.read(made.length)
        if len(data) != made.length:
            raise EOFError("it ended in the middle of its answer")
        return made, data

    def close(self) -> None:
        """Tell it that there is no more work, and wait for its end."""
        self._orders.close()
        self._process.wait()
        self._answers.close()

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self._process.kill()
        self._process.communicate()


def _is_readable(descriptor: int, seconds: float) -> bool:
    events = select.poll()  # not select.select: it takes no descriptor from 1,024 on
    events.register(descriptor, select.POLLIN)
    return bool(events.poll(seconds * 1000))
