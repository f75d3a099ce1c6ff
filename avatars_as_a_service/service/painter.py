"""The painter: the one policy for calls to a provider. Each has its row and its money set aside before it is sent."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.errors import (
    CannotDrawNow,
    DatabaseUnavailable,
    KeepingBlocked,
    ProviderQuota,
    ProviderTimeout,
    ProviderUnavailable,
    Refused,
    UnusableAnswer,
)
from avatars_as_a_service.pricing import Tariff
from avatars_as_a_service.providers.contract import (
    BilledForNothing,
    Commission,
    Drawing,
    MaybeBilled,
    OutOfQuota,
    Provider,
    ProviderFailure,
    RefusedByModel,
    UnbilledForNow,
    WrongRequest,
)
from avatars_as_a_service.service.breaker import Breaker
from avatars_as_a_service.service.line import Line
from avatars_as_a_service.service.metrics import CallMetrics
from avatars_as_a_service.storage import claims, ledger
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import CallState, Caps, PaidCall, Payer, Receipt

ATTEMPTS: Final = 3
_TRY_LATER_S: Final = 5.0

log = structlog.get_logger(__name__)


class ClaimLost(Exception):
    """Another process has taken the drawing over; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be drawn, for what subject, on whose budget beside everybody's, and under which claim, if any."""

    commission: Commission
    subject: str | None = None
    payer: Payer | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Painting:
    """A drawing and, where it was paid for, the receipt that is still to be written."""

    drawing: Drawing
    receipt: Receipt | None

    @property
    def cost(self) -> int:
        """What it cost, in micro-dollars."""
        return 0 if self.receipt is None else self.receipt.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long rests and waits are, in seconds."""

    retry_wait_s: float
    rest_s: float
    quota_pause_s: float


class Painter:
    """Reserves, queues, sends, and sees to it that each call's row says how it ended."""

    def __init__(
        self,
        *,
        provider: Provider,
        tariff: Tariff,
        caps: Caps,
        database: Database,
        line: Line,
        breaker: Breaker,
        policy: Policy,
        metrics: CallMetrics,
        blocked: Callable[[], bool],
    ) -> None:
        self._provider = provider
        self._tariff = tariff
        self._caps = caps
        self._database = database
        self._line = line
        self._breaker = breaker
        self._policy = policy
        self._metrics = metrics
        self._blocked = blocked
        # Every process wants the budget's rows: here one waits for them at a time, and no connections stand in line.
        self._reserving = asyncio.Lock()

    @property
    def expected_s(self) -> float:
        """How long a drawing that begins now may be expected to take, in seconds."""
        return self._line.expected_s if self._provider.about.is_paid else 0

    async def paint(self, order: Order, *, deadline: float) -> Painting:
        """A picture, paid for once. What was surely not billed is tried again, within the deadline.

        Raises ``ClaimLost`` where the claim is no longer ours before the money is set aside, ``Refused``, or one of the
        errors of ``CannotDrawNow``. By then the ledger says what became of each call.
        """
        if not self._provider.about.is_paid:
            return Painting(await self._provider.draw(order.commission, deadline=deadline), None)
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._attempt(order, deadline)
            except UnbilledForNow as failure:
                await self._back_off(failure, attempt, deadline)
        try:
            return await self._attempt(order, deadline)
        except UnbilledForNow as failure:
            raise _unavailable(failure) from failure

    async def _attempt(self, order: Order, deadline: float) -> Painting:
        self._breaker.check()
        if self._blocked():
            raise KeepingBlocked
        call = await self._reserve(order)
        async with AsyncExitStack() as turn:
            try:
                await turn.enter_async_context(self._line.turn(deadline))
                if self._blocked():
                    raise KeepingBlocked
                self._breaker.admit()
            except CannotDrawNow as unsent:
                await self._close(Receipt(call.id, CallState.RELEASED, unsent.code))
                raise
            return await self._send(call, order.commission, deadline)

    async def _reserve(self, order: Order) -> PaidCall:
        about, bound = self._provider.about, self._tariff.bound(order.commission.prompt)
        call = PaidCall(uuid4().hex, order.subject, about.name, about.model, bound, order.payer)

        def reserve(connection: Connection) -> None:
            if order.claim is not None and not claims.is_held(connection, order.claim):
                raise ClaimLost
            ledger.reserve(connection, call, self._caps)

        async with self._reserving:
            await self._database.write(reserve)
        return call

    async def _send(self, call: PaidCall, commission: Commission, deadline: float) -> Painting:
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            drawing = await self._provider.draw(commission, deadline=deadline)
        except TimeoutError as late:
            self._breaker.failed()
            receipt = Receipt(call.id, CallState.UNKNOWN, "timeout", duration_ms=_ms(clock() - began))
            self._metrics.ended(receipt, bound=call.bound)
            await self._close(receipt)
            raise ProviderTimeout(maybe_paid=True) from late
        except ProviderFailure as failure:
            told = self._told(failure)
            receipt = self._receipt(call, failure, _ms(clock() - began))
            self._metrics.ended(receipt, bound=call.bound)
            await self._close(receipt)
            raise told from failure
        except BaseException:
            self._breaker.failed()  # a trial never ends in silence; the row stays reserved, and so counted
            raise
        self._breaker.succeeded()
        cost = self._tariff.cost(drawing.usage)
        if cost > call.bound:
            log.warning("a call cost more than its bound", cost_micro_usd=cost, bound_micro_usd=call.bound)
        receipt = Receipt(call.id, CallState.SETTLED, ledger.DRAWN, cost, drawing.request_id, _ms(clock() - began))
        self._metrics.ended(receipt, bound=call.bound)
        return Painting(drawing, receipt)

    def _receipt(self, call: PaidCall, failure: ProviderFailure, duration_ms: int) -> Receipt:
        state, cost = CallState.RELEASED, 0
        if isinstance(failure, MaybeBilled):
            state = CallState.UNKNOWN
        if isinstance(failure, BilledForNothing):
            state, cost = CallState.SETTLED, self._tariff.cost(failure.usage)
        return Receipt(call.id, state, failure.outcome, cost, failure.request_id, duration_ms)

    def _told(self, failure: ProviderFailure) -> Exception:
        """Tell the breaker, and what to raise: the failure itself where another attempt may help."""
        log.warning("the provider failed", outcome=failure.outcome, request_id=failure.request_id)
        if isinstance(failure, RefusedByModel | WrongRequest):
            self._breaker.succeeded()
        if isinstance(failure, RefusedByModel):
            return Refused(retry_after=self._policy.rest_s)
        if isinstance(failure, WrongRequest):
            return _unavailable(failure)
        if isinstance(failure, OutOfQuota):
            self._breaker.out_of_quota()
            return ProviderQuota(retry_after=self._policy.quota_pause_s)
        self._breaker.failed()
        if isinstance(failure, BilledForNothing):
            return UnusableAnswer(failure.reason, retry_after=self._policy.rest_s)
        return failure if isinstance(failure, UnbilledForNow) else _unavailable(failure)

    async def _back_off(self, failure: UnbilledForNow, attempt: int, deadline: float) -> None:
        """Wait as long as the provider says, else longer each time; give up where the deadline would pass meanwhile."""
        pause = failure.retry_after
        if pause is None:
            pause = self._policy.retry_wait_s * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
        if asyncio.get_running_loop().time() + pause >= deadline:
            raise _unavailable(failure) from failure
        await asyncio.sleep(pause)

    async def _close(self, receipt: Receipt) -> None:
        """Write how a call without a picture ended. Where the database is away, the row stays counted at its bound."""
        try:
            await self._database.write(lambda connection: ledger.close(connection, receipt), urgent=True)
        except DatabaseUnavailable as away:
            log.warning("a call stays reserved", call=receipt.call_id, outcome=receipt.outcome, reason=away.reason)


def _unavailable(failure: ProviderFailure) -> ProviderUnavailable:
    retry_after = getattr(failure, "retry_after", None) or _TRY_LATER_S
    maybe_paid = isinstance(failure, MaybeBilled)
    return ProviderUnavailable(f"it answered {failure.outcome!r}", retry_after=retry_after, maybe_paid=maybe_paid)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
