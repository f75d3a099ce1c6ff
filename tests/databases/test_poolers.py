"""Connection poolers: pgbouncer as Debian ships it, between four services and a PostgreSQL server of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.support import ledger_checks
from tests.support.clock import wait_until
from tests.support.concurrency import ask_all, different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.outage import execute
from tests.support.own_servers import OwnPostgres, own_postgres, pgbouncer
from tests.support.service_runner import ServiceProcess, processes

FACES, TIMES, REPLICAS = 200, 5, 4


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPostgres]:
    """A server whose defaults are stricter than the service wants."""
    with own_postgres(tmp_path_factory.mktemp("poolers"), encoding="LATIN1") as running:
        strict = ("default_transaction_isolation = 'serializable'", "lock_timeout = '1ms'")
        execute(running.url, *(f"ALTER DATABASE postgres SET {setting}" for setting in strict))
        yield running


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_four_services_behind_pgbouncer_start_at_once_and_pay_for_each_face_once(
    mode: str, server: OwnPostgres, provider: LoopbackProvider, tmp_path: Path
) -> None:
    execute(server.url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    bodies = different_faces(FACES) * TIMES
    with pgbouncer(server, tmp_path, mode) as url:
        environment = {"DB_STRING": url, "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": provider.base_url}
        with processes(environment, tmp_path, count=REPLICAS) as services:
            replies = ask_all([service.url for service in services], bodies)
            logs = "".join(service.log() for service in services)
        held = _advisory_locks(server)

    assert {reply.status for reply in replies} == {200}, logs
    assert not any(reply.body["provisional"] for reply in replies)
    assert len(provider.calls) == FACES
    assert len({(reply.image_hash, reply.picture) for reply in replies}) == FACES
    assert {entry.state for entry in ledger_checks.ledger(server.url)} == {"settled"}
    assert held == 0
    assert "Traceback" not in logs


@pytest.mark.servers
@pytest.mark.slow
def test_a_lock_for_migrations_that_another_session_holds_is_waited_for_and_said(
    server: OwnPostgres, tmp_path: Path
) -> None:
    execute(server.url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    holder = psycopg2.connect(server.url.replace("+psycopg2", ""))
    holder.cursor().execute(f"SELECT pg_advisory_lock({0x41_56_41_54})")
    service = ServiceProcess({"DB_STRING": server.url}, tmp_path)
    try:
        wait_until(lambda: "another process is migrating the tables" in service.log())
        holder.close()
        service.wait_until_ready()
    finally:
        service.kill()


def _advisory_locks(server: OwnPostgres) -> int:
    connection = psycopg2.connect(server.url.replace("+psycopg2", ""))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        rows = cursor.fetchall()
    connection.close()
    return int(rows[0][0])
