"""The tables: made once by whoever comes first, equal to the models everywhere, and nobody else's are touched."""

import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer
from typing import Final
from uuid import uuid4

import httpx
import pytest
from alembic import command
from sqlalchemy import URL, ClauseElement, Connection, Dialect, TextClause, create_engine, event, inspect, text
from sqlalchemy.dialects.oracle import oracledb
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from avatars_as_a_service.storage import schema, upgrade, version
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import metadata
from tests.conftest import Serve
from tests.support import patient
from tests.support.clock import wait_until
from tests.support.command_line import avatars
from tests.support.databases import SERVERS
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import free_port, processes

AT_ONCE: Final = 6
YESTERDAY_S_CALL: Final = text(
    "INSERT INTO paid_calls"
    " (id, provider, model, state, bound_micro_usd, cost_micro_usd, day, month, reserved_at)"
    " VALUES (:id, 'openai', 'm', 'reserved', 1, 0, '2026-11-22', '2026-11', '2026-11-22 15:00:00')"
)
"""What a version without owners writes."""
PASSWORD: Final = "p@ss:w/rd%"
on_empty_servers: Final = pytest.mark.parametrize("empty_database", list(SERVERS), indirect=True)
ORACLE: Final[Dialect] = oracledb.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


@contextmanager
def opened(address: str | URL) -> Iterator[Database]:
    database = Database(database_url(address) if isinstance(address, str) else address, pool_size=1)
    try:
        yield database
    finally:
        database.close()


# --- models and migrations ---


def test_the_migrations_make_what_the_models_say(empty_database: str) -> None:
    with opened(empty_database) as opened_database:
        assert schema.migrate(opened_database)

        with opened_database.engine.begin() as connection:
            command.check(upgrade.alembic_config(connection))
        assert not schema.migrate(opened_database)


def test_the_migrations_go_back_and_forth(empty_database: str) -> None:
    with opened(empty_database) as opened_database:
        schema.migrate(opened_database)

        with opened_database.engine.begin() as connection:
            command.downgrade(upgrade.alembic_config(connection), "base")
        assert _tables(opened_database) == {version.VERSION_TABLE}
        assert not version.is_current(opened_database)

        assert schema.migrate(opened_database)
        assert _tables(opened_database) == {version.VERSION_TABLE, *metadata.tables}
        with opened_database.engine.begin() as connection:
            command.check(upgrade.alembic_config(connection))


@pytest.mark.slow
def test_a_migration_that_is_killed_after_any_statement_goes_on_at_the_next_start(empty_database: str) -> None:
    """MySQL commits each change of a table at once; the other databases take back what was not finished."""
    after = 1
    while (ended := _migrate_and_die(empty_database, after)) == -signal.SIGKILL:
        after += 1
        with opened(empty_database) as opened_database:
            assert schema.migrate(opened_database)
            with opened_database.engine.begin() as connection:
                command.check(upgrade.alembic_config(connection))
                command.downgrade(upgrade.alembic_config(connection), "base")

    assert ended == 0
    assert after > len(metadata.tables)


def _migrate_and_die(address: str, after: int) -> int:
    """Migrate in a process that is killed after so many changes of tables, unless it ends before: its exit code."""
    return subprocess.run([sys.executable, "-c", _MIGRATES_AND_DIES, address, str(after)], check=False).returncode


_MIGRATES_AND_DIES: Final = """
import os, signal, sys
from itertools import count
from sqlalchemy import event
from sqlalchemy.engine import Engine
from avatars_as_a_service.storage import schema
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url

changes = count(1)

@event.listens_for(Engine, "after_cursor_execute")
def die(_connection, _cursor, statement, *_):
    if statement.lstrip().startswith(("CREATE", "ALTER")) and next(changes) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

schema.migrate(Database(database_url(sys.argv[1]), pool_size=1))
"""


