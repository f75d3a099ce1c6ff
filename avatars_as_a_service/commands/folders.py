"""Folders that the service writes: checked before it starts, since nothing may be paid for that cannot be kept."""

import os
from pathlib import Path

from avatars_as_a_service.settings import Settings, WrongSetting, variable
from avatars_as_a_service.storage.database_url import is_in_memory
from avatars_as_a_service.wiring import url_of


def check_folders(settings: Settings) -> None:
    """Raise ``WrongSetting`` if this user may not write SQLite's folder or, where faces are paid for, the spool."""
    url = url_of(settings)
    if url.get_backend_name() == "sqlite" and not is_in_memory(url):
        _check(variable("db_string"), Path(str(url.database)).parent)
    if not settings.draws_locally:
        _check(variable("spool"), settings.spool)


def _check(name: str, folder: Path) -> None:
    folder = folder.absolute()
    nearest = next(each for each in (folder, *folder.parents) if os.path.exists(each))  # noqa: PTH110 - no PermissionError
    if nearest.is_dir() and not os.access(nearest, os.W_OK | os.X_OK):
        raise WrongSetting(
            name,
            f"user {os.getuid()} may not write the folder {nearest}; as root, 'chown -R {os.getuid()} {nearest}' "
            "(on the host, for the folder that is mounted there) allows it; or use a volume, or another folder",
        )
