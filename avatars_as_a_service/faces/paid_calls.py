"""Paid calls: for ``FaceService``, draws a picture with the provider, at most one billed call for each drawing.

Each call is a row of the ledger: reserved, then marked as sent, then sent, then closed with a receipt.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from avatars_as_a_service.concurrency.bounded_queue import MIN_RUN_S, BoundedQueue
from avatars_as_a_service.concurrency.circuit_breaker import CircuitBreaker
from avatars_as_a_service.domain.picture import Picture
from avatars_as_a_service.domain.pricing import Tariff
from avatars_as_a_service.errors import (
    CannotDrawNow,
    PaidPictureUnsaved,
    ProviderQuota,
    ProviderTimeout,
    ProviderUnavailable,
    Refused,
    UnusableAnswer,
)
from avatars_as_a_service.faces.budget_alerts import BudgetAlerts
from avatars_as_a_service.faces.reservations import Reservations
from avatars_as_a_service.metrics.exporter import CallMetrics
from avatars_as_a_service.providers.base import (
    MAX_OUTCOME,
    BilledWithoutPicture,
    Drawing,
    DrawRequest,
    OutOfQuota,
    Provider,
    ProviderFailure,
    RefusedByModel,
    RetryableFailure,
    Unbilled,
    WrongRequest,
)
from avatars_as_a_service.storage import claims, ledger
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.ledger import CallState, Caps, PaidCall, Payer, Receipt

_MAX_ATTEMPTS: Final = 3
_RETRY_AFTER_S: Final = 5.0

log = structlog.get_logger(__name__)


class ClaimLost(Exception):
    """Another process has taken the drawing over; nothing was sent."""


@dataclass(frozen=True, slots=True)
class PaidDrawing:
    """A picture and, if it was paid for, the receipt that is still to be written to the ledger."""

    picture: Picture
    receipt: Receipt | None

    @property
    def cost(self) -> int:
        """The cost of the drawing, in micro-dollars."""
        return 0 if self.receipt is None else self.receipt.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Times in seconds: the first pause before a retry, and what a client waits after a refusal and a used-up quota."""

    retry_wait_s: float
    cooldown_s: float
    quota_pause_s: float


