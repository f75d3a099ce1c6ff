"""The ledger: one row for each call to a paid provider, and one row of spending for each budget window."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    extract,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.errors import BudgetExhausted
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import budgets, paid_calls


class CallState(StrEnum):
    """The state of a call. A released call costs nothing; an unknown one may have been billed."""

    RESERVED = "reserved"
    SENT = "sent"
    SETTLED = "settled"
    RELEASED = "released"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PaidCall:
    """A call with a row in the ledger and its bound reserved: the most that it can cost, in micro-dollars.

    ``payer`` is the API key whose budget the call uses, beside the common one.
    """

    id: str
    subject: str | None
    provider: str
    model: str
    bound: int
    payer: "Payer | None" = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The process that reserves a call, and how long the reservation lasts without a renewal."""

    owner: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class ExpiredCall:
    """A call that was never sent. Its lease ended at ``expires_at``, by the database's clock."""

    id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCall:
    """The row of a call that has not ended, by its columns."""

    columns: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a call ended: its state and outcome, its cost in micro-dollars, the provider's request id, its duration."""

    call_id: str
    state: CallState
    outcome: str
    cost: int = 0
    request_id: str | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps of the windows, in micro-dollars; ``None`` is no cap."""

    daily: int | None
    monthly: int | None


UNCAPPED: Final = Caps(None, None)


GRAVATAR_PAYER: Final = "gravatar"
"""The payer of the faces that Gravatar URLs have drawn; no new API key may have its name."""


@dataclass(frozen=True, slots=True)
class Payer:
    """The API key that pays for a call, and its caps."""

    name: str
    caps: Caps


@dataclass(frozen=True, slots=True)
class Window:
    """A day or a month with a budget. ``name`` is the row's key; ``payer`` is ``None`` for the common budget."""

    kind: str
    name: str
    ends_at: datetime
    limit: int | None
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class WindowUse:
    """The money that a window has spent and reserved, in micro-dollars."""

    window: Window
    spent: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Spending:
    """The calls that were or may have been billed: their number and their cost, in micro-dollars."""

    paid_calls: int
    spent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The numbers of calls that wait, are under way, were billed and may have been billed; money in micro-dollars.

    ``possibly_spent`` is the part of ``spent`` that belongs to calls in the state unknown.
    """

    waiting: int
    under_way: int
    paid: int
    possibly_paid: int
    spent: int
    possibly_spent: int

    @property
    def spending(self) -> Spending:
        """All calls that were or may have been billed."""
        return Spending(self.under_way + self.paid + self.possibly_paid, self.spent)


DRAWN: Final = "drawn"
"""The outcome of a call that returned a picture."""
NEVER_SENT: Final = "never_sent"
"""The outcome of a call whose owner died before sending it."""
_ABANDONED: Final = "abandoned"
_OPEN: Final = (CallState.RESERVED, CallState.SENT)
"""The states in which a call's bound counts as reserved."""
_MAY_STILL_COST: Final = (*_OPEN, CallState.UNKNOWN)
_BATCH: Final = 500
"""Values in one statement; Oracle takes at most 1,000."""
_A_DAY: Final = timedelta(days=1)


def reserve(connection: Connection, call: PaidCall, caps: Caps, lease: Lease) -> None:
    """Write the call's row and reserve its bound in each window, the payer's too.

    The owner holds the row until the lease ends; see ``renew``, ``mark_sent`` and ``release_unsent``.

    A call that has its row already is left as it is. Raises ``BudgetExhausted`` if the bound would pass a cap; the
    caller must then roll the transaction back.
    """
    now = utc_now(connection)
    day, month = _windows(now, caps)
    payer = call.payer
    values = {
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
        "owner": lease.owner,
        "expires_at": now + lease.lasts,
    }
    try:
        connection.execute(insert(paid_calls), values)
    except IntegrityError:
        if not _has_row(connection, call.id):
            raise
        return
    # The budgets come last: every process locks these rows until its commit. The month comes first: if both windows
    # are used up, its end is the one to wait for. The common rows come before the payer's: a transaction with a
    # payer's rows then has the common ones too, and cannot deadlock, however many payers' calls it ends.
    own = () if payer is None else reversed(_windows(now, payer.caps, payer.name))
    for window in (month, day, *own):
        _reserve_in(connection, window, call.bound, now)


