"""The ledger: a row for each call to a paid provider, and what each budget window has used."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, extract, false, func, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.errors import BudgetExhausted
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import budgets, paid_calls


class CallState(StrEnum):
    """What became of a call. Only a released one costs nothing."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PaidCall:
    """A call that may be made: its row stands and its bound, in micro-dollars, is set aside.

    ``payer`` is whose budget it takes from beside everybody's, if anybody's.
    """

    id: str
    subject: str | None
    provider: str
    model: str
    bound: int
    payer: "Payer | None" = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a call ended: its state, its cost in micro-dollars, the provider's own name for it, how long it took."""

    call_id: str
    state: CallState
    outcome: str
    cost: int = 0
    request_id: str | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent in a window, in micro-dollars; ``None`` is no cap."""

    daily: int | None
    monthly: int | None


UNCAPPED: Final = Caps(None, None)


@dataclass(frozen=True, slots=True)
class Payer:
    """Who a call is drawn for, by the name of its API key, and what that key may spend."""

    name: str
    caps: Caps


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time with a budget. ``name`` is its row's key; ``payer`` is whose it is where it is not all's."""

    kind: str
    name: str
    ends_at: datetime
    limit: int | None
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class WindowUse:
    """What a window has used, in micro-dollars."""

    window: Window
    spent: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Spending:
    """What all calls came to: how many were or may have been billed, and for how much, in micro-dollars."""

    paid_calls: int
    spent: int


DRAWN: Final = "drawn"
"""The outcome of a call that brought a picture."""
_BILLED: Final = (CallState.RESERVED, CallState.SETTLED, CallState.UNKNOWN)
_MAY_STILL_COST: Final = (CallState.RESERVED, CallState.UNKNOWN)


def reserve(connection: Connection, call: PaidCall, caps: Caps) -> None:
    """Write the call's row and set its bound aside in each window, the payer's own included.

    Raises ``BudgetExhausted`` where that would pass a cap; then nothing of it may be committed.
    """
    now = utc_now(connection)
    day, month = _windows(now, caps)
    payer = call.payer
    connection.execute(
        insert(paid_calls),
        {
            "id": call.id,
            "subject": call.subject,
            "payer": None if payer is None else payer.name,
            "provider": call.provider,
            "model": call.model,
            "state": CallState.RESERVED,
            "bound_micro_usd": call.bound,
            "cost_micro_usd": 0,
            "day": day.name,
            "month": month.name,
            "reserved_at": now,
        },
    )
    # Last, since every process wants these rows and holds them until its commit. The month first: where both are used
    # up, its end is the one to wait for. Everybody's before the payer's: who holds a payer's rows holds everybody's, so
    # that nobody deadlocks, however many payers' calls one transaction ends.
    own = () if payer is None else reversed(_windows(now, payer.caps, payer.name))
    for window in (month, day, *own):
        _set_aside(connection, window, call.bound, now)


def close(connection: Connection, receipt: Receipt) -> bool:
    """End a call: its row gets the receipt, its windows the difference. ``False``: it had ended before.

    A call that was given up as unknown can still be settled: then its true cost takes the place of its bound.
    """
    row = connection.execute(
        select(paid_calls).where(paid_calls.c.id == receipt.call_id).with_for_update()
    ).one_or_none()
    if row is None or row.state not in _MAY_STILL_COST or row.state == receipt.state:
        return False
    cost = row.bound_micro_usd if receipt.state is CallState.UNKNOWN else receipt.cost
    connection.execute(
        update(paid_calls)
        .where(paid_calls.c.id == receipt.call_id)
        .values(
            state=receipt.state,
            cost_micro_usd=cost,
            request_id=receipt.request_id,
            outcome=receipt.outcome,
            duration_ms=receipt.duration_ms,
            ended_at=utc_now(connection),
        )
    )
    _count(connection, row, cost)
    return True


def give_up_stale(connection: Connection, age: timedelta) -> int:
    """Count calls that nobody has ended for that long, as after a crash, at their bound. Returns how many they were."""
    stale = select(paid_calls.c.id).where(
        paid_calls.c.state == CallState.RESERVED, paid_calls.c.reserved_at < utc_now(connection) - age
    )
    given_up = [Receipt(call_id, CallState.UNKNOWN, "abandoned") for call_id in connection.scalars(stale).all()]
    return sum(close(connection, receipt) for receipt in given_up)


def spending(connection: Connection, since: datetime | None = None) -> Spending:
    """What all calls came to since the beginning, or since that moment."""
    calls = select(func.count(), func.coalesce(func.sum(paid_calls.c.cost_micro_usd), 0))
    calls = calls.where(paid_calls.c.state.in_(_BILLED))
    if since is not None:
        calls = calls.where(paid_calls.c.reserved_at >= since)
    row = connection.execute(calls).one()
    return Spending(row[0], int(row[1]))


