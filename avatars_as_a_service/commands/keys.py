"""``avatars keys``: creates, lists and revokes API keys."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import structlog
import typer
from sqlalchemy import Connection

from avatars_as_a_service.access.api_key_cache import hash_of, new_secret
from avatars_as_a_service.commands.databases import opened
from avatars_as_a_service.commands.exit_codes import FAILED, WRONG_SETTING, explained, leave
from avatars_as_a_service.domain.money import micro_usd, usd
from avatars_as_a_service.logs import configure_logs
from avatars_as_a_service.settings import load_settings
from avatars_as_a_service.storage import api_keys, ledger
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.ledger import GRAVATAR_PAYER, Caps, WindowUse

_HEADINGS: Final = ("NAME", "STATE", "TODAY", "THIS MONTH", "PER MINUTE", "ORIGINS")

log = structlog.get_logger(__name__)


def add(
    name: str,
    *,
    daily_usd: Decimal | None,
    monthly_usd: Decimal | None,
    per_minute: int | None,
    origins: Sequence[str],
) -> None:
    """Create a key and print it. The database keeps its hash alone."""
    if name == GRAVATAR_PAYER:
        leave(f"no key may be called {name!r}: the budget of Gravatar URLs has that name", WRONG_SETTING)
    secret = new_secret()
    key = ApiKey(
        name=name,
        hash=hash_of(secret),
        caps=Caps(_micro(daily_usd), _micro(monthly_usd)),
        per_minute=per_minute,
        origins=tuple(origins),
    )
    configure_logs()
    with explained(), opened(load_settings()) as database:
        added = database.write_now(lambda connection: api_keys.add(connection, key))
    if not added:
        leave(f"there is or was a key named {name!r}; the ledger tells keys apart by name, so choose another", FAILED)
    log.info("an API key was added", name=name, origins=key.origins)
    typer.echo(secret)


def list_keys() -> None:
    """Print the keys of the database, their limits, and their spending."""
    configure_logs()
    with explained(), opened(load_settings()) as database:
        rows = database.read_now(_rows)
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    for row in (_HEADINGS, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def revoke(name: str) -> None:
    """Revoke a key."""
    configure_logs()
    with explained(), opened(load_settings()) as database:
        key = database.write_now(lambda connection: api_keys.revoke(connection, name))
    if key is None:
        leave(f"there is no key named {name!r}", FAILED)
    log.info("an API key was revoked", name=name)
    typer.echo(f"The key {name!r} is revoked.")


def _rows(connection: Connection) -> list[tuple[str, ...]]:
    return [_row(key, *ledger.window_uses(connection, key.caps, key.name)) for key in api_keys.list_all(connection)]


def _row(key: ApiKey, day: WindowUse, month: WindowUse) -> tuple[str, ...]:
    state = "valid" if key.revoked_at is None else "revoked"
    per_minute = "-" if key.per_minute is None else str(key.per_minute)
    return key.name, state, _use(day), _use(month), per_minute, " ".join(key.origins) or "-"


def _use(use: WindowUse) -> str:
    limit = "" if use.window.limit is None else f" of ${usd(use.window.limit):.2f}"
    return f"${usd(use.spent + use.reserved):.4f}{limit}"  # a face costs less than a cent


def _micro(dollars: Decimal | None) -> int | None:
    return None if dollars is None else micro_usd(dollars)
