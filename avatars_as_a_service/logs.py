"""Logs: readable on a terminal, JSON elsewhere; one configuration for the service, uvicorn and the libraries."""

import logging
import sys
from typing import Final

import structlog

_LIBRARIES: Final = ("httpx2", "httpcore2", "openai", "sqlalchemy", "alembic", "filelock", "asyncio", "uvicorn.access")


def configure_logs() -> None:
    """Send all log lines to standard error through one handler."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    on_terminal = sys.stderr.isatty()
    # Plain tracebacks: structlog's default shows each frame's values, and so keys and descriptions.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: structlog.typing.Processor = console if on_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    exceptions: list[structlog.typing.Processor] = [] if on_terminal else [structlog.processors.format_exc_info]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *exceptions, renderer],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
