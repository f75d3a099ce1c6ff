"""What the database says of money and faces: read by SQL, and not through the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, func, inspect, null, select
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import avatars, budgets, claims, images, metadata, paid_calls, renditions


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger, in micro-dollars."""

    id: str
    state: str
    cost: int
    bound: int
    outcome: str | None
    request_id: str | None
    payer: str | None
    owner: str | None
    subject: str | None

    @property
    def may_be_billed(self) -> bool:
        """Whether it counts as paid for. What has no owner, as all rows before version 0004, may be sent already."""
        return self.state != "released" and (self.state != "reserved" or self.owner is None)

    @property
    def counted(self) -> int:
        """What it takes from a budget: its bound until it has ended."""
        return self.bound if self.state in {"reserved", "sent"} else self.cost


@dataclass(frozen=True, slots=True)
class Use:
    """What the windows of one kind have used, in micro-dollars."""

    spent: int
    reserved: int


def ledger(address: str) -> list[Entry]:
    """All calls, the oldest first. What a table of an older version does not have is ``None``."""
    columns = paid_calls.c
    wanted = (
        columns.id,
        columns.state,
        columns.cost_micro_usd,
        columns.bound_micro_usd,
        columns.outcome,
        columns.request_id,
        columns.payer,
        columns.owner,
        columns.subject,
    )
    with _reading(address) as connection:
        there = {column["name"] for column in inspect(connection).get_columns(paid_calls.name)}
        selected = [column if column.name in there else null().label(column.name) for column in wanted]
        return [Entry(*row) for row in connection.execute(select(*selected).order_by(columns.reserved_at))]


def used(address: str) -> list[Use]:
    """What each window has used."""
    with _reading(address) as connection:
        rows = connection.execute(select(budgets.c.spent_micro_usd, budgets.c.reserved_micro_usd))
        return [Use(*row) for row in rows]


def windows(address: str) -> dict[str, Use]:
    """The same by the window's name."""
    with _reading(address) as connection:
        rows = connection.execute(select(budgets.c.name, budgets.c.spent_micro_usd, budgets.c.reserved_micro_usd))
        return {name: Use(spent, reserved) for name, spent, reserved in rows}


def everything(address: str) -> list[tuple[object, ...]]:
    """All rows of all tables."""
    with _reading(address) as connection:
        return [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]


def faces_kept(address: str) -> int:
    """How many faces have a row."""
    with _reading(address) as connection:
        return connection.execute(select(func.count()).select_from(avatars)).scalar_one()


def pictures_kept(address: str) -> int:
    """How many pictures have a row."""
    with _reading(address) as connection:
        return connection.execute(select(func.count()).select_from(images)).scalar_one()


def renditions_kept(address: str) -> dict[tuple[str, int], int]:
    """The bytes of each rendition that has a row, by format and size; 0 stands for the original's own size."""
    columns = renditions.c.format, renditions.c.size, func.length(images.c.data)
    with _reading(address) as connection:
        rows = connection.execute(select(*columns).join(images, images.c.digest == renditions.c.digest))
        return {(kind, size): length for kind, size, length in rows}


def claims_held(address: str) -> int:
    """How many subjects somebody is said to be drawing."""
    with _reading(address) as connection:
        return connection.execute(select(func.count()).select_from(claims)).scalar_one()


@contextmanager
def _reading(address: str) -> Iterator[Connection]:
    engine = create_engine(database_url(address), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
