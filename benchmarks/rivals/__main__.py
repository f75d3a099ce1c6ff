"""Runs one: ``python -m benchmarks.rivals floor 8001 reply.json``."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from benchmarks.rivals.floor import floor
from benchmarks.rivals.model import model
from benchmarks.rivals.plain import plain
from benchmarks.rivals.published import published

_APPS: Final[dict[str, Callable[..., ASGIApp]]] = {
    "floor": floor,
    "plain": plain,
    "published": published,
    "model": model,
}

if __name__ == "__main__":
    _, name, port, *arguments = sys.argv
    app = _APPS[name](*map(Path, arguments))
    uvicorn.run(
        app, port=int(port), log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none"
    )
