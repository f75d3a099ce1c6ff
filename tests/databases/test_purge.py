"""Taking faces away and drawing them anew: seen by every process, and never at the cost of a face that is kept."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Connection, create_engine, update
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage import avatars as rows
from avatars_as_a_service.storage import generation
from avatars_as_a_service.storage import purged_pictures as gone
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import avatars as faces
from avatars_as_a_service.storage.tables import descriptions, metadata
from tests.conftest import Serve
from tests.support import ledger_checks
from tests.support.clock import stretched, wait_until
from tests.support.command_line import avatars
from tests.support.concurrency import different_faces
from tests.support.databases import on_sqlite
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import ThreadedService, processes

FACE, OTHER = different_faces(2, seed=21)
DESCRIBED: Final = {"properties": {"description": "a pirate"}}
SEEN_S: Final = 5.0
TOKEN: Final = "token-of-the-operator"
OPERATOR: Final = {"Authorization": f"Bearer {TOKEN}"}
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every service knows the operator by the same token."""
    monkeypatch.setenv("AVATARS_ADMIN_TOKEN", TOKEN)


def ask(service: ThreadedService, body: Json) -> Json:
    answer: Json = service.client.post("/query", json=body).raise_for_status().json()
    return answer


def picture(service: ThreadedService, answer: Json) -> httpx.Response:
    """The picture of an answer, asked of any service."""
    return service.client.get(urlsplit(answer["data"]["image_url"]).path)


def key(answer: Json) -> str:
    return str(answer["data"]["image_hash"])


def digest(answer: Json) -> str:
    return str(answer["data"]["image_url"]).rpartition("/")[2].partition(".")[0]


def seen(condition: Callable[[], bool]) -> None:
    """It holds within the seconds that every process has."""
    wait_until(condition, SEEN_S)


# --- purge ---


def test_a_purged_face_is_gone_in_every_process_and_its_address_says_so(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    here, there = serve(paid), serve(paid)
    old, other = ask(here, FACE), ask(here, OTHER)
    assert ask(there, FACE)["cache_hit"]
    assert picture(there, old).status_code == 200
    assert there.client.get(urlsplit(old["data"]["image_url"]).path, headers={"If-None-Match": "*"}).status_code == 304

    removed = here.client.delete(f"/admin/faces/{key(old)}", headers=OPERATOR)
    since = time.monotonic()

    assert (removed.status_code, removed.json()) == (200, {"faces": 1, "pictures": 1})
    for service in (here, there):
        seen(lambda service=service: picture(service, old).status_code == 410)  # type: ignore[misc]
        assert picture(service, old).json()["code"] == "picture_gone"
        again = service.client.get(urlsplit(old["data"]["image_url"]).path, headers={"If-None-Match": "*"})
        assert again.status_code == 410
    assert time.monotonic() - since < stretched(SEEN_S)
    new = ask(there, FACE)
    assert (new["cache_hit"], key(new)) == (False, key(old))
    assert digest(new) != digest(old)
    assert ask(there, OTHER)["cache_hit"]
    assert picture(there, other).status_code == 200
    assert len(ledger_checks.ledger(paid["DB_STRING"])) == len(provider.calls) == 3


@on_sqlite
@pytest.mark.slow
def test_purged_on_the_command_line(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)
    face, described = ask(service, FACE), ask(service, DESCRIBED)

    ended = avatars(paid, "purge", key(face), digest(described), "0" * 32)

    assert ended.returncode == 1
    assert "0" * 32 in ended.stderr
    assert ended.stdout.startswith("1 face and 2 pictures are gone")
    for answer in (face, described):
        seen(lambda answer=answer: picture(service, answer).status_code == 410)  # type: ignore[misc]
    (line,) = [json.loads(line) for line in ended.stderr.splitlines() if '"purged"' in line]
    assert sorted(line["what"]) == sorted([key(face), digest(face), digest(described)])
    assert " at " in line["who"]
    assert line["timestamp"]


@on_sqlite
@pytest.mark.slow
def test_a_dry_run_counts_and_changes_nothing(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)
    face, described, younger = ask(service, FACE), ask(service, DESCRIBED), ask(service, OTHER)
    make_older(paid["DB_STRING"], timedelta(days=31))
    # The picture of the description is named twice, by its digest and by its age; it counts once.
    what = ["purge", key(face), digest(described), "--descriptions-older-than", "30d"]

    dry = avatars(paid, *what, "--dry-run")
    dry_unknown = avatars(paid, "purge", "0" * 32, "--dry-run")
    shown = [picture(service, answer).status_code for answer in (face, described, younger)]
    done = avatars(paid, *what)

    assert (dry.returncode, dry.stdout) == (0, "1 face and 2 pictures would go.\n")
    assert dry_unknown.returncode == 1
    assert "0" * 32 in dry_unknown.stderr
    assert '"purged"' not in dry.stderr
    assert shown == [200, 200, 200]
    assert (done.returncode, done.stdout) == (0, "1 face and 2 pictures are gone.\n")
    seen(lambda: [picture(service, answer).status_code for answer in (face, described, younger)] == [410, 410, 200])


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "options", "code"),
    [(b"n\n", [], 1), (b"\n", [], 1), (b"\x04", [], 1), (b"y\n", [], 0), (b"", ["--yes"], 0), (b"", ["--dry-run"], 0)],
    ids=["no", "enter", "end of file", "yes", "--yes", "--dry-run"],
)
@pytest.mark.slow
def test_on_a_terminal_purge_asks_first(
    paid: dict[str, str], serve: Serve, typed: bytes, options: list[str], code: int
) -> None:
    service = serve(paid)
    face = ask(service, FACE)

    ended, said = on_terminal(paid, typed, "purge", key(face), *options)

    assert ended == code, said
    assert ("Delete 1 face and 1 picture for good?" in said) == (not options)
    if code == 0 and "--dry-run" not in options:
        assert "1 face and 1 picture are gone." in said
        seen(lambda: picture(service, face).status_code == 410)
    else:
        assert ask(service, FACE)["cache_hit"]
        assert picture(service, face).status_code == 200


