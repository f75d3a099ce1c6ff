"""The command ``avatars``."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from avatars_as_a_service.commands.databases import opened, prepare
from avatars_as_a_service.commands.endings import explained
from avatars_as_a_service.commands.faces import purge, redraw
from avatars_as_a_service.commands.keys import keys
from avatars_as_a_service.commands.sheets import sheet
from avatars_as_a_service.commands.signatures import sign
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.service.metrics_folder import metrics_folder
from avatars_as_a_service.serving import serving
from avatars_as_a_service.settings import DATA_FOLDER, Settings, load_settings, unknown_variables, variable
from avatars_as_a_service.storage import api_keys
from avatars_as_a_service.wiring import check

log = structlog.get_logger(__name__)
commands = typer.Typer(
    help="AI-drawn avatars; each distinct face is paid for once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it would show values, and so secrets
)
commands.add_typer(keys, name="keys")
commands.command()(purge)
commands.command()(sign)
commands.command()(redraw)
commands.command()(sheet)


def main() -> None:
    """Run the command."""
    commands()


@commands.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes.")] = None,
) -> None:
    """Serve, after bringing the database's tables up to date. Options stand above settings."""
    for field, option in (("host", host), ("port", port), ("workers", workers)):
        if option is not None:
            os.environ[variable(field)] = str(option)
    configure_logs()
    with explained():
        settings = load_settings()
        check(settings)
        prepare(settings)
        _announce(settings)
    with explained(), metrics_folder(settings.spool, shared=settings.workers > 1):
        _serve(settings)


@commands.command()
def migrate() -> None:
    """Bring the database's tables up to date, as a user who may, before a service that may not."""
    configure_logs()
    with explained():
        changed = prepare(load_settings())
    typer.echo("The tables are up to date now." if changed else "The tables were up to date.")


def _announce(settings: Settings) -> None:
    for name in unknown_variables(os.environ):
        log.warning("nothing reads this variable; is it spelled right?", variable=name)
    if _is_container() and not DATA_FOLDER.resolve().is_mount():
        log.warning(
            "NOTHING IS MOUNTED ON /data: a paid picture that waits there, and an SQLite database, are lost with the "
            "container; start it with -v avatars:/data"
        )
    if settings.draws_locally:
        log.info("the local artist draws, for nothing; set OPENAI_API_KEY to have the image model draw")
    else:
        log.info("the image model draws", model=settings.model, quality=settings.quality)
        if not settings.api_keys and not _has_keys(settings):
            log.warning(
                "ANYBODY WHO REACHES THIS SERVICE MAY HAVE FACES DRAWN THAT YOU PAY FOR: there is no API key; "
                "make one with 'avatars keys add NAME', or keep strangers out"
            )


def _has_keys(settings: Settings) -> bool:
    with opened(settings) as database:
        return any(key.revoked_at is None for key in database.read_now(api_keys.everyone))


def _is_container() -> bool:
    """Whether this is our image, where the data's folder is the volume's place."""
    return DATA_FOLDER.resolve() == Path("/data")


def _serve(settings: Settings) -> None:
    config = serving(settings, "avatars_as_a_service.wiring:build_app", factory=True)
    if settings.workers == 1:
        # The server raises the signal that stopped it once more when all is done: a polite end is a success.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        uvicorn.Server(config).run()
    else:
        Multiprocess(config, sockets=[config.bind_socket()]).run()