def renew(connection: Connection, call_ids: Sequence[str], lease: timedelta) -> None:
    """Renew the leases of those of these calls that are still reserved."""
    expires_at = utc_now(connection) + lease
    for batch in _batches(sorted(call_ids)):
        reserved = and_(paid_calls.c.id.in_(batch), paid_calls.c.state == CallState.RESERVED)
        connection.execute(update(paid_calls).where(reserved).values(expires_at=expires_at))


def mark_sent(connection: Connection, call_id: str) -> bool:
    """Record that the call is sent now. ``False`` if it is not reserved any more: the caller must not send it."""
    reserved = and_(paid_calls.c.id == call_id, paid_calls.c.state == CallState.RESERVED)
    change = update(paid_calls).where(reserved).values(state=CallState.SENT, expires_at=None)
    return connection.execute(change).rowcount == 1


def close(connection: Connection, receipt: Receipt) -> bool:
    """End a call: write the receipt to its row and its cost to its windows. ``False`` if it had ended before.

    An unknown call can still be settled: its true cost then replaces its bound.
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
            expires_at=None,
        )
    )
    _update_budgets(connection, [(row, cost)])
    return True


def open_calls(connection: Connection) -> list[OpenCall]:
    """Return the calls that have not ended, in the order of their ids."""
    rows = connection.execute(select(paid_calls).where(paid_calls.c.state.in_(_OPEN)).order_by(paid_calls.c.id))
    return [OpenCall(dict(row)) for row in rows.mappings()]


def restore(connection: Connection, call: OpenCall) -> None:
    """Write a call that another database has, unless it has its row here, and reserve its bound in its windows."""
    values = call.columns
    if _has_row(connection, values["id"]):
        return
    connection.execute(insert(paid_calls), values)
    payer = values["payer"]
    own = () if payer is None else (_name(values["month"], payer), _name(values["day"], payer))
    for name in (values["month"], values["day"], *own):
        _open(connection, name)
        reserved = budgets.c.reserved_micro_usd + values["bound_micro_usd"]
        connection.execute(update(budgets).where(budgets.c.name == name).values(reserved_micro_usd=reserved))


def is_settled(connection: Connection, call_id: str) -> bool:
    """Whether this call has ended with a known cost."""
    state = connection.execute(select(paid_calls.c.state).where(paid_calls.c.id == call_id)).scalar_one_or_none()
    return state == CallState.SETTLED


def expired(connection: Connection) -> list[ExpiredCall]:
    """Return the calls that were never sent and whose lease has ended.

    A process of a version without leases marks calls of all processes unknown if they stay reserved for long. An
    unknown call that still has its lease's end was never sent, so those of the last day are returned too.
    """
    now, columns = utc_now(connection), paid_calls.c
    miscounted = and_(columns.state == CallState.UNKNOWN, columns.reserved_at > now - _A_DAY)
    unsent = or_(columns.state == CallState.RESERVED, miscounted)
    rows = connection.execute(select(columns.id, columns.expires_at).where(unsent, columns.expires_at < now))
    return [ExpiredCall(row.id, row.expires_at) for row in rows]


def release_unsent(connection: Connection, candidates: Sequence[ExpiredCall]) -> int:
    """Release those of these calls that were not renewed, sent or ended since. Return their number."""
    expected = {call.id: call.expires_at for call in candidates}

    def is_unsent(row: Row[Any]) -> bool:
        return row.state in (CallState.RESERVED, CallState.UNKNOWN) and row.expires_at == expected[row.id]

    rows = _locked(connection, list(expected), is_unsent)
    return _end_all(connection, rows, CallState.RELEASED, NEVER_SENT).paid_calls


def give_up_stale(connection: Connection, age: timedelta) -> Spending:
    """Mark calls unknown, at the cost of their bound, that were sent longer ago than this age and have not ended.

    That happens after a crash. A reserved row without an owner comes from a version without leases and may have been
    sent. Return the number and the cost of the marked calls.
    """
    columns = paid_calls.c
    maybe_sent = or_(
        columns.state == CallState.SENT, and_(columns.state == CallState.RESERVED, columns.owner.is_(None))
    )
    stale = select(columns.id).where(
        columns.state.in_(_OPEN), columns.reserved_at < utc_now(connection) - age, maybe_sent
    )
    rows = _locked(connection, connection.scalars(stale).all(), lambda row: row.state in _OPEN)
    return _end_all(connection, rows, CallState.UNKNOWN, _ABANDONED)


def calls(connection: Connection) -> Calls:
    """Count all calls by their state."""
    columns = paid_calls.c
    rows = connection.execute(
        select(columns.state, func.count(), func.count(columns.owner), func.sum(columns.cost_micro_usd)).group_by(
            columns.state
        )
    )
    counts: Counter[str] = Counter()
    costs: Counter[str] = Counter()
    waiting = 0
    for state, count, owned, cost in rows:
        counts[state], costs[state] = count, int(cost)
        if state == CallState.RESERVED:
            waiting = owned
    return Calls(
        waiting=waiting,
        under_way=counts[CallState.RESERVED] - waiting + counts[CallState.SENT],
        paid=counts[CallState.SETTLED],
        possibly_paid=counts[CallState.UNKNOWN],
        spent=sum(costs.values()),
        possibly_spent=costs[CallState.UNKNOWN],
    )


def spending(connection: Connection, since: datetime) -> Spending:
    """Return the spending of all calls since that time."""
    sums = select(func.count(), func.coalesce(func.sum(paid_calls.c.cost_micro_usd), 0))
    row = connection.execute(sums.where(_may_be_billed(), paid_calls.c.reserved_at >= since)).one()
    return Spending(row[0], int(row[1]))


def spending_by_hour(connection: Connection, since: datetime) -> dict[datetime, Spending]:
    """Return the spending of each hour since that time; hours without a call are missing."""
    hour = extract("hour", paid_calls.c.reserved_at)
    rows = connection.execute(
        select(paid_calls.c.day, hour, func.count(), func.sum(paid_calls.c.cost_micro_usd))
        .where(_may_be_billed(), paid_calls.c.reserved_at >= since)
        .group_by(paid_calls.c.day, hour)
    )
    return {
        datetime.fromisoformat(day).replace(hour=int(hour), tzinfo=UTC): Spending(count, int(spent))
        for day, hour, count, spent in rows
    }


def _may_be_billed() -> ColumnElement[bool]:
    """A reserved call with an owner only waits; without an owner, a version without leases may have sent it."""
    return and_(
        paid_calls.c.state != CallState.RELEASED,
        or_(paid_calls.c.state != CallState.RESERVED, paid_calls.c.owner.is_(None)),
    )


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A call that ended without a picture, and its cost in the budget, in micro-dollars."""

    at: datetime
    model: str
    outcome: str
    state: CallState
    cost: int
    request_id: str | None


