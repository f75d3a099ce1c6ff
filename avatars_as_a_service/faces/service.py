"""The face service: for the routes, gets a face from memory, the database or another task, or else draws it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar
from uuid import uuid4

import anyio.to_thread
import structlog
from cachetools import TTLCache
from sqlalchemy import Connection

from avatars_as_a_service.access.admission import Admission, Caller
from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.concurrency.single_flight import FlightResult, SingleFlight, WaitExpired
from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.key import image_hash
from avatars_as_a_service.domain.picture import PictureRef
from avatars_as_a_service.domain.prompt import prompt_for
from avatars_as_a_service.domain.query import STILL_DRAWING, Answer, KeyedQuery, Query
from avatars_as_a_service.errors import (
    AvatarsError,
    CannotDrawNow,
    DatabaseUnavailable,
    DescriptionNeedsAModel,
    FaceNotFound,
    Flagged,
    LimitsUnavailable,
    ModerationUnavailable,
    NotAuthorized,
    OtherArtist,
    ProviderTimeout,
    UnknownHost,
)
from avatars_as_a_service.faces.failure_cache import FailureCache
from avatars_as_a_service.faces.jobs import FaceJob, IdempotentJob, Job, RedrawJob, uncached_answer
from avatars_as_a_service.faces.leases import Found, Leases
from avatars_as_a_service.faces.paid_calls import ClaimLost, PaidCalls, PaidDrawing
from avatars_as_a_service.faces.results import ResultWriter
from avatars_as_a_service.metrics.answer_counts import AnswerCounts
from avatars_as_a_service.providers.base import DrawRequest, ModerationFailed, Provider
from avatars_as_a_service.storage import avatars
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Payer
from avatars_as_a_service.storage.result_records import ResultRecord
from avatars_as_a_service.storage.spool_index import SpoolIndex

T = TypeVar("T")
log = structlog.get_logger(__name__)

_BEFORE_PAYER: Final = "/"
_MIN_WAIT_S: Final = 0.3
"""The shortest wait: a client that does not want to wait still gets a picture or an error that comes at once."""
_MIN_READY_IN_S: Final = 1.0
_UNKNOWN_READY_IN_S: Final = 60.0
"""After a failure that does not say when another try can succeed: an operator has to change something first."""
_MAX_FAILED_KEYS: Final = 50_000
_MAX_ABSENT_KEYS: Final = 10_000
_ABSENT_S: Final = 3.0
"""How long an ``<img>`` element is shown a stand-in without another look: another process may store the face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePolicy:
    """The settings of keys and drawings; times are in seconds.

    ``timeout_s`` is the longest a request may take. At most ``max_background_drawings`` run in the background at a
    time, and one that failed is not started again for ``cooldown_s``.
    """

    edition: str
    stand_ins: bool
    moderates: bool
    timeout_s: float
    max_background_drawings: int
    cooldown_s: float


