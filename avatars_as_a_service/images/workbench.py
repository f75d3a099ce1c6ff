"""A workbench: a process that makes renditions, one after the other, for as long as its standard input is open.

``python -m avatars_as_a_service.images.workbench``. In a process of its own, whatever a decoder does with a strange
picture, it takes neither the service's memory nor its time: drawing an SVG alone would hold the interpreter's lock for
a quarter of a second.

An order is a line of JSON (what is wanted, and how many bytes the original has), then the original. The answer is a
line of JSON (format, width, height and bytes, or why it cannot be made), then the rendition.
"""

import os
import signal
import sys
from typing import BinaryIO, Final

from avatars_as_a_service.images.orders import MADE, ORDERS, Made, Wanted
from avatars_as_a_service.images.rendering import render

_NICE: Final = 3
"""Answering goes before drawing."""


def work(orders: BinaryIO, answers: BinaryIO) -> None:
    """Answer one order after the other until there are no more."""
    while line := orders.readline():
        order = ORDERS.validate_json(line)
        made, data = _answer(orders.read(order.length), order.wanted)
        answers.write(MADE.dump_json(made) + b"\n" + data)
        answers.flush()


def _answer(original: bytes, wanted: Wanted) -> tuple[Made, bytes]:
    try:
        picture = render(original, wanted)
    except (OSError, SyntaxError, ValueError, MemoryError) as wrong:
        return Made(problem=f"{type(wrong).__name__}: {wrong}"), b""
    return Made(picture.width, picture.height, len(picture.data)), picture.data


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service decides when to end
    os.nice(_NICE)
    work(sys.stdin.buffer, sys.stdout.buffer)