def on_terminal(environment: dict[str, str], typed: bytes, *arguments: str) -> tuple[int, str]:
    """Run ``avatars`` on a terminal, type once it asks, and return its exit code and all that the terminal shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "avatars_as_a_service", *arguments]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the end of a terminal
            while part := os.read(ours, 10_000):
                shown += part
                if typed and b"[y/N]" in shown:
                    os.write(ours, typed)
                    typed = b""
        os.close(ours)
        return process.wait(30), shown.decode()


@on_sqlite
def test_a_picture_is_purged_with_all_faces_that_show_it_and_a_shared_one_stays_for_the_other(
    serve: Serve, database: str
) -> None:
    service = serve({"DB_STRING": database})
    one, two = ask(service, FACE), ask(service, OTHER)
    with create_engine(database_url(database), poolclass=NullPool).begin() as connection:
        connection.execute(update(faces).values(digest=digest(two)))

    first = service.client.delete(f"/admin/faces/{key(one)}", headers=OPERATOR).json()
    assert first == {"faces": 1, "pictures": 0}
    assert picture(service, two).status_code == 200

    assert service.client.delete(f"/admin/pictures/{digest(two)}", headers=OPERATOR).json() == {
        "faces": 1,
        "pictures": 1,
    }
    assert picture(service, two).status_code == 410
    assert ledger_checks.faces_kept(database) == 0


@pytest.mark.slow
@on_sqlite
def test_a_face_whose_picture_stays_is_gone_in_every_process_too(serve: Serve, database: str) -> None:
    here = serve({"DB_STRING": database})
    alone, shared, others = (ask(here, face) for face in different_faces(3, seed=22))
    with create_engine(database_url(database), poolclass=NullPool).begin() as connection:
        same = update(faces).where(faces.c.image_hash == key(shared)).values(digest=digest(others))
        connection.execute(same)
    there = serve({"DB_STRING": database})
    assert ask(there, different_faces(3, seed=22)[1])["cache_hit"]

    ended = avatars({"DB_STRING": database}, "purge", key(alone), key(shared))

    assert ended.stdout.startswith("2 faces and 1 picture are gone")
    seen(lambda: not ask(there, different_faces(3, seed=22)[1])["cache_hit"])


@on_sqlite
def test_drawn_again_byte_for_byte_a_picture_is_there_again(serve: Serve, database: str) -> None:
    service = serve({"DB_STRING": database})
    old = ask(service, FACE)
    service.client.delete(f"/admin/faces/{key(old)}", headers=OPERATOR).raise_for_status()
    assert picture(service, old).status_code == 410

    new = ask(service, FACE)

    assert digest(new) == digest(old)
    assert picture(service, new).status_code == 200


@on_sqlite
def test_purged_bytes_are_deleted_from_the_folder_too(paid: dict[str, str], serve: Serve, tmp_path: Path) -> None:
    service = serve(paid, AVATARS_IMAGE_STORE=f"file://{tmp_path}/pictures")
    face = ask(service, FACE)
    (file,) = (tmp_path / "pictures").rglob(f"{digest(face)}.*")

    service.client.delete(f"/admin/faces/{key(face)}", headers=OPERATOR).raise_for_status()

    assert not file.exists()
    assert ledger_checks.pictures_kept(paid["DB_STRING"]) == 0


@on_sqlite
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("DELETE", f"/admin/faces/{'0' * 32}"), (404, "face_not_found")),
        (("DELETE", f"/admin/pictures/{'0' * 64}"), (404, "picture_not_found")),
        (("POST", f"/admin/faces/{'0' * 32}/redraw"), (404, "face_not_found")),
        (("DELETE", "/admin/descriptions?older_than=soon"), (422, "bad_age")),
    ],
)
def test_what_is_not_there_is_said(serve: Serve, database: str, asked: tuple[str, str], told: tuple[int, str]) -> None:
    answer = serve({"DB_STRING": database}).client.request(*asked, headers=OPERATOR)

    assert (answer.status_code, answer.json()["code"]) == told


# --- descriptions ---


def make_older(database: str, age: timedelta) -> None:
    with create_engine(database_url(database), poolclass=NullPool).begin() as connection:
        connection.execute(update(descriptions).values(drawn_at=utc_now(connection) - age))


@pytest.mark.slow
@on_sqlite
def test_pictures_of_old_descriptions_go_and_nothing_else(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)
    old = [ask(service, DESCRIBED)]
    keyed = service.client.post("/query", json=DESCRIBED, headers={"Idempotency-Key": "once"}).json()
    make_older(paid["DB_STRING"], timedelta(days=31))
    stays = [ask(service, DESCRIBED), ask(service, FACE), ask(service, FACE | {"disable_cache": True})]

    ended = avatars(paid, "purge", "--descriptions-older-than", "30d")

    assert ended.stdout.startswith("0 faces and 2 pictures are gone")
    for answer in (*old, keyed):
        seen(lambda answer=answer: picture(service, answer).status_code == 410)  # type: ignore[misc]
    assert [picture(service, answer).status_code for answer in stays] == [200, 200, 200]
    over_http = service.client.delete("/admin/descriptions?older_than=0d", headers=OPERATOR)
    assert over_http.json() == {"faces": 0, "pictures": 1}
    assert picture(service, stays[0]).status_code == 410


@on_sqlite
def test_the_setting_takes_them_away_by_itself(paid: dict[str, str], serve: Serve) -> None:
    before = serve(paid)
    described, face = ask(before, DESCRIBED), ask(before, FACE)
    make_older(paid["DB_STRING"], timedelta(days=8))

    service = serve(paid, AVATARS_KEEP_DESCRIPTIONS_DAYS="7")

    seen(lambda: picture(service, described).status_code == 410)
    assert picture(service, face).status_code == 200


# --- redraw ---


def test_a_redrawn_face_shows_its_old_picture_until_the_new_one_is_there_then_everywhere(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    here, there = serve(paid), serve(paid)
    old, other = ask(here, FACE), ask(here, OTHER)
    assert ask(there, FACE)["cache_hit"]
    provider.delay = 1.0
    with httpx.Client(base_url=here.url, timeout=120) as client:
        began = time.monotonic()
        redrawn = client.post(f"/admin/faces/{key(old)}/redraw", headers=OPERATOR).raise_for_status().json()
        assert time.monotonic() - began > 1.0

    assert redrawn["cost_usd"] > 0
    assert key(redrawn) == key(old)
    assert digest(redrawn) != digest(old)
    seen(lambda: digest(ask(there, FACE)) == digest(redrawn))
    for service in (here, there):
        assert ask(service, FACE)["cache_hit"]
        assert ask(service, OTHER)["data"]["image_hash"] == key(other)
        assert picture(service, redrawn).status_code == picture(service, old).status_code == 200
    assert len(provider.calls) == 3


@pytest.mark.in_process("its memory is filled slowly")
@on_sqlite
@pytest.mark.slow
def test_a_redrawn_face_is_seen_while_the_memory_is_still_being_filled(
    paid: dict[str, str], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = serve(paid), serve(paid)
    keys = [key(ask(here, face)) for face in (FACE, OTHER)]
    page = rows.newest

    def slowly(connection: Connection, **which: Any) -> list[rows.DatedAvatar]:  # noqa: ANN401 - whatever it is asked
        time.sleep(2 * SEEN_S)
        return page(connection, **which)

    monkeypatch.setattr(rows, "newest", slowly)
    for name, face in zip(keys, (FACE, OTHER), strict=True):
        before = digest(ask(there, face))
        here.client.post(f"/admin/faces/{name}/redraw", headers=OPERATOR).raise_for_status()
        seen(lambda face=face, before=before: digest(ask(there, face)) != before)  # type: ignore[misc]


def test_a_change_that_comes_while_the_changes_are_read_is_left_for_the_next_time(tmp_path: Path) -> None:
    engine = create_engine(database_url(f"sqlite:///{tmp_path}/x.db"))
    metadata.create_all(engine)
    with engine.begin() as connection:
        number = generation.bump(connection)  # a redraw
        gone.add(connection, ["0" * 64], generation.bump(connection))

        assert gone.by_generation(connection, 0, number) == {}
        assert gone.by_generation(connection, number, number + 1) == {number + 1: ["0" * 64]}
    engine.dispose()


@on_sqlite
@pytest.mark.slow
def test_redrawn_on_the_command_line(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid)
    old = ask(service, FACE)

    ended = avatars(paid, "redraw", key(old), "0" * 32)

    assert ended.returncode == 1
    assert f"not redrawn: {'0' * 32}" in ended.stderr
    (line,) = ended.stdout.splitlines()
    assert line.startswith(f"{key(old)}  $0.00")
    seen(lambda: digest(ask(service, FACE)) != digest(old))
    assert line.endswith(urlsplit(ask(service, FACE)["data"]["image_url"]).path)
    assert len(provider.calls) == 2


def test_a_redraw_that_is_killed_leaves_the_old_face(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, tmp_path: Path
) -> None:
    old = ask(serve(paid), FACE)
    with processes({**paid, "AVATARS_LEASE_S": "1"}, tmp_path) as [service]:
        provider.script.append(Mode.HANGS)
        with pytest.raises(httpx.TransportError):
            kill_once_called(service.url, service.kill, key(old), provider)

    again = serve(paid, AVATARS_LEASE_S="1")

    assert ask(again, FACE)["cache_hit"]
    assert digest(ask(again, FACE)) == digest(old)
    assert picture(again, old).status_code == 200
    redrawn = again.client.post(f"/admin/faces/{key(old)}/redraw", headers=OPERATOR).raise_for_status().json()
    assert digest(redrawn) != digest(old)


def kill_once_called(url: str, kill: Callable[[], None], image_hash: str, provider: LoopbackProvider) -> None:
    """Ask for a redraw whose call never ends, and kill the service then."""
    calls = len(provider.calls)

    def wait_and_kill() -> None:
        wait_until(lambda: len(provider.calls) > calls)
        kill()

    killer = threading.Thread(target=wait_and_kill)
    killer.start()
    try:
        httpx.post(f"{url}/admin/faces/{image_hash}/redraw", headers=OPERATOR, timeout=120)
    finally:
        killer.join()


@on_sqlite
def test_a_redraw_that_fails_leaves_the_old_face_and_says_why(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    old = ask(service, FACE)
    provider.mode = Mode.REFUSED

    answer = service.client.post(f"/admin/faces/{key(old)}/redraw", headers=OPERATOR)

    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert digest(ask(service, FACE)) == digest(old)


@on_sqlite
def test_a_redraw_pays_within_the_cap_alone(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid, AVATARS_PRICE_PER_IMAGE_USD="0.01", AVATARS_DAILY_BUDGET_USD="0.01")
    old = ask(service, FACE)

    answer = service.client.post(f"/admin/faces/{key(old)}/redraw", headers=OPERATOR)

    assert (answer.status_code, answer.json()["code"]) == (503, "budget_exhausted")
    assert len(provider.calls) == 1


@on_sqlite
def test_redrawn_by_many_at_once_it_is_paid_for_once(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    services = [serve(paid), serve(paid)]
    old = ask(services[0], FACE)
    provider.delay = 1.0

    with ThreadPoolExecutor(6) as pool:
        asked = [
            pool.submit(httpx.post, f"{service.url}/admin/faces/{key(old)}/redraw", headers=OPERATOR, timeout=120)
            for service in services * 3
        ]
        answers = [each.result().raise_for_status().json() for each in asked]

    assert len({digest(answer) for answer in answers}) == 1
    assert len(provider.calls) == 2
    assert sum(answer["cost_usd"] > 0 for answer in answers) == 1


@on_sqlite
def test_another_artist_s_face_is_not_redrawn(paid: dict[str, str], serve: Serve) -> None:
    old = ask(serve(paid), FACE)

    answer = serve(paid, AVATARS_PROVIDER="local").client.post(f"/admin/faces/{key(old)}/redraw", headers=OPERATOR)

    assert (answer.status_code, answer.json()["code"]) == (409, "other_artist")