def test_a_version_before_owners_finds_its_calls_and_ends_those_that_are_open(empty_database: str) -> None:
    with opened(empty_database) as opened_database:
        schema.migrate(opened_database)
        with opened_database.engine.begin() as connection:
            command.downgrade(upgrade.alembic_config(connection), "0003")
            connection.execute(YESTERDAY_S_CALL, {"id": "yesterday"})

        assert schema.migrate(opened_database)
        with opened_database.engine.begin() as connection:
            # As a replica goes on to do that has been running since before.
            connection.execute(YESTERDAY_S_CALL, {"id": "beside"})
            owners = connection.execute(text("SELECT owner, expires_at FROM paid_calls")).all()
            connection.execute(text("UPDATE paid_calls SET state = 'sent' WHERE id = 'yesterday'"))
            command.downgrade(upgrade.alembic_config(connection), "0003")
            states = connection.execute(text("SELECT state FROM paid_calls")).scalars().all()

    assert owners == [(None, None)] * 2
    assert states == ["reserved"] * 2


def test_somebody_else_s_table_is_left_alone(empty_database: str) -> None:
    with opened(empty_database) as opened_database:
        with opened_database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE avatar (id INTEGER PRIMARY KEY, name VARCHAR(20))"))
            connection.execute(text("INSERT INTO avatar VALUES (1, 'theirs')"))

        schema.migrate(opened_database)
        with opened_database.engine.begin() as connection:
            command.check(upgrade.alembic_config(connection))
            command.downgrade(upgrade.alembic_config(connection), "base")

        with opened_database.engine.begin() as connection:
            assert connection.execute(text("SELECT id, name FROM avatar")).all() == [(1, "theirs")]


# --- Oracle: compiled, not run ---


def test_every_table_and_index_compiles_for_oracle() -> None:
    for table in metadata.sorted_tables:
        statements: list[ClauseElement] = [CreateTable(table), *map(CreateIndex, table.indexes)]
        assert all(str(statement.compile(dialect=ORACLE)).strip() for statement in statements)


def test_every_statement_that_a_service_runs_compiles_for_oracle(
    tmp_path: Path, provider: LoopbackProvider, serve: Serve
) -> None:
    statements = _statements_of_a_busy_service(tmp_path, provider, serve)

    compiled = {str(statement.compile(dialect=ORACLE)) for statement in statements}

    assert not [statement for statement in statements if isinstance(statement, TextClause)]
    for table in metadata.tables:
        assert [sql for sql in compiled if re.search(rf"\b(INTO|FROM|UPDATE|JOIN) {table}\b", sql)], table
    assert not [sql for sql in compiled if sql.startswith("SELECT") and "FROM" not in sql]
    assert not [sql for sql in compiled if " LIMIT " in sql]


def _statements_of_a_busy_service(folder: Path, provider: LoopbackProvider, serve: Serve) -> list[ClauseElement]:
    """What is asked of SQLite while every kind of request is answered."""
    environment = {
        "DB_STRING": f"sqlite:///{folder}/busy.db",
        "OPENAI_API_KEY": "sk-x",
        "OPENAI_BASE_URL": provider.base_url,
    }
    with opened(environment["DB_STRING"]) as database:
        schema.migrate(database)
    seen: list[ClauseElement] = []

    def see(_connection: Connection, statement: object, *_: object) -> None:
        if isinstance(statement, ClauseElement):
            seen.append(statement)

    event.listen(Engine, "before_execute", see)
    try:
        client = serve(environment).client
        client.get("/readyz")
        described = {"properties": {"description": "a wizard"}}
        for body in ({}, {}, {"properties": {"variant": 1}}, {"disable_cache": True}):
            patient.get(client.post("/query", json=body).json()["data"]["image_url"])
        for _ in range(2):
            client.post("/query", json=described, headers={"Idempotency-Key": "once"})
        provider.mode = Mode.REFUSED
        for _ in range(2):
            client.post("/query", json={"properties": {"variant": 2}})
        client.get("/stats")
    finally:
        event.remove(Engine, "before_execute", see)
    return seen


# --- many at once ---


def test_six_that_migrate_at_once_all_come_through(empty_database: str) -> None:
    def migrate(_: int) -> bool:
        with opened(empty_database) as opened_database:
            return schema.migrate(opened_database)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        changed = list(pool.map(migrate, range(AT_ONCE)))

    assert sorted(changed) == [False] * (AT_ONCE - 1) + [True]


