"""The spool: a folder where paid pictures wait while the database or the picture store refuses them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_SUFFIX: Final = ".spooled"
_MAX_HEADER_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """The content of a file: the picture's record as one line of JSON, and its bytes."""

    header: str
    data: bytes


class Spool:
    """Files named by the digest of their pictures. All methods raise ``OSError`` if the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, digest: str, name: str, spooled: SpoolFile) -> Path:
        """Write the file whole, safe from a power cut, or not at all. Return its path."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{digest}-{name}{_SUFFIX}"
        unfinished = path.with_suffix(".unfinished")
        try:
            with unfinished.open("wb") as file:
                file.write(spooled.header.encode() + b"\n" + spooled.data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
            _sync_folder(self._folder)
        except OSError:
            unfinished.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
        return path

    def list_waiting(self) -> list[Path]:
        """Return the waiting files, the oldest first."""
        try:
            # Not glob, which reports a folder without read permission as empty.
            paths = [path for path in self._folder.iterdir() if path.suffix == _SUFFIX]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(paths, key=_written_at)

    def modified_at_ns(self) -> int | None:
        """When a file was last added or removed, in nanoseconds since 1970; ``None`` without a folder."""
        try:
            return self._folder.stat().st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return None

    def has(self, path: Path) -> bool:
        """Whether this file exists; ``True`` too if the disk does not say."""
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    def read(self, path: Path) -> SpoolFile:
        """Read the whole file."""
        header, data = path.read_bytes().split(b"\n", 1)
        return SpoolFile(header.decode(), data)

    def read_header(self, path: Path) -> str:
        """Read the file's first line."""
        with path.open("rb") as file:
            return file.readline(_MAX_HEADER_BYTES).decode()

    def remove(self, path: Path) -> None:
        """Delete the file, once its picture is stored."""
        path.unlink(missing_ok=True)

    def mark_unreadable(self, path: Path) -> None:
        """Rename a damaged file, so that it stays for the operator and no process tries it again."""
        path.rename(path.with_suffix(".unreadable"))

    @contextmanager
    def drain_lock(self) -> Iterator[bool]:
        """Hold the lock for draining the spool; yields ``False`` if another process holds it.

        A folder without write permission cannot be locked. Then every process may drain: storing a picture twice
        changes nothing.
        """
        lock = FileLock(self._folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        except OSError:
            yield True
            return
        try:
            yield True
        finally:
            lock.release()


def _written_at(path: Path) -> float:
    """The file's date in seconds; zero if another process has just removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
