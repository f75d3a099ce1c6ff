"""The render pool: render workers, each started when a job needs it and replaced when it fails."""

import select
import subprocess
import sys
import threading
from typing import Final

import anyio
import anyio.to_thread
import structlog

from avatars_as_a_service.domain.picture import Picture
from avatars_as_a_service.imaging.render_job import (
    JOB_JSON,
    MAX_RENDER_S,
    RESULT_JSON,
    RenderJob,
    RenderRequest,
    RenderResult,
)

_COMMAND: Final = (sys.executable, "-P", "-m", "avatars_as_a_service.imaging.render_worker")

log = structlog.get_logger(__name__)


class CannotRender(Exception):
    """This picture has no such rendition; the message gives the reason."""


class RenderWorkerFailed(Exception):
    """A render worker ended, hung or could not be started, twice; the message gives the last reason."""


class RenderPool:
    """Makes renditions in at most ``workers`` processes at once; further requests wait."""

    def __init__(self, *, workers: int) -> None:
        self._limiter = anyio.CapacityLimiter(workers)
        self._idle: list[_RenderWorker] = []
        self._closing = threading.Event()

    async def render(self, original: Picture, request: RenderRequest) -> Picture:
        """Make the rendition. Raises ``CannotRender``, and ``RenderWorkerFailed`` after a second try."""
        return await anyio.to_thread.run_sync(self._render, original, request, limiter=self._limiter)

    def close(self) -> None:
        """Stop all idle workers; a busy one stops after its job."""
        self._closing.set()
        while self._idle:
            self._idle.pop().close()

    def _render(self, original: Picture, request: RenderRequest) -> Picture:
        try:
            result, data = self._render_with(self._idle_worker() or _start_worker(), original, request)
        except RenderWorkerFailed:  # it may have been killed from outside, so a new one tries again
            result, data = self._render_with(_start_worker(), original, request)
        if result.problem is not None:
            raise CannotRender(result.problem)
        return Picture.of(data, format=request.format, width=result.width, height=result.height)

    def _render_with(
        self, worker: "_RenderWorker", original: Picture, request: RenderRequest
    ) -> tuple[RenderResult, bytes]:
        try:
            rendered = worker.render(original.data, request)
        except (OSError, ValueError, EOFError) as failed:
            worker.kill()
            log.warning("a render worker failed", reason=f"{type(failed).__name__}: {failed}", digest=original.digest)
            raise RenderWorkerFailed(str(failed)) from failed
        self._put_back(worker)
        return rendered

    def _idle_worker(self) -> "_RenderWorker | None":
        """Take an idle worker. One that was killed while idle is dropped and costs the request no try."""
        while True:
            try:
                worker = self._idle.pop()
            except IndexError:  # all are busy
                return None
            if worker.is_alive:
                return worker
            log.warning("a render worker was killed while it was idle")
            worker.kill()

    def _put_back(self, worker: "_RenderWorker") -> None:
        self._idle.append(worker)
        if self._closing.is_set():
            self.close()


def _start_worker() -> "_RenderWorker":
    try:
        return _RenderWorker()
    except OSError as refused:
        raise RenderWorkerFailed(f"no process can be started: {refused}") from refused


class _RenderWorker:
    """The process of one render worker; it runs one job at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module, fixed arguments
        if self._process.stdin is None or self._process.stdout is None:
            raise BrokenPipeError("the process was started without its pipes")
        self._jobs, self._results = self._process.stdin, self._process.stdout

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def render(self, original: bytes, request: RenderRequest) -> tuple[RenderResult, bytes]:
        """Run one job. Raises ``OSError``, ``ValueError`` or ``EOFError`` if the worker fails."""
        self._jobs.write(JOB_JSON.dump_json(RenderJob(request, len(original))) + b"\n" + original)
        self._jobs.flush()
        if not _is_readable(self._results.fileno(), MAX_RENDER_S):
            raise TimeoutError(f"no result within {MAX_RENDER_S} s")
        result = RESULT_JSON.validate_json(self._results.readline())
        data = self._results.read(result.length)
        if len(data) != result.length:
            raise EOFError("the worker ended in the middle of its result")
        return result, data

    def close(self) -> None:
        """Close the worker's input, which ends it, and wait for its end."""
        self._jobs.close()
        self._process.wait()
        self._results.close()

    def kill(self) -> None:
        """Kill the process and reap it; it may have ended before."""
        self._process.kill()
        self._process.communicate()


def _is_readable(descriptor: int, seconds: float) -> bool:
    events = select.poll()  # not select.select, which takes no descriptor above 1,023
    events.register(descriptor, select.POLLIN)
    return bool(events.poll(seconds * 1000))