def failed_calls(connection: Connection, *, since: datetime, limit: int) -> list[FailedCall]:
    """Return the last calls since that time that ended without a picture, the newest first."""
    ended = (CallState.RELEASED, CallState.SETTLED, CallState.UNKNOWN)
    failed = paid_calls.c.outcome.not_in((DRAWN, NEVER_SENT))
    rows = connection.execute(
        select(paid_calls)
        .where(paid_calls.c.state.in_(ended), paid_calls.c.reserved_at >= since, failed)
        .order_by(paid_calls.c.reserved_at.desc())
        .limit(limit)
    )
    return [
        FailedCall(row.reserved_at, row.model, row.outcome, CallState(row.state), row.cost_micro_usd, row.request_id)
        for row in rows
    ]


def window_uses(connection: Connection, caps: Caps, payer: str | None = None) -> list[WindowUse]:
    """Return the use of the current day and month: of the common budget, or of this payer's."""
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


def _reserve_in(connection: Connection, window: Window, bound: int, now: datetime) -> None:
    change = (
        update(budgets)
        .where(budgets.c.name == window.name, _fits(window, bound))
        .values(reserved_micro_usd=budgets.c.reserved_micro_usd + bound)
    )
    if connection.execute(change).rowcount == 1:
        return
    _open(connection, window.name)
    if connection.execute(change).rowcount != 1:
        retry_after = (window.ends_at - now).total_seconds()
        raise BudgetExhausted(window.kind, payer=window.payer, retry_after=retry_after)