@pytest.mark.parametrize("empty_database", ["postgresql"], indirect=True)
def test_a_migration_that_loses_a_deadlock_to_a_busy_service_begins_again(empty_database: str) -> None:
    with opened(empty_database) as opened_database, opened(empty_database) as watched, opened(empty_database) as busy:
        schema.migrate(opened_database)
        with opened_database.engine.begin() as connection:
            command.downgrade(upgrade.alembic_config(connection), "0003")
            connection.execute(text(f"ALTER DATABASE {opened_database.url.database} SET deadlock_timeout = '3s'"))
        opened_database.close()
        deadlocks = _deadlocks(watched)

        with ThreadPoolExecutor(1) as pool, busy.engine.begin() as transaction:
            transaction.execute(text("SET deadlock_timeout = '1min'"))  # the migration notices first, and gives way
            transaction.execute(text("SELECT count(*) FROM avatars"))
            migrated = pool.submit(schema.migrate, opened_database)
            wait_until(lambda: _waits_for_a_table(watched))
            transaction.execute(text("SELECT count(*) FROM paid_calls"))
            transaction.rollback()
            assert migrated.result()

        wait_until(lambda: _deadlocks(watched) == deadlocks + 1)
        assert version.is_current(watched)


def _waits_for_a_table(database: Database) -> bool:
    with database.engine.begin() as connection:
        waiting = text(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND NOT granted AND mode = 'AccessExclusiveLock'"
        )
        return int(connection.execute(waiting).scalar_one()) > 0


def _deadlocks(database: Database) -> int:
    """How many the server has counted; it does so within a second."""
    with database.engine.begin() as connection:
        counted = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(connection.execute(counted).scalar_one())


def test_a_file_that_another_process_writes_to_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "avatars.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")  # it has not turned the write-ahead log on yet, as one that comes first
        Timer(0.5, other.execute, ["COMMIT"]).start()

        with opened(f"sqlite:///{file}") as database:
            assert schema.migrate(database)


@pytest.mark.slow
def test_six_services_that_start_at_once_on_an_empty_database_all_come_up(empty_database: str, tmp_path: Path) -> None:
    with processes({"DB_STRING": empty_database}, tmp_path, count=AT_ONCE) as services:
        answers = [httpx.post(f"{service.url}/query", json={}, timeout=120).json() for service in services]

    assert [answer["cache_hit"] for answer in answers] == [False] + [True] * (AT_ONCE - 1)
    assert len({answer["data"]["image_hash"] for answer in answers}) == 1


# --- a user who may not make tables ---


@pytest.fixture
def owner_and_guest(empty_database: str) -> Iterator[tuple[str, str]]:
    """Two addresses of an empty database: of who owns it, and of somebody who may read and write but make nothing."""
    guest = f"guest_{uuid4().hex[:8]}"
    url = database_url(empty_database)
    backend = "postgresql" if url.get_backend_name() == "postgresql" else "mysql"
    rights = _RIGHTS[backend].format(guest=guest, database=url.database, password=PASSWORD.replace("%", "%%"))
    _run_all(url, rights)
    try:
        yield empty_database, url.set(username=guest, password=PASSWORD).render_as_string(hide_password=False)
    finally:
        _run_all(url, _END_OF_RIGHTS[backend].format(guest=guest))


_RIGHTS: Final = {
    "postgresql": "CREATE ROLE {guest} LOGIN PASSWORD '{password}'; REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
    "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {guest}",
    "mysql": "CREATE USER '{guest}'@'%%' IDENTIFIED BY '{password}';"
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO '{guest}'@'%%'",
}
_END_OF_RIGHTS: Final = {
    "postgresql": "DROP OWNED BY {guest}; DROP ROLE {guest}",
    "mysql": "DROP USER '{guest}'@'%%'",
}


