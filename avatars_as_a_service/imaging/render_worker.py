"""A render worker: a process that makes renditions, one after the other, while its standard input is open.

``python -m avatars_as_a_service.imaging.render_worker`` starts one. A separate process keeps a decoder's memory and
time away from the service: drawing one SVG in the service would hold the interpreter's lock for a quarter of a second.

A job is a line of JSON (``RenderJob``), then the original. A result is a line of JSON (``RenderResult``), then the
rendition.

The worker ends silently with the process that started it: at once between two jobs, else after the current rendition
or after ``MAX_RENDER_S``.
"""

import os
import signal
import sys
from typing import BinaryIO, Final

from avatars_as_a_service.imaging.render_job import JOB_JSON, MAX_RENDER_S, RESULT_JSON, RenderRequest, RenderResult
from avatars_as_a_service.imaging.rendering import render

_NICE: Final = 3
"""Answering requests goes before rendering."""


def work(jobs: BinaryIO, results: BinaryIO) -> None:
    """Run one job after the other until ``jobs`` ends."""
    while (line := jobs.readline()).endswith(b"\n"):
        job = JOB_JSON.validate_json(line)
        original = jobs.read(job.length)
        if len(original) != job.length:
            return
        signal.alarm(MAX_RENDER_S)  # ends this process if its decoder hangs and the service is gone
        result, data = _run(original, job.request)
        signal.alarm(0)
        results.write(RESULT_JSON.dump_json(result) + b"\n" + data)
        results.flush()


def _run(original: bytes, request: RenderRequest) -> tuple[RenderResult, bytes]:
    try:
        picture = render(original, request)
    except (OSError, SyntaxError, ValueError, MemoryError) as wrong:
        return RenderResult(problem=f"{type(wrong).__name__}: {wrong}"), b""
    return RenderResult(picture.width, picture.height, len(picture.data)), picture.data


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service decides when to end
    os.nice(_NICE)
    try:
        work(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python's own last flush would fail loudly
