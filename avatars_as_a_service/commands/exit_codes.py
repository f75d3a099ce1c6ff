"""Ends a command that failed: one line on standard error, and an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from avatars_as_a_service.errors import AvatarsError, DatabaseUnavailable
from avatars_as_a_service.server.listeners import PortBusy
from avatars_as_a_service.server.runner import StartFailed
from avatars_as_a_service.settings import WrongSetting, variable
from avatars_as_a_service.storage.version import MayNotMigrate

WRONG_SETTING: Final = 2
FAILED: Final = 1


@contextmanager
def explained() -> Iterator[None]:
    """Turn a known failure into that line and code."""
    try:
        yield
    except WrongSetting as invalid:
        leave(str(invalid), WRONG_SETTING)
    except (PortBusy, StartFailed) as failure:
        leave(str(failure), FAILED)
    except DatabaseUnavailable as failure:
        leave(f"{variable('db_string')}: the database cannot be used: {failure.reason}", FAILED)
    except MayNotMigrate as refused:
        leave(str(refused), FAILED)
    except AvatarsError as failure:
        leave(failure.detail, FAILED)


def leave(line: str, code: int) -> NoReturn:
    """Print the line and exit with this code."""
    print(f"avatars: {line}", file=sys.stderr)  # noqa: T201 - a command speaks to its user
    raise SystemExit(code)
