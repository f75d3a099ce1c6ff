"""Yesterday's data under today's code: all of it works, nothing is paid for again, and no face changes.

``tests/yesterday`` says what it is. Each answer is compared with the one that yesterday's code gave; fields that came
later may stand beside them. Where DESIGN.md names a break, the data of yesterday are such that it does not meet them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Connection, MetaData, create_engine, select
from sqlalchemy.pool import NullPool

from tests.support import ledger_checks
from tests.support.clock import wait_until
from tests.support.command_line import avatars
from tests.support.databases import BACKENDS, fresh_database
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ServiceProcess, processes
from tests.support.yesterday import ADMIN_TOKEN, TRUTH, fill_folder, load_database

pytestmark = pytest.mark.in_process("the .env is read in the folder that the service is started in")

Json = dict[str, Any]
NEW: Final[Json] = {"properties": {"mood": "official", "head_shape": "oval", "variant": 99}}
"""A face that nobody asked for yesterday."""


@dataclass(frozen=True, slots=True)
class Site:
    """A database of yesterday with its folder, and what stood in it before today's code saw it."""

    address: str
    folder: Path
    provider: LoopbackProvider
    loaded_at: datetime
    ledger: dict[str, ledger_checks.Entry]
    windows: dict[str, ledger_checks.Use]
    hours: list[tuple[Any, ...]]
    api_keys: list[tuple[Any, ...]]

    @property
    def environment(self) -> dict[str, str]:
        """What the ``.env`` cannot know."""
        return {"DB_STRING": self.address, "OPENAI_BASE_URL": self.provider.base_url}

    @contextmanager
    def service(self, **more: str) -> Iterator[ServiceProcess]:
        """Today's code on yesterday's data, with its settings but for those given."""
        with processes(self.environment | more, self.folder) as [service]:
            yield service

    def read(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of that table as they are now, whatever the code says of it."""
        engine = create_engine(self.address, poolclass=NullPool)
        with engine.connect() as connection:
            return _rows(connection, table)


def _rows(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    tables = MetaData()
    tables.reflect(connection, only=[name])
    table = tables.tables[name]
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


@contextmanager
def _yesterday(backend: str, folder: Path) -> Iterator[Site]:
    with fresh_database(backend, folder) as address, LoopbackProvider() as provider:
        loaded_at = load_database(backend, address)
        fill_folder(backend, folder)
        engine = create_engine(address, poolclass=NullPool)
        with engine.connect() as connection:
            hours, api_keys = _rows(connection, "hourly_sums"), _rows(connection, "api_keys")
        ledger = {entry.id: entry for entry in ledger_checks.ledger(address)}
        yield Site(address, folder, provider, loaded_at, ledger, ledger_checks.windows(address), hours, api_keys)


@pytest.fixture(scope="module", params=BACKENDS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests that leave it as it is."""
    with _yesterday(request.param, tmp_path_factory.mktemp("yesterday")) as site:
        yield site


@pytest.fixture(scope="module")
def service(site: Site) -> Iterator[ServiceProcess]:
    """Today's service, which has had time to do what it does after a start."""
    with site.service() as service:
        wait_until(lambda: all(entry.state != "reserved" for entry in ledger_checks.ledger(site.address)))
        yield service


@pytest.fixture(scope="module")
def strict(site: Site) -> Iterator[ServiceProcess]:
    """Today's service where nobody sees anything without leave, and the month's budget is less than what was spent."""
    with site.service(AVATARS_PRIVATE="on", AVATARS_MONTHLY_BUDGET_USD="0.10") as service:
        yield service


@pytest.fixture(autouse=True)
def nothing_is_paid_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test of this module that shares the site has the provider called."""
    yield
    if "site" in request.fixturenames:
        site: Site = request.getfixturevalue("site")
        assert site.provider.calls == []


def ask(service: ServiceProcess, body: Json, key: str | None = "shop", **headers: str) -> httpx.Response:
    said = {} if key is None else {"X-API-Key": TRUTH["api_keys"][key]}
    return httpx.post(f"{service.url}/query", json=body, headers=said | headers, timeout=120)


def get(service: ServiceProcess, path: str, **headers: str) -> httpx.Response:
    return httpx.get(service.url + path, headers={"Accept-Encoding": "identity"} | headers, timeout=120)


def said_yesterday(answer: Json, truth: Json) -> Json:
    """Of an answer what yesterday's had too."""
    return {name: value for name, value in answer.items() if name in truth}


def assert_is_hit(answer: httpx.Response, truth: Json) -> None:
    assert answer.status_code == 200, answer.text
    assert said_yesterday(answer.json(), truth) == truth
    assert (truth["cache_hit"], truth["provisional"], truth["cost_usd"]) == (True, False, 0)


# --- faces and pictures ---


def test_every_face_that_was_kept_is_a_hit_with_the_picture_it_had(service: ServiceProcess) -> None:
    for face in TRUTH["faces"]:
        for _ in range(2):  # from the database, then from memory
            assert_is_hit(ask(service, face["body"], None), face["answer"])


def test_the_local_artist_s_faces_stay_as_they_were_drawn(site: Site) -> None:
    with site.service(AVATARS_PROVIDER="local") as service:
        for face in TRUTH["local_faces"]:
            assert_is_hit(ask(service, face["body"]), face["answer"])


def test_every_picture_and_rendition_is_served_byte_for_byte(service: ServiceProcess) -> None:
    for path, truth in TRUTH["pictures"].items():
        picture = get(service, path)

        assert picture.status_code == 200, path
        assert (sha256(picture.content).hexdigest(), picture.headers["ETag"]) == (truth["sha256"], truth["etag"]), path
        assert get(service, path, **{"If-None-Match": truth["etag"]}).status_code == 304, path


def test_the_pictures_of_descriptions_are_there(service: ServiceProcess) -> None:
    for described in TRUTH["descriptions"]:
        assert get(service, _path(described["answer"]["data"]["image_url"])).status_code == 200


def test_the_paid_picture_in_the_spool_is_kept_and_its_face_a_hit(site: Site, service: ServiceProcess) -> None:
    truth = TRUTH["spooled"]
    picture = get(service, truth["path"])
    answer = ask(service, truth["body"], None).json()

    assert picture.status_code == 200
    assert sha256(picture.content).hexdigest() in truth["path"]
    assert answer["data"]["image_hash"] == truth["image_hash"]
    assert (answer["cache_hit"], answer["provisional"], answer["cost_usd"]) == (True, False, 0)
    assert sha256(picture.content).hexdigest() in answer["data"]["image_url"]
    assert list((site.folder / "data/spool").glob("*.spooled")) == []
    assert truth["image_hash"] not in {row[0] for row in site.read("claims")}


def test_a_purged_picture_stays_gone(service: ServiceProcess) -> None:
    for path in TRUTH["purged"]:
        assert get(service, path).status_code == 410, path


# --- what is promised to who asks again ---


def test_an_idempotency_key_answers_as_it_did(service: ServiceProcess) -> None:
    for asked in TRUTH["idempotent"]:
        for _ in range(2):
            answer = ask(service, asked["body"], asked["api_key"], **{"Idempotency-Key": asked["idempotency_key"]})

            assert answer.status_code == asked["status"], answer.text
            if answer.is_success:
                assert said_yesterday(answer.json(), asked["answer"]) == asked["answer"]
                assert get(service, _path(answer.json()["data"]["image_url"])).status_code == 200
            else:  # the call may be billed: the key never pays again
                assert answer.json()["code"] == asked["answer"]["code"]
                assert int(answer.headers["Retry-After"]) > 3600


def test_an_idempotency_key_still_belongs_to_its_body(service: ServiceProcess) -> None:
    for asked in TRUTH["idempotent"][:2]:
        answer = ask(
            service, NEW | {"disable_cache": True}, asked["api_key"], **{"Idempotency-Key": asked["idempotency_key"]}
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_what_was_refused_or_came_as_no_picture_is_not_tried_again(service: ServiceProcess) -> None:
    for asked in TRUTH["failed"]:
        answer, truth = ask(service, asked["body"]), asked["answer"]

        assert answer.status_code == asked["status"], answer.text
        if answer.is_success:
            assert answer.json()["provisional"]
            assert answer.json()["data"]["image_hash"] == truth["data"]["image_hash"]
        else:
            assert answer.json()["code"] == truth["code"]


# --- who may ---


def test_api_keys_open_what_they_opened(site: Site, strict: ServiceProcess) -> None:
    face = TRUTH["faces"][0]

    for key, origin in [("shop", {}), ("website", {}), ("gravatar", {}), ("page", {"Origin": "https://shop.example"})]:
        assert_is_hit(ask(strict, face["body"], key, **origin), face["answer"])
    assert ask(strict, face["body"], "page", Origin="https://elsewhere.example").status_code == 403
    assert ask(strict, face["body"], "former").status_code == 403
    assert ask(strict, face["body"], None).status_code == 401
    assert site.read("api_keys") == site.api_keys


def test_a_signed_address_shows_its_face_to_everybody(strict: ServiceProcess) -> None:
    for signed in TRUTH["signed"]:
        shown = get(strict, signed["path"], Accept="image/webp")

        assert (shown.status_code, shown.headers["X-Avatar-Status"]) == (200, "kept")
        assert shown.headers["ETag"] == signed["etag"]
        assert get(strict, signed["path"].replace("official", "fun")).status_code in {401, 403}
        assert get(strict, signed["path"].partition("&exp")[0]).status_code == 401


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
@pytest.mark.slow
def test_the_command_tells_the_keys_and_their_budgets(site: Site) -> None:
    told = avatars(site.environment, "keys", "list").stdout

    lines = {line.split()[0]: line for line in told.splitlines()}
    assert {"website", "page", "gravatar", "former"} <= lines.keys()
    assert "revoked" in lines["former"]
    assert all(cap in lines["website"] for cap in ("of $1.00", "of $10.00", "600"))
    assert "https://shop.example" in lines["page"]


# --- money ---


@pytest.mark.usefixtures("service")
def test_the_ledger_says_what_it_said_and_what_was_under_way_has_ended(site: Site) -> None:
    now = {entry.id: entry for entry in ledger_checks.ledger(site.address)}
    ended = {call: before for call, before in site.ledger.items() if before.state != "reserved"}
    kept, given_up = sorted((now[call] for call in now.keys() - ended.keys()), key=lambda entry: entry.state)

    assert now.keys() == site.ledger.keys()
    assert {call: now[call] for call in ended} == ended
    assert {entry.state for entry in ended.values()} == {"settled", "released", "unknown"}
    assert (kept.state, kept.outcome) == ("settled", "drawn")  # its picture was in the spool
    assert 0 < kept.cost < kept.bound
    assert (given_up.state, given_up.cost) == ("unknown", given_up.bound)


def test_the_budgets_hold_what_was_spent_of_them(site: Site, service: ServiceProcess) -> None:
    now = ledger_checks.windows(site.address)
    ended = [entry for entry in ledger_checks.ledger(site.address) if site.ledger[entry.id].state == "reserved"]
    more = sum(entry.cost for entry in ended)
    stats = get(service, "/stats", Authorization=f"Bearer {ADMIN_TOKEN}").json()

    for name, before in site.windows.items():
        everybody_s_or_its_own = "/" not in name or name.endswith("/shop")  # whose the two calls under way were
        assert now[name] == ledger_checks.Use(before.spent + (more if everybody_s_or_its_own else 0), 0), name
    for budget in stats["budgets"]:
        last_day = datetime.fromisoformat(budget["resets_at"]) - timedelta(days=1)
        name = f"{last_day:%Y-%m-%d}" if budget["window"] == "daily" else f"{last_day:%Y-%m}"
        use = now.get(name, ledger_checks.Use(0, 0))  # none: the day has ended since the database was loaded
        assert (budget["spent_usd"], budget["reserved_usd"]) == (pytest.approx(use.spent / 1_000_000), 0)
    assert stats["paid_calls"] == TRUTH["stats"]["paid_calls"] + len(ended)
    assert stats["spent_usd"] == pytest.approx(TRUTH["stats"]["spent_usd"] + more / 1_000_000)


def test_what_was_spent_leaves_that_much_less(strict: ServiceProcess) -> None:
    answer = ask(strict, NEW)

    assert answer.status_code == 200
    assert answer.json()["provisional"]


def test_the_sums_by_hour_stay(site: Site, service: ServiceProcess) -> None:
    stats = get(service, "/stats", Authorization=f"Bearer {ADMIN_TOKEN}").json()
    names = ("hour", "hits", "misses", "stand_ins", "saved_micro_usd")
    before = [dict(zip(names, row, strict=True)) for row in site.hours]

    assert [row for row in site.read("hourly_sums") if row[0] in {hour["hour"] for hour in before}] == site.hours
    assert stats["hits"] >= sum(hour["hits"] for hour in before) > 0
    assert stats["misses"] >= sum(hour["misses"] for hour in before) > 0


# --- what a crash left under way ---


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.slow
def test_a_face_whose_drawer_was_killed_is_drawn_once(backend: str, tmp_path: Path) -> None:
    with _yesterday(backend, tmp_path) as site, site.service() as service:
        answers = [ask(service, TRUTH["abandoned"]["body"]).json() for _ in range(2)]
        calls = len(site.provider.calls)

    assert [answer["provisional"] for answer in answers] == [False, False]
    assert [answer["cache_hit"] for answer in answers] == [False, True]
    assert calls == 1


def _path(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="").geturl()
