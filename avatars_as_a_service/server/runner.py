"""Runs the application: in this process, or in workers under a supervisor."""

import signal
import sys

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from avatars_as_a_service.server.listeners import Listeners
from avatars_as_a_service.server.protocol import GuardedConfig
from avatars_as_a_service.server.supervisor import Supervisor


class StartFailed(Exception):
    """The application did not start."""

    def __init__(self) -> None:
        super().__init__("the application could not start; its log says why")


def run(config: GuardedConfig, listeners: Listeners) -> None:
    """Serve until a signal ends it. Raises ``StartFailed``."""
    if config.workers == 1:
        _run_here(config, listeners)
        return
    supervisor = Supervisor(config, listeners.sockets)
    supervisor.run()
    if supervisor.has_failed:
        raise StartFailed


def _run_here(config: GuardedConfig, listeners: Listeners) -> None:
    # When all is done, uvicorn raises again the signal that stopped it: a stop by signal is a success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.Server(config).run(listeners.sockets)
    except SystemExit as ended:
        if ended.code == STARTUP_FAILURE:
            raise StartFailed from ended
        raise
