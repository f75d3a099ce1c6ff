"""``avatars purge`` and ``avatars redraw``: delete kept faces and pictures, or draw faces again."""

import asyncio
import getpass
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import typer

from avatars_as_a_service.commands.databases import prepare
from avatars_as_a_service.commands.exit_codes import FAILED, explained, leave
from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.pictures.purge import Purged, Purger
from avatars_as_a_service.settings import load_settings
from avatars_as_a_service.web.app import Services
from avatars_as_a_service.wiring import Process, check

T = TypeVar("T")


def purge(hashes: list[str], descriptions_older_than: timedelta | None, *, dry_run: bool, yes: bool) -> None:
    """Delete faces and pictures, and say how many. On a terminal, ask first unless ``yes``."""

    async def work(services: Services) -> tuple[Purged, str]:
        purger = services.purger
        asks = not yes and _is_terminal()
        if dry_run or asks:
            found = await purger.preview(hashes, descriptions_older_than=descriptions_older_than)
            if dry_run:
                return found, "would go"
            if (found.faces or found.pictures) and not typer.confirm(f"Delete {_counted(found)} for good?", err=True):
                leave("nothing was deleted", FAILED)
        return await _purge(purger, hashes, descriptions_older_than), "are gone"

    purged, verb = _run(work)
    typer.echo(f"{_counted(purged)} {verb}.")
    if purged.unknown:
        leave(f"there is no face or picture {', '.join(purged.unknown)}", FAILED)


def redraw(hashes: list[str]) -> None:
    """Draw faces again, and print the cost and the path of each."""
    failed = _run(lambda services: _redraw_all(services, hashes))
    if failed:
        leave(f"not redrawn: {', '.join(failed)}", FAILED)


async def _purge(purger: Purger, hashes: list[str], age: timedelta | None) -> Purged:
    by_hash = await purger.purge(hashes, who=operator()) if hashes else Purged()
    by_age = Purged() if age is None else await purger.purge_descriptions(age, who=operator())
    return Purged(by_hash.faces, by_hash.pictures + by_age.pictures, by_hash.unknown)


async def _redraw_all(services: Services, hashes: list[str]) -> list[str]:
    """Redraw one face after the other, with a line for each. Return the hashes of those that failed."""
    failed = []
    async with services.running():
        for image_hash in hashes:
            try:
                answer = await services.faces.redraw(image_hash, who=operator())
            except AvatarsError as failure:
                typer.echo(f"{image_hash}: {failure.detail}", err=True)
                failed.append(image_hash)
            else:
                path = answer.picture.path if answer.picture else ""
                typer.echo(f"{image_hash}  ${usd(answer.cost):.4f}  {path}")
    return failed


def _run(work: Callable[[Services], Awaitable[T]]) -> T:
    configure_logs()
    with explained():
        settings = load_settings()
        check(settings)
        prepare(settings)
        return asyncio.run(_close_after(work, Process.services(settings)))


async def _close_after(work: Callable[[Services], Awaitable[T]], services: Services) -> T:
    try:
        return await work(services)
    finally:
        services.database.close()


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _counted(purged: Purged) -> str:
    faces = "1 face" if purged.faces == 1 else f"{purged.faces} faces"
    pictures = "1 picture" if purged.pictures == 1 else f"{purged.pictures} pictures"
    return f"{faces} and {pictures}"


def operator() -> str:
    """Return who runs this command, for the log."""
    return f"{getpass.getuser()} at {socket.gethostname()}"
