"""The SQLite file is replaced or deleted while services have it open: they go on with the file at the path."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

import httpx
import pytest

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.replaced_file import open_new_file
from avatars_as_a_service.storage.schema import migrate
from tests.conftest import Serve
from tests.support import ledger_checks
from tests.support.clock import wait_until
from tests.support.concurrency import Json, ask_all, different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ServiceProcess, processes


def copied(path: Path) -> Path:
    """A backup of a database that is in use."""
    backup = path.with_name("backup.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    return backup


def delete(path: Path, _backup: Path) -> None:
    path.unlink()


def delete_with_its_log(path: Path, _backup: Path) -> None:
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)


def restore_an_older_version(path: Path, backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection:
        for column in ("owner", "expires_at"):
            connection.execute(f"ALTER TABLE paid_calls DROP COLUMN {column}")
        connection.execute("ALTER TABLE avatars DROP COLUMN features")
        connection.execute("UPDATE avatars_schema_version SET version_num = '0003'")
        connection.commit()
    backup.replace(path)


REPLACEMENTS: Final = (
    (delete, 0),
    (delete_with_its_log, 0),
    (restore_an_older_version, 3),
)
"""How the file is replaced, and how many of the faces of that round the new one has."""


@on_sqlite
def test_two_processes_go_on_with_the_file_at_the_path_and_pay_for_no_face_twice(
    database: str, paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    path = Path(database.removeprefix("sqlite:///"))
    with processes(paid, tmp_path, count=2) as services, ThreadPoolExecutor() as asker:
        urls = [service.url for service in services]
        for times, (replace, in_backup) in enumerate(REPLACEMENTS, start=1):
            early, late, new, under_way = _split(different_faces(17, seed=times), 3, 4, 9, 1)
            ask_all(urls, early)
            backup, kept = copied(path), ledger_checks.faces_kept(database) if in_backup else 0
            ask_all(urls, late)
            paid_before, released = len(provider.calls), provider.hold_next()
            drawing = asker.submit(ask_all, urls[:1], under_way)
            wait_until(lambda calls=paid_before + 1: len(provider.calls) == calls)  # type: ignore[misc]

            replace(path, backup)
            wait_until(lambda notices=times: {*map(_notices, services)} == {notices})  # type: ignore[misc]
            waiting = asker.submit(ask_all, urls[1:], under_way)
            ask_all(urls, [*early, *late, *new] * 2)
            released.set()
            replies = [*drawing.result(), *waiting.result()]
            replies += [reply for url in urls for reply in ask_all([url], [*early, *late, *new])]

            assert {reply.status for reply in replies} == {200}, services[0].log()
            assert not any(reply.body["provisional"] for reply in replies)
            assert len({(reply.image_hash, reply.picture) for reply in replies}) == 17
            assert len(provider.calls) - paid_before == 17 - in_backup
            assert ledger_checks.faces_kept(database) == kept + 17 - in_backup
            assert {entry.state for entry in ledger_checks.ledger(database)} == {"settled"}
            assert all(use.reserved == 0 for use in ledger_checks.used(database))
        assert {httpx.get(f"{url}/readyz", timeout=30).json()["status"] for url in urls} == {"ready"}


def _split(faces: list[Json], *counts: int) -> list[list[Json]]:
    remaining = iter(faces)
    return [list(islice(remaining, count)) for count in counts]


def _notices(service: ServiceProcess) -> int:
    return service.log().count("THE SQLITE FILE WAS REPLACED OR DELETED")


def put_other_bytes(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"no database" * 1000)
    other.replace(path)


def put_a_folder(path: Path) -> None:
    """As Docker does where a file to mount is missing."""
    path.unlink()
    path.mkdir()


@on_sqlite
@pytest.mark.parametrize("replace", [put_other_bytes, put_a_folder])
def test_what_is_no_database_is_said_once_and_the_next_file_is_taken(
    database: str,
    paid: dict[str, str],
    serve: Serve,
    capsys: pytest.CaptureFixture[str],
    replace: Callable[[Path], None],
) -> None:
    path = Path(database.removeprefix("sqlite:///"))
    service = serve(paid)
    backup = copied(path)

    replace(path)
    wait_until(lambda: service.client.get("/readyz").json()["status"] == "degraded")
    refused = service.client.post("/query", json={})
    if path.is_dir():
        path.rmdir()
    backup.replace(path)

    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    wait_until(lambda: service.client.get("/readyz").json()["status"] == "ready")
    assert service.client.post("/query", json={}).status_code == 200
    assert ledger_checks.faces_kept(database) == 1
    service.stop()
    log = capsys.readouterr().out
    assert log.count("THE SQLITE FILE WAS REPLACED by one that cannot be used") == 1
    assert "Traceback" not in log


def test_where_no_connection_to_the_old_file_is_left_a_folder_in_its_place_is_an_outage(tmp_path: Path) -> None:
    path = tmp_path / "avatars.db"
    database = Database(database_url(f"sqlite:///{path}"), pool_size=1)
    assert database.file is not None
    migrate(database)
    database.close()
    put_a_folder(path)

    with pytest.raises(DatabaseUnavailable):
        open_new_file(database, database.file)
