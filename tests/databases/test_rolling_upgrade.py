"""A rolling upgrade: yesterday's code and today's serve one database at once, pay for no face twice and lose none."""

import io
import os
import subprocess
import sys
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.support import ledger_checks
from tests.support.clock import wait_until
from tests.support.concurrency import Json, Reply, ask_all, different_faces
from tests.support.databases import REQUIRED
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import ServiceProcess
from tests.support.yesterday import COMMIT

pytestmark = [pytest.mark.in_process("two versions of the code run, and the image has one"), pytest.mark.slow]

PROJECT: Final = Path(__file__).parents[2]
PACKAGE: Final = "avatars_as_a_service"
FACES: Final = different_faces(200, seed=61)
OTHERS: Final = different_faces(240, seed=61)[200:]
KEPT_BEFORE: Final = 8
"""Faces that are kept before the processes that drew them are killed."""
AT_ONCE: Final = 4
"""Calls that a process has under way at most."""
PRICE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Roll:
    """A database and both versions' code."""

    environment: dict[str, str]
    folder: Path
    old_code: Path

    @contextmanager
    def services(self, code: str, *differing: Mapping[str, str]) -> Iterator[list[ServiceProcess]]:
        """Ready processes of that version, all started at once: one, or one for each of the settings given."""
        started: list[ServiceProcess] = []
        try:
            started += [self.start(code, more) for more in differing or ({},)]
            yield [service.wait_until_ready() for service in started]
        except BaseException:
            for service in started:  # pytest shows it with the failure
                sys.stdout.write(f"--- {service.log_path.name}\n{service.log()}")
            raise
        finally:
            for service in started:
                service.kill()

    def start(self, code: str, more: Mapping[str, str]) -> ServiceProcess:
        """A process of the ``old`` or the ``new`` version, perhaps not yet ready."""
        folder = {"old": self.old_code, "new": PROJECT}[code]
        return ServiceProcess({**self.environment, **more, "PYTHONPATH": str(folder)}, self.folder)

    @property
    def changes_tables(self) -> bool:
        """Whether the new version has a migration that the old one does not know."""
        return _newest_migration(self.old_code) != _newest_migration(PROJECT)


@pytest.fixture(scope="module")
def old_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with yesterday's package in it, out of the history."""
    archive = subprocess.run(["git", "-C", str(PROJECT), "archive", COMMIT, PACKAGE], capture_output=True, check=False)
    if archive.returncode:
        reason = f"{COMMIT} is not in this checkout's history: {archive.stderr.decode().strip()}"
        assert not REQUIRED, reason
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("yesterday")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")
    assert _found_at(folder) == folder / PACKAGE
    assert _found_at(PROJECT) == PROJECT / PACKAGE
    return folder


@pytest.fixture
def roll(empty_database: str, provider: LoopbackProvider, old_code: Path, tmp_path: Path) -> Roll:
    environment = {
        "DB_STRING": empty_database,
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_RETRY_WAIT_S": "0.05",
        "AVATARS_DAILY_BUDGET_USD": "none",
        "AVATARS_OUTPUT_FORMAT": "png",
        "AVATARS_PRICE_PER_IMAGE_USD": str(PRICE / 1_000_000),
        "AVATARS_PROVIDER_CONCURRENCY": str(AT_ONCE),
    }
    return Roll(environment, tmp_path, old_code)


def test_the_new_version_joins_while_the_old_one_draws_and_the_old_one_goes_on(
    roll: Roll, provider: LoopbackProvider
) -> None:
    provider.delay = 0.05
    with roll.services("old") as [old], ThreadPoolExecutor(1) as asker:
        under_way = asker.submit(ask_all, [old.url], FACES[:100])
        with roll.services("new") as [new]:
            assert_all_are_faces(under_way.result())
            pictures = ask_both_several_times(old, new)
        assert_paid_once_each(roll, provider, len(FACES))
        assert_hits([old], pictures)  # the new one has been taken back
    if roll.changes_tables:
        assert_refuses_to_start(roll)
        return
    with roll.services("old") as [old]:
        assert_hits([old], pictures)
    assert_paid_once_each(roll, provider, len(FACES))


def test_the_old_version_joins_a_database_that_the_new_one_made(roll: Roll, provider: LoopbackProvider) -> None:
    if roll.changes_tables:
        with roll.services("new"):
            assert_refuses_to_start(roll)
        return
    with roll.services("new") as [new], roll.services("old") as [old]:
        pictures = ask_both_several_times(old, new)
    assert_paid_once_each(roll, provider, len(FACES))
    with roll.services("new") as [new]:
        assert_hits([new], pictures)