def _fits(window: Window, bound: int) -> ColumnElement[bool]:
    if window.limit is None:
        return true()
    if window.limit == 0:  # never pay, not even for a call whose price is zero
        return false()
    used: ColumnElement[int] = budgets.c.spent_micro_usd + budgets.c.reserved_micro_usd
    return used <= window.limit - bound


def _open(connection: Connection, name: str) -> None:
    """Create the window's row if it is missing."""
    if connection.execute(select(budgets.c.name).where(budgets.c.name == name)).one_or_none():
        return
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(insert(budgets), {"name": name, "reserved_micro_usd": 0, "spent_micro_usd": 0})


def _has_row(connection: Connection, call_id: str) -> bool:
    return connection.execute(select(paid_calls.c.id).where(paid_calls.c.id == call_id)).one_or_none() is not None


def _locked(connection: Connection, call_ids: Sequence[str], wanted: Callable[[Row[Any]], bool]) -> list[Row[Any]]:
    """Lock the rows of these calls and return the wanted ones.

    All transactions lock in the order of the primary key, which prevents deadlocks.
    """
    rows: list[Row[Any]] = []
    for batch in _batches(sorted(call_ids)):
        locked = select(paid_calls).where(paid_calls.c.id.in_(batch)).order_by(paid_calls.c.id).with_for_update()
        rows += filter(wanted, connection.execute(locked))
    return rows


def _end_all(connection: Connection, rows: Sequence[Row[Any]], state: CallState, outcome: str) -> Spending:
    """End calls without a receipt: released ones cost nothing, unknown ones their bound. Return their spending."""
    columns = paid_calls.c
    cost = columns.bound_micro_usd if state is CallState.UNKNOWN else 0
    ending = update(paid_calls).values(
        state=state, cost_micro_usd=cost, outcome=outcome, ended_at=utc_now(connection), expires_at=None
    )
    for batch in _batches([row.id for row in rows]):
        connection.execute(ending.where(columns.id.in_(batch)))
    costs = [row.bound_micro_usd if state is CallState.UNKNOWN else 0 for row in rows]
    _update_budgets(connection, zip(rows, costs, strict=True))
    return Spending(len(rows), sum(costs))


def _batches(call_ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (call_ids[start : start + _BATCH] for start in range(0, len(call_ids), _BATCH))


def _update_budgets(connection: Connection, ended: Iterable[tuple[Row[Any], int]]) -> None:
    """Move ended calls from reserved to spent, each at its cost.

    ``ended`` has each call's row from before the end. The windows are locked in the order of ``reserve``.
    """
    released: Counter[tuple[int, str]] = Counter()
    spent: Counter[tuple[int, str]] = Counter()
    for row, cost in ended:
        own = () if row.payer is None else (_name(row.month, row.payer), _name(row.day, row.payer))
        was_open = row.state in _OPEN
        for window in enumerate((row.month, row.day, *own)):
            released[window] += row.bound_micro_usd if was_open else 0
            spent[window] += cost if was_open else cost - row.cost_micro_usd
    for window in sorted(released):
        connection.execute(
            update(budgets)
            .where(budgets.c.name == window[1])
            .values(
                reserved_micro_usd=budgets.c.reserved_micro_usd - released[window],
                spent_micro_usd=budgets.c.spent_micro_usd + spent[window],
            )
        )
