"""Runs a baseline: ``python -m benchmarks.baselines floor 8001 reply.json``."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from benchmarks.baselines.floor import floor
from benchmarks.baselines.model import model
from benchmarks.baselines.plain import plain
from benchmarks.baselines.published import published

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
