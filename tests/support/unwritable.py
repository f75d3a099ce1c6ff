"""A folder that cannot be written, for whoever runs the tests."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


class UnwritableFolder:
    """Makes a folder read-only and writable again; root is kept out by a mount, since no mode binds root."""

    def __init__(self, folder: Path) -> None:
        """Skips the test where nothing that works is allowed here."""
        self._folder = folder
        self._mounted = False
        folder.mkdir()
        self._begin, self._end = self._way()

    def begin(self) -> None:
        """Nothing can be put there, taken out or changed."""
        self._begin()
        assert not self._can_be_written()

    def end(self) -> None:
        """As before; where nothing has begun, nothing changes."""
        self._end()
        assert self._can_be_written()

    def _way(self) -> tuple[Callable[[], None], Callable[[], None]]:
        if os.geteuid() != 0:
            return lambda: self._folder.chmod(0o555), lambda: self._folder.chmod(0o755)
        for begin, end in ((self._mount, self._unmount), (self._freeze, self._thaw)):
            begin()
            refuses = not self._can_be_written()
            end()
            if refuses:
                return begin, end
        pytest.skip("root may neither mount nor set the immutable flag here, so no folder is unwritable")

    def _mount(self) -> None:
        self._mounted = _try("mount", "--bind", str(self._folder), str(self._folder))
        _try("mount", "-o", "remount,bind,ro", str(self._folder))

    def _unmount(self) -> None:
        if self._mounted:  # Path.is_mount takes it for none: it is on the same device as its parent
            self._mounted = not _try("umount", "-l", str(self._folder))

    def _freeze(self) -> None:
        _try("chattr", "+i", *self._contents(), str(self._folder))

    def _thaw(self) -> None:
        _try("chattr", "-i", str(self._folder), *self._contents())

    def _contents(self) -> list[str]:
        return [str(path) for path in self._folder.iterdir()]

    def _can_be_written(self) -> bool:
        probe = self._folder / "probe"
        try:
            probe.touch()
            probe.unlink()
        except OSError:
            return False
        return True


def _try(command: str, *words: str) -> bool:
    """Whether it worked."""
    path = shutil.which(command)
    if path is None:
        return False
    return subprocess.run([path, *words], check=False, capture_output=True).returncode == 0
