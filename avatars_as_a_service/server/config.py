"""Uvicorn's configuration, with its limits on slow clients and on connections."""

import math
import resource
from collections.abc import Callable
from typing import Final

import structlog
from starlette.types import ASGIApp

from avatars_as_a_service.server.protocol import GuardedConfig
from avatars_as_a_service.settings import Settings

_WORKER_HANGS_S: Final = 30
"""The supervisor kills a worker that is silent for so long; a start on a busy machine may take most of it."""
_STORING_S: Final = 15
"""Time beyond the provider's timeout, for storing pictures and sending answers."""
_OTHER_DESCRIPTORS: Final = 256
"""File descriptors that serve no client: databases, providers, files. Where there are few, half of them."""

log = structlog.get_logger(__name__)


def server_config(
    settings: Settings, app: ASGIApp | Callable[[], ASGIApp] | str, *, factory: bool = False
) -> GuardedConfig:
    """Uvicorn's configuration for the application, or for the factory that builds it.

    A client's IP address comes from the connection alone: the application decides which proxies it trusts.
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
        timeout_graceful_shutdown=math.ceil(settings.provider_timeout_s) + _STORING_S,
        timeout_worker_healthcheck=_WORKER_HANGS_S,
        request_s=settings.request_timeout_s,
        max_connections=_limited_by_system(settings.max_connections),
    )


def _limited_by_system(max_connections: int) -> int:
    """That many, or as many as the system allows a process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max_connections + _OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return max_connections
    allowed = max(1, soft - min(_OTHER_DESCRIPTORS, soft // 2))
    if allowed < max_connections:
        log.warning(
            "THE SYSTEM ALLOWS THIS PROCESS FEW OPEN FILES, so it takes fewer connections than "
            "AVATARS_MAX_CONNECTIONS says; raise the limit (ulimit -n)",
            open_files=soft,
            connections=allowed,
            wanted=max_connections,
        )
    return min(max_connections, allowed)