def spending_by_hour(connection: Connection, since: datetime) -> dict[datetime, Spending]:
    """What the calls of each hour came to, from that moment on; an hour without a call is left out."""
    hour = extract("hour", paid_calls.c.reserved_at)
    rows = connection.execute(
        select(paid_calls.c.day, hour, func.count(), func.sum(paid_calls.c.cost_micro_usd))
        .where(paid_calls.c.state.in_(_BILLED), paid_calls.c.reserved_at >= since)
        .group_by(paid_calls.c.day, hour)
    )
    return {
        datetime.fromisoformat(day).replace(hour=int(hour), tzinfo=UTC): Spending(calls, int(spent))
        for day, hour, calls, spent in rows
    }


@dataclass(frozen=True, slots=True)
class Trouble:
    """A call that ended without a picture. ``cost`` is what it is counted at, in micro-dollars."""

    at: datetime
    model: str
    outcome: str
    state: CallState
    cost: int
    request_id: str | None


def troubles(connection: Connection, *, since: datetime, limit: int) -> list[Trouble]:
    """The last calls since that moment that ended without a picture, the newest first."""
    ended = (CallState.RELEASED, CallState.SETTLED, CallState.UNKNOWN)
    rows = connection.execute(
        select(paid_calls)
        .where(paid_calls.c.state.in_(ended), paid_calls.c.reserved_at >= since, paid_calls.c.outcome != DRAWN)
        .order_by(paid_calls.c.reserved_at.desc())
        .limit(limit)
    )
    return [
        Trouble(row.reserved_at, row.model, row.outcome, CallState(row.state), row.cost_micro_usd, row.request_id)
        for row in rows
    ]


def window_uses(connection: Connection, caps: Caps, payer: str | None = None) -> list[WindowUse]:
    """The day's and the month's use, by all or by that payer alone."""
    uses = []
    for window in _windows(utc_now(connection), caps, payer):
        row = connection.execute(select(budgets).where(budgets.c.name == window.name)).one_or_none()
        spent, reserved = (0, 0) if row is None else (row.spent_micro_usd, row.reserved_micro_usd)
        uses.append(WindowUse(window, spent, reserved))
    return uses


def _windows(now: datetime, caps: Caps, payer: str | None = None) -> tuple[Window, Window]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    next_month = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (
        Window("daily", _name(f"{now:%Y-%m-%d}", payer), midnight + timedelta(days=1), caps.daily, payer),
        Window("monthly", _name(f"{now:%Y-%m}", payer), next_month, caps.monthly, payer),
    )


def _name(window: str, payer: str | None) -> str:
    return window if payer is None else f"{window}/{payer}"


def _set_aside(connection: Connection, window: Window, bound: int, now: datetime) -> None:
    change = (
        update(budgets)
        .where(budgets.c.name == window.name, _fits(window, bound))
        .values(reserved_micro_usd=budgets.c.reserved_micro_usd + bound)
    )
    if connection.execute(change).rowcount == 1:
        return
    _open(connection, window)
    if connection.execute(change).rowcount != 1:
        retry_after = (window.ends_at - now).total_seconds()
        raise BudgetExhausted(window.kind, payer=window.payer, retry_after=retry_after)


def _fits(window: Window, bound: int) -> ColumnElement[bool]:
    if window.limit is None:
        return true()
    if window.limit == 0:  # never pay, not even for what is said to cost nothing
        return false()
    used: ColumnElement[int] = budgets.c.spent_micro_usd + budgets.c.reserved_micro_usd
    return used <= window.limit - bound


def _open(connection: Connection, window: Window) -> None:
    """See to it that the window has its row."""
    if connection.execute(select(budgets.c.name).where(budgets.c.name == window.name)).one_or_none():
        return
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(insert(budgets), {"name": window.name, "reserved_micro_usd": 0, "spent_micro_usd": 0})


def _count(connection: Connection, row: Row[Any], cost: int) -> None:
    was_reserved = row.state == CallState.RESERVED
    given_back = row.bound_micro_usd if was_reserved else 0
    more_spent = cost if was_reserved else cost - row.cost_micro_usd
    own = () if row.payer is None else (_name(row.month, row.payer), _name(row.day, row.payer))
    for name in (row.month, row.day, *own):  # the same order as when they were set aside, so that nobody deadlocks
        connection.execute(
            update(budgets)
            .where(budgets.c.name == name)
            .values(
                reserved_micro_usd=budgets.c.reserved_micro_usd - given_back,
                spent_micro_usd=budgets.c.spent_micro_usd + more_spent,
            )
        )