def _run_all(url: URL, statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements.split(";"):
            connection.exec_driver_sql(statement.strip())


@on_empty_servers
@pytest.mark.parametrize("action", ["serve", "migrate"])
def test_who_may_not_make_tables_is_told_what_to_do(
    owner_and_guest: tuple[str, str], tmp_path: Path, action: str
) -> None:
    _, guest = owner_and_guest

    ended = avatars({"DB_STRING": guest, "AVATARS_PORT": str(free_port())}, action, folder=tmp_path)

    said = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert ended.returncode == 1
    assert len(said) == 1
    assert "'avatars migrate'" in said[0]
    assert not _secrets(ended.stdout + ended.stderr)


@on_empty_servers
def test_who_may_not_make_tables_serves_where_they_are_current(
    owner_and_guest: tuple[str, str], tmp_path: Path
) -> None:
    owner, guest = owner_and_guest
    assert avatars({"DB_STRING": owner}, "migrate", folder=tmp_path).returncode == 0

    with processes({"DB_STRING": guest}, tmp_path) as (service,):
        answers = [httpx.post(f"{service.url}/query", json={}, timeout=120) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["cache_hit"] for answer in answers] == [False, True]


# --- the forms that people write ---


@pytest.mark.parametrize(
    ("written", "driver", "password", "charset"),
    [
        ("postgres://user:secret@db.example/avatars", "postgresql+psycopg2", "secret", None),
        ("postgresql://user:p%40ss@db.example:5433/avatars", "postgresql+psycopg2", "p@ss", None),
        ("postgresql+psycopg2://user@db.example/avatars", "postgresql+psycopg2", None, None),
        (" mysql://user:secret@db.example/avatars\n", "mysql+pymysql", "secret", "utf8mb4"),
        ("mariadb://user:secret@db.example/avatars", "mariadb+pymysql", "secret", "utf8mb4"),
        ("mysql+pymysql://user:p%40ss@db.example:3307/db?charset=utf8mb4", "mysql+pymysql", "p@ss", "utf8mb4"),
        ("mysql://user:secret@db.example/db?charset=utf8", "mysql+pymysql", "secret", "utf8"),
        ("oracle://user:secret@db.example:1521/?service_name=x", "oracle+oracledb", "secret", None),
        ("sqlite:///./x.db", "sqlite", None, None),
        ("sqlite:////var/lib/avatars/x.db", "sqlite", None, None),
        ("sqlite://", "sqlite", None, None),
    ],
)
def test_an_address_is_read_as_people_write_it(
    written: str, driver: str, password: str | None, charset: str | None
) -> None:
    url = database_url(written)

    assert url.drivername == driver
    assert url.password == password
    assert url.query.get("charset") == charset


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hidden",
        "avatars.db",
        "postgresql:/hidden",
        "postgresql://user:hidden",
        "postgresql://user:hidden@localhost:port/db",
        "postgresql+asyncpg://user:hidden@localhost/db",
        "mysql+mysqldb://user:hidden@localhost/db",
        "nosuchdatabase://user:hidden@localhost/db",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no SQLAlchemy URL|no driver is installed") as refused:
        database_url(written)

    assert "hidden" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("empty_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_each_form_for_postgresql_reaches_it(scheme: str, empty_database: str) -> None:
    with opened(_rewritten(empty_database, scheme)) as database:
        assert schema.migrate(database)


@pytest.mark.parametrize("empty_database", ["mysql"], indirect=True)
@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "mysql+pymysql"])
def test_each_form_for_mysql_reaches_it(scheme: str, empty_database: str) -> None:
    with opened(_rewritten(empty_database, scheme)) as database:
        assert schema.migrate(database)


def test_an_sqlite_file_is_made_with_its_folder(tmp_path: Path) -> None:
    with opened("sqlite:///./deep/down/x.db") as database:
        assert schema.migrate(database)

    assert (tmp_path / "deep/down/x.db").is_file()


def test_an_sqlite_database_in_memory_serves_one_process(serve: Serve) -> None:
    service = serve({"DB_STRING": "sqlite://"})

    answers = [service.client.post("/query", json={}).json() for _ in range(2)]

    assert [answer["cache_hit"] for answer in answers] == [False, True]
    assert service.client.get("/stats").json()["faces"] == 1


def _rewritten(address: str, scheme: str) -> str:
    return f"{scheme}://{address.partition('://')[2]}"


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def _secrets(said: str) -> list[str]:
    """The forms of the password that stand in what was said."""
    return [form for form in (PASSWORD, "p%40ss", "w/rd", "w%2Frd") if form in said]
