"""How a command ends: with one line that says what is wrong, and the exit code for it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from avatars_as_a_service.errors import AvatarsError, DatabaseUnavailable
from avatars_as_a_service.settings import WrongSetting, variable
from avatars_as_a_service.storage.version import MayNotMigrate

WRONG_SETTING: Final = 2
FAILED: Final = 1


@contextmanager
def explained() -> Iterator[None]:
    """Turn what goes wrong into that line and code."""
    try:
        yield
    except WrongSetting as wrong:
        leave(str(wrong), WRONG_SETTING)
    except DatabaseUnavailable as away:
        leave(f"{variable('db_string')}: the database cannot be used: {away.reason}", FAILED)
    except MayNotMigrate as refused:
        leave(str(refused), FAILED)
    except AvatarsError as failed:
        leave(failed.detail, FAILED)


def leave(words: str, code: int) -> None:
    """Say it to the user and end."""
    print(f"avatars: {words}", file=sys.stderr)  # noqa: T201 - a command speaks to its user
    raise SystemExit(code)