class PaidCalls:
    """Reserves money, queues, sends, retries unbilled calls, and writes how each call without a picture ended."""

    def __init__(
        self,
        *,
        provider: Provider,
        tariff: Tariff,
        caps: Caps,
        queue: BoundedQueue,
        breaker: CircuitBreaker,
        policy: RetryPolicy,
        metrics: CallMetrics,
        reservations: Reservations,
        alerts: BudgetAlerts,
        has_unsaved: Callable[[], bool],
    ) -> None:
        """``has_unsaved`` tells whether a paid picture is in memory alone; then no other is paid for."""
        self._provider = provider
        self._tariff = tariff
        self._caps = caps
        self._queue = queue
        self._breaker = breaker
        self._policy = policy
        self._metrics = metrics
        self._reservations = reservations
        self._alerts = alerts
        self._has_unsaved = has_unsaved

    @property
    def expected_s(self) -> float:
        """The estimate, in seconds, of how long a drawing takes that starts now."""
        return self._queue.expected_s if self._provider.info.is_paid else 0

    async def draw(
        self,
        request: DrawRequest,
        *,
        subject: str | None,
        payer: Payer | None,
        deadline: float,
        claim: Claim | None = None,
    ) -> PaidDrawing:
        """Draw a picture and pay for it once. An unbilled call is retried within the deadline.

        ``subject`` names the face in the ledger; ``payer`` is the API key whose budget the call uses beside
        everybody's; under a ``claim``, money is reserved only while the claim is held.

        Raises ``ClaimLost`` if the claim was lost before, ``Refused``, ``DatabaseUnavailable``, or one of the errors of
        ``CannotDrawNow``. By then the ledger says how each call ended.
        """
        if not self._provider.info.is_paid:
            drawing = await self._provider.draw(request, deadline=deadline)
            return PaidDrawing(drawing.picture, None)
        reserve = partial(self._reserve, request, subject, payer, claim)
        attempt = 1
        while True:
            try:
                return await self._attempt(request, reserve, deadline)
            except RetryableFailure as failure:
                await self._back_off(failure, attempt, deadline)
            attempt += 1

    async def _attempt(
        self, request: DrawRequest, reserve: Callable[[], Awaitable[PaidCall]], deadline: float
    ) -> PaidDrawing:
        """Make one call. The slot is held from the queue's end until the answer."""
        self._check_may_send()
        call = await reserve()
        async with AsyncExitStack() as slot:
            try:
                await slot.enter_async_context(self._queue.slot(deadline))
                while not await self._mark_sent(call, deadline):
                    await self._release(call, ledger.NEVER_SENT)  # another process took this one for dead
                    call = await reserve()
                self._queue.raise_if_closed()  # it may have been closed while the row was written
                self._breaker.admit()
            except BaseException as unsent:
                await self._release(call, unsent.code if isinstance(unsent, CannotDrawNow) else ledger.NEVER_SENT)
                raise
            self._reservations.stop_renewing(call)
            return await self._send(call, request, deadline)

    def _check_may_send(self) -> None:
        """Raise the error that forbids every call now."""
        self._queue.raise_if_closed()
        if self._has_unsaved():
            raise PaidPictureUnsaved
        self._breaker.check()

    async def _reserve(
        self, request: DrawRequest, subject: str | None, payer: Payer | None, claim: Claim | None
    ) -> PaidCall:
        info, bound = self._provider.info, self._tariff.bound(request.prompt)
        call = PaidCall(uuid4().hex, subject, info.name, info.model, bound, payer)

        def check(connection: Connection) -> None:
            if claim is not None and not claims.is_held(connection, claim):
                raise ClaimLost

        self._alerts.add_use(payer)
        try:
            await self._reservations.reserve(call, self._caps, check)
        except asyncio.CancelledError:
            await self._release(call, ledger.NEVER_SENT)  # the row may have been written all the same
            raise
        return call

    async def _mark_sent(self, call: PaidCall, deadline: float) -> bool:
        return await self._reservations.mark_sent(call, check=self._check_may_send, deadline=deadline - MIN_RUN_S)

    async def _release(self, call: PaidCall, outcome: str) -> None:
        """Give back the money that is reserved for a call that is not sent."""
        self._reservations.stop_renewing(call)
        await self._reservations.close(Receipt(call.id, CallState.RELEASED, outcome))

    async def _send(self, call: PaidCall, request: DrawRequest, deadline: float) -> PaidDrawing:
        clock = asyncio.get_running_loop().time
        sent_at = clock()
        try:
            drawing = await self._provider.draw(request, deadline=deadline)
        except (ProviderFailure, TimeoutError) as failure:
            error = await self._record_failure(call, failure, request.prompt, _ms(clock() - sent_at))
            if error is failure:
                raise
            raise error from failure
        except BaseException:
            self._breaker.failed()  # a trial must end; the row stays sent, and so counted at its bound
            raise
        self._breaker.succeeded()
        return PaidDrawing(drawing.picture, self._receipt(call, drawing, request.prompt, _ms(clock() - sent_at)))

    def _receipt(self, call: PaidCall, drawing: Drawing, prompt: str, duration_ms: int) -> Receipt:
        cost = self._tariff.cost(drawing.usage, prompt)
        if cost > call.bound:
            log.warning("a call cost more than its bound", cost_micro_usd=cost, bound_micro_usd=call.bound)
        receipt = Receipt(call.id, CallState.SETTLED, ledger.DRAWN, cost, drawing.request_id, duration_ms)
        self._metrics.add(receipt, bound=call.bound)
        return receipt

    async def _record_failure(
        self, call: PaidCall, failure: ProviderFailure | TimeoutError, prompt: str, duration_ms: int
    ) -> Exception:
        """Tell the log, the breaker, the metrics and the ledger. Returns the error to raise."""
        outcome = failure.outcome if isinstance(failure, ProviderFailure) else "timeout"
        request_id = getattr(failure, "request_id", None)
        why = {name: getattr(failure, name, None) for name in ("reason", "message", "parameter", "setting")}
        told = {name: text for name, text in why.items() if text is not None or name == "reason"}
        log.warning("the provider failed", outcome=outcome, request_id=request_id, **told)
        state, report, error = _consequences(failure, self._policy)
        report(self._breaker)
        cost = self._tariff.cost(failure.usage, prompt) if isinstance(failure, BilledWithoutPicture) else 0
        receipt = Receipt(call.id, state, _explained(failure, outcome), cost, request_id, duration_ms)
        self._metrics.add(receipt, bound=call.bound)
        await self._reservations.close(receipt)
        return error

    async def _back_off(self, failure: RetryableFailure, attempt: int, deadline: float) -> None:
        """Wait as long as the provider asks, else longer each time.

        Raises ``ProviderUnavailable`` after the last attempt, and if the deadline would pass meanwhile.
        """
        pause = failure.retry_after
        if pause is None:
            pause = self._policy.retry_wait_s * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
        if attempt == _MAX_ATTEMPTS or asyncio.get_running_loop().time() + pause >= deadline:
            raise _unavailable(failure) from failure
        await asyncio.sleep(pause)


