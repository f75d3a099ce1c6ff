"""How the application is served: uvicorn, and what protects it from slow clients and floods."""

import math
import resource
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp

from avatars_as_a_service.settings import Settings
from avatars_as_a_service.web.protocol import GuardedConfig

_WORKER_SILENCE_S: Final = 30
"""A worker that has said nothing for so long hangs, and is killed; one that starts on a busy machine is only slow.

As long it may take to replace one that is killed while it is asked for a sign of life: uvicorn waits for it.
"""
_LAST_WORDS_S: Final = 15
"""Beyond the provider's timeout, for pictures to be kept and answers to be sent."""
_OTHER_FILES: Final = 256
"""Descriptors that are no client's: databases, providers, files."""


def serving(settings: Settings, app: ASGIApp | Callable[[], ASGIApp] | str, *, factory: bool = False) -> GuardedConfig:
    """Uvicorn's configuration for the application, or for what makes it.

    Addresses of clients come from the connection alone: what proxies say is for the application to believe or not.
    """
    return GuardedConfig(
        app,
        factory=factory,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=math.ceil(settings.provider_timeout_s) + _LAST_WORDS_S,
        timeout_worker_healthcheck=_WORKER_SILENCE_S,
        request_s=settings.request_timeout_s,
        most_connections=_within_reach(settings.max_connections),
    )


def _within_reach(connections: int) -> int:
    """As many as wanted, or as the system lets a process have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - _OTHER_FILES))