def test_a_kill_of_either_version_costs_at_most_what_it_had_under_way(roll: Roll, provider: LoopbackProvider) -> None:
    """Each version takes over what a killed process of the other one had begun."""
    by_old, by_new = OTHERS[:20], OTHERS[20:]
    address = roll.environment["DB_STRING"]
    with LoopbackProvider(mode=Mode.HANGS) as dying, ThreadPoolExecutor(len(OTHERS)) as askers:
        dying.script.extend([Mode.OK] * KEPT_BEFORE)
        # A provider and a size of their own: so it can be told what was paid by whom, and no two pictures are the same.
        lease = {"AVATARS_LEASE_S": "3"}
        own = lease | {"OPENAI_BASE_URL": dying.base_url, "AVATARS_SIZE": "832x832"}
        with (
            roll.services("old", lease, own) as [old, killed_old],
            roll.services("new", lease, own) as [new, killed_new],
        ):
            for service, faces in ((killed_old, by_old), (killed_new, by_new)):
                for face in faces:
                    askers.submit(httpx.post, f"{service.url}/query", json=face, timeout=120)
            wait_until(lambda: len(dying.calls) == KEPT_BEFORE + 2 * AT_ONCE)
            wait_until(lambda: ledger_checks.faces_kept(address) == KEPT_BEFORE)
            killed_old.kill()
            killed_new.kill()
            others = askers.submit(ask_all, [new.url], by_old)
            replies = ask_all([old.url], by_new) + others.result()
            assert_all_are_faces(replies)
            pictures = {reply.image_hash: {reply.picture} for reply in replies}
            assert_hits([old, new], pictures, OTHERS)

    assert len(set.union(*pictures.values())) == len(OTHERS) == ledger_checks.faces_kept(address)
    assert len(provider.calls) == len(OTHERS) - KEPT_BEFORE
    assert sum(entry.may_be_billed for entry in ledger_checks.ledger(address)) >= provider.paid + dying.paid


# --- what is asked and expected ---


def ask_both_several_times(old: ServiceProcess, new: ServiceProcess) -> dict[str, set[str]]:
    """Each face twice of either version, all at once, and then once more. The pictures of each, by its key."""
    replies = ask_all([old.url, new.url], [face for face in FACES for _ in range(4)])
    assert_all_are_faces(replies)
    pictures = defaultdict(set)
    for reply in replies:
        pictures[reply.image_hash].add(reply.picture)
    assert len(pictures) == len(FACES)
    assert_hits([old, new], pictures)
    return pictures


def assert_all_are_faces(replies: Sequence[Reply]) -> None:
    assert {reply.status for reply in replies} == {200}
    assert not any(reply.body["provisional"] for reply in replies)


def assert_hits(
    services: Sequence[ServiceProcess], pictures: Mapping[str, set[str]], faces: Sequence[Json] = FACES
) -> None:
    """Each of them has each face, with the one picture that it had all along."""
    for service in services:
        replies = ask_all([service.url], faces)
        assert_all_are_faces(replies)
        assert all(reply.body["cache_hit"] for reply in replies)
        assert {reply.image_hash: {reply.picture} for reply in replies} == pictures


def assert_paid_once_each(roll: Roll, provider: LoopbackProvider, faces: int) -> None:
    address = roll.environment["DB_STRING"]
    assert len(provider.calls) == provider.paid == ledger_checks.faces_kept(address) == faces
    assert [(entry.state, entry.cost) for entry in ledger_checks.ledger(address)] == [("settled", PRICE)] * faces
    assert all(use == ledger_checks.Use(faces * PRICE, 0) for use in ledger_checks.used(address))
    assert ledger_checks.claims_held(address) == 0


def assert_refuses_to_start(roll: Roll) -> None:
    """Where tables have changed the old version cannot be started any more: it says so, and changes nothing."""
    service = roll.start("old", {})
    assert service.process.wait(120) == 1, service.log()
    assert "belong to a newer version" in service.log()


def _found_at(code: Path) -> Path:
    """Where a process that is given that folder finds the package."""
    program = f"import {PACKAGE}; print({PACKAGE}.__path__[0])"
    environment = {**os.environ, "PYTHONPATH": str(code)}
    return Path(
        subprocess.run(
            [sys.executable, "-c", program], cwd=code, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
    )


def _newest_migration(code: Path) -> str:
    return max(path.name for path in (code / PACKAGE / "storage/migrations/versions").glob("[0-9]*.py"))
