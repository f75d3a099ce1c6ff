"""The SQLite file at its path: notices when another file, or none, has taken the place of the open one."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from avatars_as_a_service.errors import DatabaseUnavailable

Identity = tuple[int, int]
"""A file's device and inode."""

_PATIENCE_S: Final = 5
"""How long a transaction waits for the new file to be opened."""
_LOOK_S: Final = 0.02
_COMPANIONS: Final = ("-wal", "-shm")


class SqliteFile:
    """Knows which file is in use, and compares it with the one at the path: one system call, for each transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = os.fspath(path)
        self._in_use: Identity | None = None
        self._problem: str | None = None

    @property
    def is_in_place(self) -> bool:
        """Whether the file in use is the one at the path, or none is in use yet."""
        return self._in_use is None or self.identity() == self._in_use

    @property
    def in_use(self) -> Identity | None:
        """The file in use."""
        return self._in_use

    def identity(self) -> Identity | None:
        """Return which file is at the path; ``None`` if there is none."""
        try:
            found = os.stat(self._name)  # noqa: PTH116 - for each transaction, and a path object takes longer
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def at_path(self) -> tuple[int, int, int, int] | None:
        """Return which file is at the path, its size, and when it was last written; ``None`` if there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def use(self, identity: Identity | None) -> None:
        """Record that this file is in use from now on."""
        self._in_use, self._problem = identity, None

    def mark_unusable(self, problem: str) -> bool:
        """Record why the file at the path cannot be used. Return whether that is news."""
        is_news = self._problem is None
        self._problem = problem
        return is_news

    def wait_until_in_place(self) -> None:
        """Return at once if the file in use is in place, else wait until the one at the path is in use.

        Raises ``DatabaseUnavailable`` if that takes too long.
        """
        give_up_at = time.monotonic() + _PATIENCE_S
        while not self.is_in_place:
            if self._problem is not None or time.monotonic() >= give_up_at:
                raise DatabaseUnavailable(self._problem or f"the file {self.path} was replaced or deleted")
            time.sleep(_LOOK_S)

    def remove_companions(self) -> None:
        """Delete the write-ahead log and index at the path if they belong to a file that is not there any more.

        SQLite would apply them to the new file. They are recognised as those that this process has open.
        """
        is_open = _open_files()
        for suffix in _COMPANIONS:
            companion = Path(f"{self._name}{suffix}")
            with suppress(OSError):
                found = companion.stat()
                if (found.st_dev, found.st_ino) in is_open:
                    companion.unlink()

    @contextmanager
    def change_lock(self, timeout_s: float) -> Iterator[None]:
        """Keep all other processes from migrating or opening another file at this path. Reentrant in a thread.

        Raises ``DatabaseUnavailable`` after the timeout.
        """
        lock = FileLock(f"{self._name}.migrating", is_singleton=True)
        try:
            lock.acquire(timeout=timeout_s)
        except Timeout:
            raise DatabaseUnavailable(f"another process has held {self._name}.migrating for {timeout_s} s") from None
        except OSError as refused:
            raise DatabaseUnavailable(f"{self._name}.migrating cannot be locked: {refused.strerror}") from refused
        try:
            yield
        finally:
            lock.release()


def _open_files() -> set[Identity]:
    """The files that this process has open."""
    found: set[Identity] = set()
    for descriptor in os.listdir("/dev/fd"):  # noqa: PTH208 - numbers, no paths
        with suppress(OSError):
            opened = os.fstat(int(descriptor))
            found.add((opened.st_dev, opened.st_ino))
    return found
