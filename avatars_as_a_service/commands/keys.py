"""``avatars keys``: who may have faces drawn, and for how much."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

import structlog
import typer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from avatars_as_a_service.commands.databases import opened
from avatars_as_a_service.commands.endings import FAILED, explained, leave
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.money import micro_usd, usd
from avatars_as_a_service.service.keyring import hash_of, new_secret
from avatars_as_a_service.settings import NAME_OF_KEY, Origin, load_settings
from avatars_as_a_service.storage import api_keys, ledger
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.ledger import Caps, WindowUse

_MOST_USD: Final = 1_000_000
_ORIGINS: Final = TypeAdapter(Origin)
_HEADINGS: Final = ("NAME", "STATE", "TODAY", "THIS MONTH", "PER MINUTE", "ORIGINS")

log = structlog.get_logger(__name__)
keys = typer.Typer(help="API keys: who may have faces drawn, and for how much.", no_args_is_help=True)


def _name(text: str) -> str:
    if not NAME_OF_KEY.fullmatch(text):
        raise typer.BadParameter("A name has 1 to 40 letters, digits, dots, dashes and underscores.")
    return text


def _dollars(text: str) -> Decimal:
    try:
        dollars = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter("Write dollars, such as 2.50.") from None
    if not 0 <= dollars <= _MOST_USD:
        raise typer.BadParameter(f"From 0 to {_MOST_USD} dollars.")
    return dollars


def _origin(text: str) -> str:
    try:
        origin = _ORIGINS.validate_python(text)
    except ValidationError:
        raise typer.BadParameter("Write an origin, such as https://shop.example.") from None
    if origin == "*":
        raise typer.BadParameter("A key for every page is a key without --origin.")
    return origin


Name = Annotated[str, typer.Argument(parser=_name, metavar="NAME", help="Whose key it is; the ledger names it.")]
Dollars = Annotated[Decimal | None, typer.Option(parser=_dollars, metavar="USD")]


@keys.command()
def add(
    name: Name,
    daily_usd: Dollars = None,
    monthly_usd: Dollars = None,
    per_minute: Annotated[int | None, typer.Option(min=1, help="Requests in a minute that are no hits.")] = None,
    origin: Annotated[
        list[str] | None, typer.Option(parser=_origin, metavar="ORIGIN", help="Pages that may send it; repeatable.")
    ] = None,
) -> None:
    """Make a key and show it, once: only its hash is kept."""
    secret = new_secret()
    key = ApiKey(
        name=name,
        hash=hash_of(secret),
        caps=Caps(_micro(daily_usd), _micro(monthly_usd)),
        per_minute=per_minute,
        origins=tuple(origin or ()),
    )
    configure_logs()
    with explained(), opened(load_settings()) as database:
        added = database.write_now(lambda connection: api_keys.add(connection, key))
    if not added:
        leave(f"there is or was a key named {name!r} already; the ledger tells keys by name, so take another", FAILED)
    log.info("an API key was added", name=name, origins=key.origins)
    typer.echo(secret)


@keys.command("list")
def list_keys() -> None:
    """Show all keys, and what they have spent. Those of the environment are not among them."""
    configure_logs()
    with explained(), opened(load_settings()) as database:
        rows = database.read_now(_rows)
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    for row in (_HEADINGS, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@keys.command()
def revoke(name: Name) -> None:
    """End a key; within 5 seconds no process takes it any more."""
    configure_logs()
    with explained(), opened(load_settings()) as database:
        key = database.write_now(lambda connection: api_keys.revoke(connection, name))
    if key is None:
        leave(f"there is no key named {name!r}", FAILED)
    log.info("an API key was revoked", name=name)
    typer.echo(f"The key {name!r} is revoked.")


def _rows(connection: Connection) -> list[tuple[str, ...]]:
    return [_row(key, *ledger.window_uses(connection, key.caps, key.name)) for key in api_keys.everyone(connection)]


def _row(key: ApiKey, day: WindowUse, month: WindowUse) -> tuple[str, ...]:
    state = "valid" if key.revoked_at is None else "revoked"
    per_minute = "-" if key.per_minute is None else str(key.per_minute)
    return key.name, state, _use(day), _use(month), per_minute, " ".join(key.origins) or "-"


def _use(use: WindowUse) -> str:
    limit = "" if use.window.limit is None else f" of ${usd(use.window.limit):.2f}"
    return f"${usd(use.spent + use.reserved):.2f}{limit}"


def _micro(dollars: Decimal | None) -> int | None:
    return None if dollars is None else micro_usd(dollars)
