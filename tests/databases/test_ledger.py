"""The ledger's own steps, on each database: in whatever order they come, rows and budgets agree."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import Connection, update

from avatars_as_a_service.storage import ledger, schema
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.ledger import (
    UNCAPPED,
    Calls,
    CallState,
    ExpiredCall,
    Lease,
    PaidCall,
    Payer,
    Receipt,
    Spending,
)
from avatars_as_a_service.storage.tables import budgets, paid_calls
from tests.support import ledger_checks
from tests.support.databases import on_sqlite
from tests.support.ledger_checks import Use

BOUND: Final = 10_000
COST: Final = 7_000
LEASE: Final = timedelta(seconds=15)
SHOP: Final = Payer("shop", UNCAPPED)


@pytest.fixture
def tables(database: str) -> Iterator[Database]:
    opened = Database(database_url(database), pool_size=8)
    schema.migrate(opened)
    yield opened
    opened.close()


def reserve(tables: Database, *, lease: timedelta = LEASE, payer: Payer | None = None) -> str:
    """A reserved call; with a negative lease, one whose owner has given no sign of life for that long."""
    call = PaidCall(uuid4().hex, "a face", "openai", "a model", BOUND, payer)
    tables.write_now(lambda connection: ledger.reserve(connection, call, UNCAPPED, Lease("an owner", lease)))
    return call.id


def mark_sent(tables: Database, call_id: str) -> bool:
    return tables.write_now(lambda connection: ledger.mark_sent(connection, call_id))


def settle(tables: Database, call_id: str) -> bool:
    receipt = Receipt(call_id, CallState.SETTLED, ledger.DRAWN, COST)
    return tables.write_now(lambda connection: ledger.close(connection, receipt))


def release(tables: Database, call_id: str) -> bool:
    return tables.write_now(lambda connection: ledger.close(connection, Receipt(call_id, CallState.RELEASED, "busy")))


def expired(tables: Database) -> list[ExpiredCall]:
    return tables.read_now(ledger.expired)


def release_unsent(tables: Database) -> int:
    return tables.write_now(lambda connection: ledger.release_unsent(connection, ledger.expired(connection)))


def give_up_stale(tables: Database) -> Spending:
    return tables.write_now(lambda connection: ledger.give_up_stale(connection, timedelta()))


def give_up_as_before_leases(tables: Database, call_id: str) -> None:
    """What a version before leases does to whatever is reserved for long, in the same statements."""

    def give_up(connection: Connection) -> None:
        ended = (
            update(paid_calls)
            .where(paid_calls.c.id == call_id, paid_calls.c.state == "reserved")
            .values(state="unknown", cost_micro_usd=BOUND, outcome="abandoned", ended_at=utc_now(connection))
        )
        if connection.execute(ended).rowcount == 1:
            moved = {
                "reserved_micro_usd": budgets.c.reserved_micro_usd - BOUND,
                "spent_micro_usd": budgets.c.spent_micro_usd + BOUND,
            }
            connection.execute(update(budgets).values(moved))

    tables.write_now(give_up)


def reserve_as_before_leases(tables: Database) -> str:
    call_id = reserve(tables)
    ownerless = update(paid_calls).where(paid_calls.c.id == call_id).values(owner=None, expires_at=None)
    tables.write_now(lambda connection: connection.execute(ownerless))
    return call_id


def state(database: str) -> str:
    (entry,) = ledger_checks.ledger(database)
    return entry.state


def test_a_call_that_was_released_cannot_be_sent(tables: Database, database: str) -> None:
    call_id = reserve(tables, lease=-LEASE)

    assert release_unsent(tables) == 1

    assert not mark_sent(tables, call_id)
    assert (state(database), ledger_checks.used(database)) == ("released", [Use(spent=0, reserved=0)] * 2)


def test_a_call_that_was_sent_is_not_released_and_sent_only_once(tables: Database, database: str) -> None:
    call_id = reserve(tables, lease=-LEASE)
    seen = expired(tables)

    assert [mark_sent(tables, call_id) for _ in range(2)] == [True, False]

    assert tables.write_now(lambda connection: ledger.release_unsent(connection, seen)) == 0
    assert (state(database), ledger_checks.used(database)) == ("sent", [Use(spent=0, reserved=BOUND)] * 2)


def test_a_call_that_was_renewed_since_it_was_seen_is_not_released(tables: Database, database: str) -> None:
    call_id = reserve(tables, lease=-LEASE)
    seen = expired(tables)

    tables.write_now(lambda connection: ledger.renew(connection, [call_id], LEASE))

    assert tables.write_now(lambda connection: ledger.release_unsent(connection, seen)) == 0
    assert expired(tables) == []
    assert state(database) == "reserved"


def test_what_was_sent_and_never_ended_is_counted_at_its_bound(tables: Database, database: str) -> None:
    call_id = reserve(tables)
    reserve(tables)
    mark_sent(tables, call_id)

    assert give_up_stale(tables) == Spending(paid_calls=1, spent=BOUND)

    assert sorted(entry.state for entry in ledger_checks.ledger(database)) == ["reserved", "unknown"]
    assert ledger_checks.used(database) == [Use(spent=BOUND, reserved=BOUND)] * 2


def test_a_late_receipt_puts_the_true_cost_in_the_place_of_the_bound(tables: Database, database: str) -> None:
    call_id = reserve(tables, payer=SHOP)
    mark_sent(tables, call_id)
    give_up_stale(tables)

    assert [settle(tables, call_id) for _ in range(2)] == [True, False]

    assert (state(database), ledger_checks.used(database)) == ("settled", [Use(spent=COST, reserved=0)] * 4)


def test_a_row_of_yesterday_ends_as_it_did(tables: Database, database: str) -> None:
    abandoned, spooled = reserve_as_before_leases(tables), reserve_as_before_leases(tables)

    assert release_unsent(tables) == 0
    assert settle(tables, spooled)
    assert give_up_stale(tables) == Spending(paid_calls=1, spent=BOUND)

    assert {entry.id: entry.state for entry in ledger_checks.ledger(database)} == {
        abandoned: "unknown",
        spooled: "settled",
    }
    assert ledger_checks.used(database) == [Use(spent=BOUND + COST, reserved=0)] * 2


def test_what_an_old_version_gave_up_unsent_is_neither_sent_nor_counted_for_good(
    tables: Database, database: str
) -> None:
    call_id = reserve(tables, lease=-LEASE)
    give_up_as_before_leases(tables, call_id)
    assert ledger_checks.used(database) == [Use(spent=BOUND, reserved=0)] * 2

    assert not mark_sent(tables, call_id)
    assert release_unsent(tables) == 1

    assert (state(database), ledger_checks.used(database)) == ("released", [Use(spent=0, reserved=0)] * 2)


def test_what_an_old_version_gave_up_after_it_was_sent_stays_sent(tables: Database, database: str) -> None:
    call_id = reserve(tables)
    mark_sent(tables, call_id)

    give_up_as_before_leases(tables, call_id)

    assert (state(database), ledger_checks.used(database)) == ("sent", [Use(spent=0, reserved=BOUND)] * 2)
    assert settle(tables, call_id)


Step = Callable[[Database, str], object]
STEPS: Final[list[Step]] = [
    mark_sent,
    settle,
    release,
    give_up_as_before_leases,
    lambda tables, _: release_unsent(tables),
    lambda tables, _: give_up_stale(tables),
]


@on_sqlite
def test_in_each_order_of_steps_rows_and_budgets_agree(tables: Database, database: str) -> None:
    for count, steps in enumerate(permutations(STEPS, 3), 1):
        call_id = reserve(tables, lease=-LEASE)
        for step in steps:
            step(tables, call_id)
        assert_books_agree(database)
        settle(tables, call_id)  # ends what is still open, so that the next one is alone
        assert len(ledger_checks.ledger(database)) == count


def test_at_once_rows_and_budgets_agree(tables: Database, database: str) -> None:
    payers = [None, SHOP, Payer("blog", UNCAPPED)]
    calls = [reserve(tables, lease=-LEASE, payer=payers[number % 3]) for number in range(30)]
    work = [(step, call_id) for call_id in calls for step in (mark_sent, settle, release)]
    work += [(release_any, ""), (give_up_any, "")] * 10
    random.Random(8).shuffle(work)

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda each: each[0](tables, each[1]), work))

    assert len(done) == len(work)
    assert_books_agree(database)


def release_any(tables: Database, call_id: str) -> bool:  # noqa: ARG001 - a step like the others
    return release_unsent(tables) > 0


def give_up_any(tables: Database, call_id: str) -> bool:  # noqa: ARG001 - likewise
    return give_up_stale(tables).paid_calls > 0


def assert_books_agree(database: str) -> None:
    entries = ledger_checks.ledger(database)
    for name, use in ledger_checks.windows(database).items():
        payer = name.partition("/")[2] or None
        mine = [entry for entry in entries if payer is None or entry.payer == payer]
        reserved = sum(entry.bound for entry in mine if entry.state in {"reserved", "sent"})
        assert use == Use(spent=sum(entry.cost for entry in mine), reserved=reserved), name


def test_calls_are_told_apart_by_what_became_of_them(tables: Database) -> None:
    waiting, under_way, paid, unknown, released = (reserve(tables) for _ in range(5))
    for call_id in (under_way, paid, unknown, released):
        mark_sent(tables, call_id)
    settle(tables, paid)
    release(tables, released)
    receipt = Receipt(unknown, CallState.UNKNOWN, "timeout")
    tables.write_now(lambda connection: ledger.close(connection, receipt))
    reserve_as_before_leases(tables)  # it may have been sent

    calls = tables.read_now(ledger.calls)

    assert waiting
    assert calls == Calls(waiting=1, under_way=2, paid=1, possibly_paid=1, spent=COST + BOUND, possibly_spent=BOUND)
    assert calls.spending == Spending(paid_calls=4, spent=COST + BOUND)
    assert tables.read_now(lambda connection: ledger.spending(connection, utc_now(connection) - LEASE)) == Spending(
        paid_calls=4, spent=COST + BOUND
    )