def _consequences(
    failure: ProviderFailure | TimeoutError, policy: RetryPolicy
) -> tuple[CallState, Callable[[CircuitBreaker], None], Exception]:
    """For each failure: the call's state in the ledger, the report to the breaker, and the error to raise.

    A retryable failure is raised as it is, and retried.
    """
    row: tuple[CallState, Callable[[CircuitBreaker], None], Exception]
    match failure:
        case RefusedByModel():
            row = CallState.RELEASED, CircuitBreaker.succeeded, Refused(retry_after=policy.cooldown_s)
        case WrongRequest():
            row = CallState.RELEASED, CircuitBreaker.succeeded, _unavailable(failure)
        case OutOfQuota():
            row = CallState.RELEASED, CircuitBreaker.out_of_quota, ProviderQuota(retry_after=policy.quota_pause_s)
        case RetryableFailure():
            row = CallState.RELEASED, CircuitBreaker.failed, failure
        case Unbilled():
            row = CallState.RELEASED, CircuitBreaker.failed, _unavailable(failure)
        case BilledWithoutPicture():
            error = UnusableAnswer(failure.reason, retry_after=policy.cooldown_s)
            row = CallState.SETTLED, CircuitBreaker.failed, error
        case TimeoutError():
            row = CallState.UNKNOWN, CircuitBreaker.failed, ProviderTimeout(maybe_paid=True)
        case _:  # MaybeBilled, and any failure that does not say that it is unbilled
            row = CallState.UNKNOWN, CircuitBreaker.failed, _unavailable(failure)
    return row


def _unavailable(failure: ProviderFailure) -> ProviderUnavailable:
    retry_after = failure.retry_after if isinstance(failure, RetryableFailure) else None
    maybe_paid = not isinstance(failure, Unbilled)
    return ProviderUnavailable(_reason(failure), retry_after=retry_after or _RETRY_AFTER_S, maybe_paid=maybe_paid)


def _reason(failure: ProviderFailure) -> str:
    """How the provider failed, for the client. An unbilled failure with a reason sent nothing."""
    if isinstance(failure, Unbilled) and failure.reason is not None:
        return "it could not be reached" if isinstance(failure, RetryableFailure) else "no request could be sent to it"
    is_status = failure.outcome[:1].isdigit()  # else it names the error that ended the connection
    return f"it answered {failure.outcome!r}" if is_status else "its answer did not arrive"


def _explained(failure: ProviderFailure | TimeoutError, outcome: str) -> str:
    """Return the outcome with what the provider says or what is wrong with its answer, as far as a column holds it."""
    parameter = failure.parameter if isinstance(failure, WrongRequest) else None
    why = failure.reason if isinstance(failure, BilledWithoutPicture) else getattr(failure, "message", None)
    words = f"{outcome} {parameter}" if parameter else outcome
    return (f"{words}: {why}" if why else words)[:MAX_OUTCOME]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
