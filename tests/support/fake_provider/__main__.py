"""Runs a provider as a process of its own: ``python -m tests.support.fake_provider``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING

from tests.support.fake_provider import LoopbackProvider, Mode

if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    """Run a provider until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.fake_provider", description="An image provider on loopback."
    )
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free port")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each image answer")
    parser.add_argument("--mode", type=Mode, choices=list(Mode), default=Mode.OK)
    parser.add_argument("--key", help="the API key to insist on (default: any)")
    options = parser.parse_args()
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with LoopbackProvider(port=options.port, mode=options.mode, delay=options.delay, key=options.key) as provider:
        sys.stdout.write(f"{provider.base_url}\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
