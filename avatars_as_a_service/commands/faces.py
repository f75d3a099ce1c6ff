"""``avatars purge`` and ``avatars redraw``: what is kept, taken away or drawn anew."""

import asyncio
import getpass
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from avatars_as_a_service.commands.databases import prepare
from avatars_as_a_service.commands.endings import FAILED, explained, leave
from avatars_as_a_service.duration import parse_days
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.money import usd
from avatars_as_a_service.service.removal import Removed
from avatars_as_a_service.settings import load_settings
from avatars_as_a_service.wiring import Parts, check

T = TypeVar("T")


def _age(text: str) -> timedelta:
    try:
        return parse_days(text)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None


def purge(
    hashes: Annotated[
        list[str] | None, typer.Argument(metavar="HASH", help="Faces by their keys, pictures by their digests.")
    ] = None,
    descriptions_older_than: Annotated[
        timedelta | None, typer.Option(parser=_age, metavar="DAYS", help="Pictures of descriptions, such as 30d.")
    ] = None,
) -> None:
    """Take faces and pictures away for good; their addresses answer 410. The ledger keeps its rows."""
    if not hashes and descriptions_older_than is None:
        raise typer.BadParameter("Name a HASH, or --descriptions-older-than.")

    async def work(parts: Parts) -> Removed:
        by_name = await parts.removal.purge(hashes, who=_who()) if hashes else Removed()
        if descriptions_older_than is None:
            return by_name
        by_age = await parts.removal.purge_descriptions(descriptions_older_than, who=_who())
        return Removed(by_name.faces, by_name.pictures + by_age.pictures, by_name.unknown)

    removed = _run(work)
    typer.echo(f"{removed.faces} faces and {removed.pictures} pictures are gone.")
    if removed.unknown:
        leave(f"there is nothing under {', '.join(removed.unknown)}", FAILED)


def redraw(hashes: Annotated[list[str], typer.Argument(metavar="HASH", help="Faces by their keys.")]) -> None:
    """Have faces drawn anew, and pay for them; each shows its old picture until the new one is there."""
    failed = _run(lambda parts: _redraw_all(parts, hashes))
    if failed:
        leave(f"not redrawn: {', '.join(failed)}", FAILED)


async def _redraw_all(parts: Parts, hashes: list[str]) -> list[str]:
    """Those that failed. One after the other: each says at once what became of it, and what it cost."""
    failed = []
    async with parts.running():
        for image_hash in hashes:
            try:
                answer = await parts.faces.redraw(image_hash, who=_who())
            except AvatarsError as wrong:
                typer.echo(f"{image_hash}: {wrong.detail}", err=True)
                failed.append(image_hash)
            else:
                path = answer.picture.path if answer.picture else ""
                typer.echo(f"{image_hash}  ${usd(answer.cost):.4f}  {path}")
    return failed


def _run(work: Callable[[Parts], Awaitable[T]]) -> T:
    configure_logs()
    with explained():
        settings = load_settings()
        check(settings)
        prepare(settings)
        return asyncio.run(_with_parts(work, Parts.of(settings)))


async def _with_parts(work: Callable[[Parts], Awaitable[T]], parts: Parts) -> T:
    try:
        return await work(parts)
    finally:
        parts.database.close()


def _who() -> str:
    return f"{getpass.getuser()} at {socket.gethostname()}"
