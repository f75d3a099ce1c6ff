"""``avatars serve``: starts the service and its workers."""

import os
from pathlib import Path

import structlog

from avatars_as_a_service.commands.databases import opened, prepare
from avatars_as_a_service.commands.exit_codes import explained
from avatars_as_a_service.commands.folders import check_folders
from avatars_as_a_service.environment import Environment
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.metrics.multiprocess_folder import metrics_folder
from avatars_as_a_service.server.config import server_config
from avatars_as_a_service.server.listeners import Listeners
from avatars_as_a_service.server.runner import run
from avatars_as_a_service.settings import DATA_FOLDER, Gravatar, Settings, load_settings, unknown_variables, variable
from avatars_as_a_service.storage import api_keys
from avatars_as_a_service.storage.connection_limit import max_connections
from avatars_as_a_service.storage.database import URGENT
from avatars_as_a_service.storage.ledger import GRAVATAR_PAYER
from avatars_as_a_service.wiring import check, check_edition, gravatar_key_exists

log = structlog.get_logger(__name__)


def serve(*, host: str | None, port: int | None, workers: int | None, root_path: str | None) -> None:
    """Migrate the database, then serve until a signal. Options override settings.

    Options go through the environment, so that worker processes read them too.
    """
    options = {"host": host, "port": port, "workers": workers, "root_path": root_path}
    for field, option in options.items():
        if option is not None:
            os.environ[variable(field)] = str(option)
    configure_logs()
    with explained():
        settings = load_settings()
        check_folders(settings)
        check(settings)
        listeners = Listeners(settings.host, settings.port)
        prepare(settings)
        if settings.gravatar is Gravatar.DRAW and any(name == GRAVATAR_PAYER for name in _active_keys(settings)):
            raise gravatar_key_exists()
        check_edition(settings)
        listeners.listen()
        _announce(settings, listeners)
    with explained(), metrics_folder(settings.spool, shared=settings.workers > 1):
        run(server_config(settings, "avatars_as_a_service.wiring:build_app", factory=True), listeners)


def _announce(settings: Settings, listeners: Listeners) -> None:
    for url in listeners.urls:
        log.info("listening", url=url)
    _tell_odd_variables(Environment.read())
    _check_connections(settings)
    if _is_container() and not DATA_FOLDER.resolve().is_mount():
        log.warning(
            "NOTHING IS MOUNTED ON /data: a paid picture that waits there, and an SQLite database, are lost with the "
            "container; start it with -v avatars:/data"
        )
    if settings.draws_locally:
        log.info("the local artist draws, free of charge; set OPENAI_API_KEY to draw with the image model")
        return
    log.info("the image model draws", model=settings.model, quality=settings.quality)
    if not settings.api_keys and not _active_keys(settings):
        log.warning(
            "THERE IS NO API KEY: any client that reaches this service can have faces drawn at your cost; "
            "create a key with 'avatars keys add NAME', or restrict the network"
        )


def _tell_odd_variables(environment: Environment) -> None:
    for name, similar in unknown_variables(environment.own_names()).items():
        hint = {} if similar is None else {"similar": similar}
        log.warning(
            "unknown setting: the service does not read this variable; check its spelling", variable=name, **hint
        )
    for name, own in environment.stand_ins().items():
        log.info("the platform's variable is used, since the service's own is not set", variable=name, own=own)
    if environment.is_linked:
        log.warning(
            "AVATARS_PORT is not a port: Kubernetes put it there for the Service called avatars; it is ignored; set "
            "enableServiceLinks: false in the pod",
            variable=variable("port"),
        )


def _check_connections(settings: Settings) -> None:
    wanted = settings.workers * (settings.db_pool_size + URGENT)
    with opened(settings) as database:
        allowed = database.read_now(max_connections)
    if allowed is not None and allowed < wanted:
        log.warning(
            "THE DATABASE SERVER ALLOWS FEWER CONNECTIONS than this service uses under load; it goes on with those "
            "that it gets, and requests wait for each other: raise the limit, or lower AVATARS_DB_POOL_SIZE",
            allowed=allowed,
            wanted=wanted,
        )


def _active_keys(settings: Settings) -> list[str]:
    """The names of the database's keys that are not revoked."""
    with opened(settings) as database:
        return [key.name for key in database.read_now(api_keys.list_all) if key.revoked_at is None]


def _is_container() -> bool:
    """Whether this is the project's image, whose data folder is the volume's mount point."""
    return DATA_FOLDER.resolve() == Path("/data")
