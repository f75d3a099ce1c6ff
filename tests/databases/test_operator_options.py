"""What an operator's database is like: parameters of the URL, encodings, limits of a role, few open files."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url

from avatars_as_a_service.storage.tables import metadata
from tests.conftest import Serve
from tests.support import ledger_checks
from tests.support.concurrency import ask_all, different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.outage import execute
from tests.support.own_servers import OwnPostgres, own_postgres
from tests.support.service_runner import free_port, processes

DESCRIBED = {"properties": {"description": "a wizard 🧙 with a naïve smile in Łódź"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPostgres]:
    with own_postgres(tmp_path_factory.mktemp("options"), encoding="LATIN1") as running:
        yield running


def paid_with(url: str, provider: LoopbackProvider) -> dict[str, str]:
    return {"DB_STRING": url, "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": provider.base_url}


def ask_twice(client: httpx.Client) -> list[str]:
    """The prompts of one described picture, drawn and repeated."""
    answers = [client.post("/query", json=DESCRIBED, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[-1].text
    return [answer.json()["prompt"] for answer in answers]


@pytest.mark.servers
def test_the_operator_s_options_stay_for_migrations_and_service_in_a_latin1_database(
    server: OwnPostgres, provider: LoopbackProvider, serve: Serve
) -> None:
    execute(server.url, "CREATE SCHEMA apart")
    service = serve(paid_with(f"{server.url}?options=-csearch_path%3Dapart&connect_timeout=7", provider))

    prompts = ask_twice(service.client)
    provider.script.clear()

    assert prompts == [DESCRIBED["properties"]["description"]] * 2
    engine = create_engine(server.url)
    assert set(inspect(engine).get_table_names("apart")) >= set(metadata.tables)
    assert not inspect(engine).get_table_names("public")
    engine.dispose()


@pytest.mark.parametrize("empty_database", ["mysql"], indirect=True)
def test_a_narrow_charset_of_connection_and_database_is_enough(
    empty_database: str, provider: LoopbackProvider, serve: Serve
) -> None:
    url = make_url(empty_database)
    execute(empty_database, f"ALTER DATABASE {url.database} CHARACTER SET latin1")
    narrow = url.update_query_dict({"charset": "utf8"}).render_as_string()

    prompts = ask_twice(serve(paid_with(narrow, provider)).client)

    assert prompts == [DESCRIBED["properties"]["description"]] * 2


@pytest.mark.servers
@pytest.mark.slow
def test_a_role_of_one_connection_and_short_timeouts_serves_and_is_told_in_a_line(
    server: OwnPostgres, provider: LoopbackProvider, tmp_path: Path
) -> None:
    execute(
        server.url,
        "CREATE ROLE limited LOGIN CONNECTION LIMIT 1",
        "ALTER ROLE limited SET statement_timeout = '500ms'",
        "ALTER ROLE limited SET lock_timeout = '1ms'",
        "ALTER ROLE limited SET default_transaction_isolation = 'serializable'",
        "CREATE SCHEMA limited AUTHORIZATION limited",
    )
    url = make_url(server.url).set(username="limited").render_as_string()
    with processes(paid_with(url, provider), tmp_path) as [service]:
        replies = ask_all([service.url], different_faces(20) * 2)
        log = service.log()

    assert {reply.status for reply in replies} == {200}, log
    assert len(provider.calls) == 20
    assert log.count("THE DATABASE SERVER ALLOWS FEWER CONNECTIONS") == 1
    assert log.count("has no more connections for this process") <= 1
    assert "Traceback" not in log
    own = make_url(url).update_query_dict({"options": "-csearch_path=limited"}).render_as_string(hide_password=False)
    assert ledger_checks.faces_kept(own) == 20


@pytest.mark.slow
def test_few_open_files_are_told_in_a_line() -> None:
    command = [
        "bash",
        "-c",
        f"ulimit -n 256 && exec {sys.executable} -m avatars_as_a_service serve --port {free_port()}",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        line = next(line for line in running.stdout if "FEW OPEN FILES" in line)
        running.kill()

    assert '"open_files": 256' in line
    assert '"connections": 128' in line


def test_an_sqlite_address_in_the_form_of_a_uri_makes_no_stray_folder(serve: Serve, tmp_path: Path) -> None:
    service = serve({"DB_STRING": "sqlite:///file:kept/here.db?uri=true"})

    assert service.client.post("/query", json={}).status_code == 200

    assert (tmp_path / "kept/here.db").is_file()
    assert {path.name for path in tmp_path.iterdir()} <= {"kept", "data"}
