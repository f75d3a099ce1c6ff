"""The spool: a folder where paid pictures wait, safe from a crash, while the database refuses them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_SUFFIX: Final = ".spooled"


@dataclass(frozen=True, slots=True)
class Spooled:
    """A picture's bytes and, as text, what is to be written of it."""

    note: str
    data: bytes


class Spool:
    """Pictures under the digest of their bytes. Its methods raise ``OSError`` where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, digest: str, name: str, spooled: Spooled) -> Path:
        """Write it so that it is there whole, even after a power cut, or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{digest}-{name}{_SUFFIX}"
        unfinished = path.with_suffix(".unfinished")
        try:
            with unfinished.open("wb") as file:
                file.write(spooled.note.encode() + b"\n" + spooled.data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
            _sync_folder(self._folder)
        except OSError:
            unfinished.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
        return path

    def waiting(self) -> list[Path]:
        """What waits, the oldest first."""
        if not self._folder.is_dir():
            return []
        return sorted(self._folder.glob(f"*{_SUFFIX}"), key=_written_at)

    def read(self, path: Path) -> Spooled:
        """What was put there."""
        note, data = path.read_bytes().split(b"\n", 1)
        return Spooled(note.decode(), data)

    def find(self, digest: str) -> Spooled | None:
        """A waiting picture by its digest."""
        path = next(self._folder.glob(f"{digest}-*{_SUFFIX}"), None)
        return None if path is None else self.read(path)

    def remove(self, path: Path) -> None:
        """Take it out: it is kept elsewhere now."""
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path) -> None:
        """Leave it for a person to look at: it cannot be read."""
        path.rename(path.with_suffix(".unreadable"))

    @contextmanager
    def taking_in(self) -> Iterator[bool]:
        """Hold the right to empty the spool; ``False`` where another process holds it."""
        if not self._folder.is_dir():
            yield False
            return
        lock = FileLock(self._folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()


def _written_at(path: Path) -> float:
    """In seconds; zero for what another process has just taken out."""
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
