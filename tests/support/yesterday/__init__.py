"""Data of yesterday: a database of each kind, a spool and an ``.env``, as one commit's code left them (``make.py``).

Yesterday is an hour ago, whenever the tests run: all moments in a dump are moved by the same stretch, so that it was
taken an hour before it is loaded. Leases are over by then, answers under idempotency keys are not. The day and the
month that the money was spent in are today's, even in the first hour of a day. Nothing else is changed.
"""

import json
import re
import shutil
import sqlite3
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pymysql.constants import CLIENT
from sqlalchemy import Connection, DateTime, MetaData, Table, create_engine, make_url, select, update
from sqlalchemy.pool import NullPool

COMMIT: Final = "a5ec675"
"""Whose code it was."""
ADMIN_TOKEN: Final = "planted-yesterday-admin-token"

_HERE: Final = Path(__file__).parent
TRUTH: Final[dict[str, Any]] = json.loads((_HERE / "truth.json").read_text())
"""What was asked, and what the answer was."""
_PICTURES: Final[dict[str, str]] = json.loads((_HERE / "pictures.json").read_text())
_AGE: Final = timedelta(hours=1)
_MULTIPLE_STATEMENTS: Final = {"mysql": {"client_flag": CLIENT.MULTI_STATEMENTS}}


def load_database(backend: str, address: str) -> datetime:
    """Fill the empty database at that address. Returns the moment at which it was loaded."""
    dump = (_HERE / backend / "dump.sql").read_text()
    _run(backend, address, re.sub(r"\{\{(\w{64})\}\}", lambda named: b64decode(_PICTURES[named[1]]).hex(), dump))
    made_at, now = datetime.fromisoformat(TRUTH["made_at"][backend]), datetime.now(UTC)
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            _move(connection, table, now - _AGE - made_at)
        _spend_today(connection, tables, made_at, now)
    return now


def fill_folder(backend: str, folder: Path) -> None:
    """Put the ``.env`` and the spool where a service that is started in that folder finds them."""
    shutil.copy(_HERE / "settings.env", folder / ".env")
    shutil.copytree(_HERE / backend / "spool", folder / "data/spool")


def _run(backend: str, address: str, statements: str) -> None:
    if backend == "sqlite":
        connection = sqlite3.connect(str(make_url(address).database))
        connection.executescript(statements)
        connection.close()
        return
    engine = create_engine(address, poolclass=NullPool, connect_args=_MULTIPLE_STATEMENTS.get(backend, {}))
    raw = engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute(statements)
    while backend == "mysql" and cursor.nextset():
        pass
    raw.commit()
    raw.close()


def _move(connection: Connection, table: Table, stretch: timedelta) -> None:
    moments = [column for column in table.columns if isinstance(column.type, DateTime)]
    key = list(table.primary_key.columns)
    for row in connection.execute(select(table)).mappings().all() if moments else ():
        moved = {column.name: row[column.name] + stretch for column in moments if row[column.name] is not None}
        if "hour" in moved:
            moved["hour"] = moved["hour"].replace(minute=0, second=0, microsecond=0)
        connection.execute(update(table).where(*(column == row[column.name] for column in key)).values(moved))


def _spend_today(connection: Connection, tables: MetaData, made_at: datetime, now: datetime) -> None:
    day, month = (f"{made_at:%Y-%m-%d}", f"{made_at:%Y-%m}")
    today, this_month = (f"{now:%Y-%m-%d}", f"{now:%Y-%m}")
    calls, budgets = tables.tables["paid_calls"], tables.tables["budgets"]
    assert set(connection.execute(select(calls.c.day, calls.c.month)).all()) == {(day, month)}, "it was made in one day"
    connection.execute(update(calls).values(day=today, month=this_month))
    for name in connection.scalars(select(budgets.c.name)).all():
        window, slash, payer = name.partition("/")
        new_name = {day: today, month: this_month}[window] + slash + payer
        connection.execute(update(budgets).where(budgets.c.name == name).values(name=new_name))
