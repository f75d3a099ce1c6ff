"""The command ``avatars``, as its user runs it."""

import os
import subprocess
import sys
from pathlib import Path


def avatars(
    environment: dict[str, str], *arguments: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it with these variables beside those of this process, in that folder, until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "avatars_as_a_service", *arguments],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
