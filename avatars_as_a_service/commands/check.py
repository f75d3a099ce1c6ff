"""``avatars check``: shows what a call would send and cost, and whether provider, database and stores answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from tempfile import TemporaryFile
from typing import Final

import anyio.to_thread
import typer

from avatars_as_a_service.commands.databases import prepare
from avatars_as_a_service.commands.exit_codes import FAILED, explained, leave
from avatars_as_a_service.commands.stored_faces import operator
from avatars_as_a_service.domain.features import full_faces
from avatars_as_a_service.domain.money import usd
from avatars_as_a_service.domain.picture import PictureFormat, PictureRef
from avatars_as_a_service.domain.prompt import prompt_for
from avatars_as_a_service.errors import DatabaseUnavailable, ImageStoreUnavailable
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.providers.base import ProbeFailed
from avatars_as_a_service.providers.endpoint import endpoint
from avatars_as_a_service.providers.parameters import parameters, style
from avatars_as_a_service.settings import Settings, load_settings
from avatars_as_a_service.storage.database_url import redacted
from avatars_as_a_service.storage.version import is_current
from avatars_as_a_service.wiring import (
    Process,
    open_database,
    open_object_store,
    provider_of,
    tariff_of,
)
from avatars_as_a_service.wiring import (
    check as check_settings,
)

_HIDDEN: Final = "…"
_NO_PICTURE: Final = PictureRef("0" * 64, PictureFormat.WEBP)


def check(*, pay: bool) -> None:
    """Print what is set and what answers. Exit with 1 if anything does not."""
    configure_logs()
    with explained():
        settings = load_settings()
        check_settings(settings)
        _show_call(settings)
        failed = asyncio.run(_probe_all(settings))
        if pay and not failed:
            prepare(settings)
            asyncio.run(_draw(settings))
    if failed:
        leave(f"not ready: {', '.join(failed)}", FAILED)


def _show_call(settings: Settings) -> None:
    """Show the request without secrets, and what it costs."""
    if settings.draws_locally:
        _say("call", "nothing is sent: the local artist draws, free of charge")
        return
    where, prompt, tariff = endpoint(settings), prompt_for(next(full_faces())), tariff_of(settings)
    hidden = dict.fromkeys(where.additions.body, _HIDDEN)
    headers = [*where.key_header, *where.additions.headers]
    query = [*(["api-version"] if where.api_version else []), *where.additions.query]
    _say("call", f"POST {where.generations_url(settings.model)}")
    _say("", f"headers: {', '.join(headers)}" + (f"; query: {', '.join(query)}" if query else ""))
    _say("", json.dumps(parameters(style(settings)) | hidden | {"prompt": prompt}, ensure_ascii=False))
    _say("cost", f"about ${usd(tariff.estimate(prompt)):.4f} a face, once; at most ${usd(tariff.bound(prompt)):.4f}")


async def _probe_all(settings: Settings) -> list[str]:
    """Probe everything at once. Return the names of what failed."""
    provider = provider_of(settings)
    probes: dict[str, Callable[[], Awaitable[str]]] = {
        "provider": provider.probe,
        "database": lambda: anyio.to_thread.run_sync(_probe_database, settings),
        "pictures": lambda: _probe_pictures(settings),
        "spool": lambda: anyio.to_thread.run_sync(_probe_spool, settings),
    }
    try:
        answers = await asyncio.gather(*(probe() for probe in probes.values()), return_exceptions=True)
    finally:
        await provider.close()
    return [name for name, answer in zip(probes, answers, strict=True) if not _shown(name, answer)]


def _shown(name: str, answer: str | BaseException) -> bool:
    """Show an answer, and tell whether it is one."""
    match answer:
        case str():
            _say(name, answer)
            return True
        case DatabaseUnavailable() | ImageStoreUnavailable():
            _say(name, f"FAILED: {answer.reason}")
        case ProbeFailed() | OSError():
            _say(name, f"FAILED: {answer}")
        case _:
            raise answer
    return False


def _probe_database(settings: Settings) -> str:
    database = open_database(settings)
    try:
        current = is_current(database)
    finally:
        database.close()
    tables = "its tables are up to date" if current else "its tables are made or upgraded at the next start"
    return f"{redacted(database.url)}: it answers; {tables}"


async def _probe_pictures(settings: Settings) -> str:
    store = open_object_store(settings)
    if store is None:
        return "the database keeps them"
    await store.has(_NO_PICTURE)
    return f"{settings.image_store}: it answers"


def _probe_spool(settings: Settings) -> str:
    settings.spool.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=settings.spool):
        pass
    return f"{settings.spool}: it can be written"


async def _draw(settings: Settings) -> None:
    """Draw one picture. Raises ``AvatarsError``."""
    services = Process.services(settings)
    async with services.running():
        answer = await services.faces.draw_trial(who=operator())
    path = "" if answer.picture is None else answer.picture.path
    _say("drawn", f"${usd(answer.cost):.4f}  {path}")


def _say(name: str, text: str) -> None:
    typer.echo(f"{name:9} {text}")