class FaceService:
    """Answers queries. A face in memory is answered without the database and without a thread."""

    def __init__(
        self,
        *,
        policy: FacePolicy,
        admission: Admission,
        provider: Provider,
        database: Database,
        memory: MemoryCache,
        leases: Leases,
        paid_calls: PaidCalls,
        results: ResultWriter,
        spooled: SpoolIndex,
        failures: FailureCache,
        answer_counts: AnswerCounts,
        drawings: SingleFlight[Answer],
    ) -> None:
        self._policy = policy
        self._admission = admission
        self._provider = provider
        self._database = database
        self._memory = memory
        self._leases = leases
        self._paid_calls = paid_calls
        self._results = results
        self._spooled = spooled
        self._failures = failures
        self._answer_counts = answer_counts
        self._drawings = drawings
        self._lookups: SingleFlight[Answer | None] = SingleFlight()
        self._absent: TTLCache[str, bool] = TTLCache(_MAX_ABSENT_KEYS, _ABSENT_S)
        self._failed: TTLCache[str, bool] = TTLCache(_MAX_FAILED_KEYS, policy.cooldown_s)

    async def get_or_draw(self, keyed: KeyedQuery, caller: Caller, *, wait_s: float | None = None) -> Answer:
        """Return the picture, or a stand-in if stand-ins are on and the model is unavailable or over budget.

        With ``wait_s``, a drawing that takes longer is answered by a stand-in, even if stand-ins are off; the drawing
        goes on, and a later request gets it. An uncached picture without an idempotency key is always waited for: a
        later request would draw another one. Raises one of the errors of ``AvatarsError``.
        """
        wait = _WaitBudget.of(wait_s, limit_s=self._policy.timeout_s)
        try:
            if keyed.query.is_cached:
                return await self._cached(keyed, caller, wait)
            return await self._uncached(keyed, caller, wait)
        except WaitExpired as late:
            ready_in = max(_MIN_READY_IN_S, self._paid_calls.expected_s - late.elapsed_s)
            return self._stand_in(keyed, STILL_DRAWING, ready_in)
        except CannotDrawNow as failure:
            if keyed.query.description is not None or not self._policy.stand_ins:
                raise
            return self._stand_in(keyed, failure.code, max(_MIN_READY_IN_S, failure.retry_after or _UNKNOWN_READY_IN_S))

    async def draw_in_background(self, features: Features, caller: Caller, *, payer: Payer | None = None) -> None:
        """Start drawing the face with these features, once, and do not wait for it; ``payer`` has a budget for it.

        Nothing starts if the caller has no permission, if the drawing failed recently, if too many drawings run, or
        while the process drains.
        """
        key = self.key(features)
        if key in self._drawings or key in self._failed or len(self._drawings) >= self._policy.max_background_drawings:
            return
        try:
            await self._admission.authorize_draw(caller)
            self._drawings.start(key, partial(self._draw_in_background, key, features, payer))
        except AvatarsError as refused:
            log.info("a background drawing is not started", reason=refused.code)

    async def redraw(self, image_hash: str, *, who: str) -> Answer:
        """Draw a stored face again and pay for it. The old picture is shown until the new one is stored.

        The old picture keeps its URL. Raises ``FaceNotFound``, ``OtherArtist``, or an error that keeps it from being
        drawn.
        """
        face = await self._database.read(lambda connection: avatars.get(connection, image_hash))
        if face is None:
            raise FaceNotFound
        if face.artist is not self._provider.info.artist:
            raise OtherArtist(face.artist)
        job = RedrawJob(
            lock_key=RedrawJob.lock_key_of(image_hash),
            face=face,
            request=DrawRequest(face.features, prompt_for(face.features)),
            provider=self._provider,
            failures=self._failures,
            spooled=self._spooled,
        )
        wait = _WaitBudget.of(None, limit_s=self._policy.timeout_s)
        drawn = await self._run_shared(job.lock_key, partial(self._find_or_draw, job), wait)
        answer = _answer_of(drawn)
        log.warning("redrawn", who=who, what=image_hash, cost_micro_usd=answer.cost)
        return answer

    async def draw_trial(self, *, who: str) -> Answer:
        """Draw a face that is kept under no key, within the caps, and pay for it. Its picture is kept and has a URL.

        Raises an error that keeps it from being drawn.
        """
        features = Features()
        request = DrawRequest(features, prompt_for(features))
        draw = partial(self._draw_uncached, self.key(features), request, None)
        wait = _WaitBudget.of(None, limit_s=self._policy.timeout_s)
        answer = (await self._run_shared(uuid4().hex, draw, wait.until_done)).result
        log.warning("drawn as a trial", who=who, cost_micro_usd=answer.cost)
        return answer

    async def find_picture(self, features: Features) -> PictureRef | None:
        """The picture of the face with these features if it is stored; draws nothing.

        Raises ``DatabaseUnavailable``.
        """
        key = self.key(features)
        try:
            hit = await self._find_hit(key, self._policy.timeout_s)
        except WaitExpired as late:
            raise DatabaseUnavailable(str(late)) from late
        if hit is None:
            self._absent[key] = True
        return None if hit is None else hit.picture

    def get_cached(self, key: str) -> Answer | None:
        """The hit for that key, if the face is in memory. It needs no database and no thread."""
        hit = self._memory.get_face(key)
        return None if hit is None else self._counted(hit)

    def peek(self, key: str) -> Answer | None:
        """As ``get_cached``, for what is counted elsewhere."""
        return self._memory.get_face(key)

    def is_absent(self, key: str) -> bool:
        """Whether the face was not stored a few seconds ago, as far as this process knows."""
        if self._memory.get_face(key) is not None or self._spooled.knows_face(key):
            return False
        return self._memory.has_all_faces or key in self._absent

    def is_drawing(self, key: str) -> bool:
        """Whether this process draws the face, for whichever payer."""
        return any(_key_of(task) == key for task in self._drawings)

    @property
    def draws_locally(self) -> bool:
        """Whether the local artist is the provider: its drawings are the faces, and cost nothing."""
        return not self._provider.info.is_paid

    async def get_stored(self, key: str) -> Answer | None:
        """The hit for that key from memory or the database; ``None`` if there is none.

        Raises ``DatabaseUnavailable``, and ``WaitExpired`` if the database was too slow to tell.
        """
        hit = await self._find_hit(key, _MIN_WAIT_S)
        return None if hit is None else self._counted(hit)

    def with_key(self, query: Query) -> KeyedQuery:
        """The query with its key."""
        return KeyedQuery(query, self.key_of(query))

    def key_of(self, query: Query) -> str:
        """The key of the query's face; empty for a description, which has none."""
        return "" if query.description is not None else self.key(query.features)

    def key(self, features: Features) -> str:
        """The key of the face with these features, as this service draws it."""
        return image_hash(features, edition=self._policy.edition, artist=self._provider.info.artist)

    def _counted(self, hit: Answer) -> Answer:
        self._answer_counts.add_hit(hit.saved)
        return hit

    def _stand_in(self, keyed: KeyedQuery, reason: str, ready_in: float) -> Answer:
        self._answer_counts.add_stand_in()
        query = keyed.query
        prompt = query.description or prompt_for(query.features)
        return Answer(
            image_hash=keyed.key, prompt=prompt, picture=None, features=query.features, reason=reason, ready_in=ready_in
        )

    async def _draw_in_background(self, key: str, features: Features, payer: Payer | None) -> Answer:
        job = self._face_job(key, features, payer)
        try:
            return await self._find_or_draw(job, asyncio.get_running_loop().time() + self._policy.timeout_s)
        except AvatarsError:
            self._failed[key] = True
            raise

    async def _cached(self, keyed: KeyedQuery, caller: Caller, wait: "_WaitBudget") -> Answer:
        if not keyed.is_absent:
            with wait.limit_to_drawing():
                hit = await self._find_hit(keyed.key, wait.left_s)
            if hit is not None:  # it costs nothing, so it needs no permission
                return self._counted(hit)
        try:
            payer = await self._authorize(caller, wait)
        except (NotAuthorized, LimitsUnavailable, UnknownHost):
            self._answer_counts.add_miss()
            raise
        return await self._find_or_draw_face(keyed.key, keyed.query.features, payer, wait)

    async def _find_hit(self, key: str, wait_s: float) -> Answer | None:
        """The hit from memory, else from the database by one query for all requests that ask for the same face."""
        hit = self._memory.get_face(key)
        if hit is None:
            hit = (await self._lookups.run(key, partial(self._look_up, key), wait_s=wait_s)).result
        return hit

    async def _look_up(self, key: str) -> Answer | None:
        try:
            avatar = await self._database.read(partial(self._stored_or_spooled, key=key))
        except DatabaseUnavailable:
            avatar = await anyio.to_thread.run_sync(self._spooled.face, key)
            if avatar is None:
                raise
        return None if avatar is None else self._memory.put_face(avatar)

    def _stored_or_spooled(self, connection: Connection, key: str) -> Avatar | None:
        return avatars.get(connection, key) or self._spooled.face(key)

    async def _find_or_draw_face(
        self, key: str, features: Features, payer: Payer | None, wait: "_WaitBudget"
    ) -> Answer:
        draw = partial(self._find_or_draw, self._face_job(key, features, payer, is_absent=True))
        try:
            drawn = await self._run_shared(_task_key(key, payer), draw, wait)
        except (AvatarsError, WaitExpired):
            self._answer_counts.add_miss()
            raise
        if drawn.result.cache_hit:
            self._counted(drawn.result)
        else:
            self._answer_counts.add_miss()
        return _answer_of(drawn)

    async def _uncached(self, keyed: KeyedQuery, caller: Caller, wait: "_WaitBudget") -> Answer:
        query = keyed.query
        if query.description is not None and not self._provider.info.draws_descriptions:
            raise DescriptionNeedsAModel
        payer = await self._authorize(caller, wait)
        if query.description is None:
            image_hash, request = keyed.key, DrawRequest(query.features, prompt_for(query.features))
        else:
            image_hash, request = "", DrawRequest(None, query.description)
        if query.idempotency_key is None:
            draw = partial(self._draw_uncached, image_hash, request, payer)
            return (await self._run_shared(uuid4().hex, draw, wait.until_done)).result
        lock_key, body_hash = IdempotentJob.lock_key_of(query.idempotency_key, payer), query.body_hash()
        job = IdempotentJob(lock_key, body_hash, image_hash, request, payer, self._failures, self._spooled)
        return (await self._run_shared(lock_key + body_hash, partial(self._find_or_draw, job), wait)).result

    def _face_job(self, key: str, features: Features, payer: Payer | None, *, is_absent: bool = False) -> FaceJob:
        return FaceJob(
            lock_key=key,
            features=features,
            edition=self._policy.edition,
            request=DrawRequest(features, prompt_for(features)),
            payer=payer,
            provider=self._provider,
            failures=self._failures,
            cache=self._memory,
            spooled=self._spooled,
            is_absent=is_absent,
        )

    async def _authorize(self, caller: Caller, wait: "_WaitBudget") -> Payer | None:
        try:
            async with asyncio.timeout_at(wait.deadline):
                return await self._admission.authorize_draw(caller)
        except TimeoutError:
            raise ProviderTimeout from None

    async def _run_shared(
        self, task_key: str, draw: Callable[[float], Awaitable[Answer]], wait: "_WaitBudget"
    ) -> FlightResult[Answer]:
        """Start or join the task of that key. A new task passes its own deadline to ``draw``."""

        def start() -> Awaitable[Answer]:
            return draw(asyncio.get_running_loop().time() + self._policy.timeout_s)

        with wait.limit_to_drawing():
            return await self._drawings.run(task_key, start, wait_s=wait.left_s)

    async def _find_or_draw(self, job: Job[T], deadline: float) -> Answer:
        while True:
            outcome = await self._leases.find_or_claim(
                job.lock_key, job.find, deadline=deadline, is_spooled=lambda: job.is_spooled
            )
            if isinstance(outcome, Found):
                return job.answer_existing(outcome.result, waited=outcome.waited)
            try:
                return await self._draw(job, outcome, deadline)
            except ClaimLost:
                self._leases.stop_renewing(outcome)

    async def _draw(self, job: Job[T], claim: Claim, deadline: float) -> Answer:
        try:
            drawing = await self._draw_and_pay(job.request, job.lock_key, job.payer, deadline, claim)
        except AvatarsError as failure:
            record = partial(self._failures.record, subject=job.lock_key, failure=failure, idempotent=job.idempotent)
            await self._leases.release(claim, record)
            raise
        except BaseException:
            self._leases.stop_renewing(claim)
            raise
        stored = await self._results.save(drawing.picture, job.record(drawing, claim))
        return job.answer(drawing, stored)

    async def _draw_uncached(
        self, image_hash: str, request: DrawRequest, payer: Payer | None, deadline: float
    ) -> Answer:
        drawing = await self._draw_and_pay(request, image_hash or None, payer, deadline)
        record = ResultRecord.of(drawing.picture, receipt=drawing.receipt, described=request.features is None)
        await self._results.save(drawing.picture, record)
        return uncached_answer(image_hash, request, drawing)

    async def _draw_and_pay(
        self,
        request: DrawRequest,
        subject: str | None,
        payer: Payer | None,
        deadline: float,
        claim: Claim | None = None,
    ) -> PaidDrawing:
        """Have a description moderated first; moderation is free."""
        if request.features is None and self._policy.moderates:
            await self._moderate(request.prompt, deadline)
        return await self._paid_calls.draw(request, subject=subject, payer=payer, deadline=deadline, claim=claim)

    async def _moderate(self, description: str, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                categories = await self._provider.moderate(description)
        except (ModerationFailed, TimeoutError) as failed:
            raise ModerationUnavailable from failed
        if categories:
            raise Flagged(categories)


@dataclass(frozen=True, slots=True)
class _WaitBudget:
    """How long a caller waits, in the event loop's time: until ``until``, at most until ``deadline``."""

    deadline: float
    until: float

    @classmethod
    def of(cls, wait_s: float | None, *, limit_s: float) -> "_WaitBudget":
        """A wait that starts now, of ``wait_s`` seconds if given, at most of ``limit_s``."""
        now = asyncio.get_running_loop().time()
        wait_s = limit_s if wait_s is None else max(wait_s, _MIN_WAIT_S)
        return cls(now + limit_s, now + min(wait_s, limit_s))

    @property
    def ends_early(self) -> bool:
        """Whether the caller waits for less than the deadline."""
        return self.until < self.deadline

    @property
    def left_s(self) -> float:
        """How many seconds of the wait are left."""
        return max(self.until - asyncio.get_running_loop().time(), 0)

    @contextmanager
    def limit_to_drawing(self) -> Iterator[None]:
        """Turn ``WaitExpired`` into ``ProviderTimeout`` unless the wait ends before the deadline."""
        try:
            yield
        except WaitExpired as late:
            if self.ends_early:
                raise
            raise ProviderTimeout from late

    @property
    def until_done(self) -> "_WaitBudget":
        """The same wait, but until the deadline."""
        return _WaitBudget(self.deadline, self.deadline)


def _answer_of(drawn: FlightResult[Answer]) -> Answer:
    """The answer for one caller: only the one that started the drawing pays."""
    return drawn.result if drawn.is_leader else replace(drawn.result, cost=0)


def _task_key(key: str, payer: Payer | None) -> str:
    """One task for each payer: a payer whose budget is used up must not turn back another one that waits with it."""
    return key if payer is None else f"{key}{_BEFORE_PAYER}{payer.name}"


def _key_of(task_key: str) -> str:
    return task_key.partition(_BEFORE_PAYER)[0]
