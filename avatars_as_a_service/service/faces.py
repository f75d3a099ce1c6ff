"""The way of a request: a face is kept, is being drawn, or is to be drawn."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar
from uuid import uuid4

import structlog
from cachetools import TTLCache

from avatars_as_a_service.errors import (
    AvatarsError,
    CannotDrawNow,
    DatabaseUnavailable,
    DescriptionNeedsAModel,
    FaceNotFound,
    Flagged,
    LimitsUnavailable,
    ModerationUnavailable,
    NoLeave,
    OtherArtist,
    ProviderTimeout,
)
from avatars_as_a_service.features import Features
from avatars_as_a_service.key import image_hash
from avatars_as_a_service.picture import PictureRef
from avatars_as_a_service.prompt import prompt_for
from avatars_as_a_service.providers.contract import Commission, ModerationFailed, Provider
from avatars_as_a_service.service.admission import Admission, Caller
from avatars_as_a_service.service.conversation import Answer, Query
from avatars_as_a_service.service.errands import Errand, FaceErrand, KeyedErrand, RedrawErrand, uncached_answer
from avatars_as_a_service.service.flights import Flights, Landed, StillFlying
from avatars_as_a_service.service.keeper import Keeper, Note
from avatars_as_a_service.service.leases import Found, Leases
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.service.painter import ClaimLost, Order, Painter, Painting
from avatars_as_a_service.service.rests import Rests
from avatars_as_a_service.service.tally import Tally
from avatars_as_a_service.storage import avatars
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.ledger import Payer

T = TypeVar("T")
log = structlog.get_logger(__name__)

_AT_ONCE_S: Final = 0.3
"""The shortest wait: what is drawn or refused in no time is told at once, even to who does not want to wait."""
_SOON_S: Final = 1.0
_MOST_FAILURES: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a key is made with, what is allowed, and how long a request may take, in seconds.

    Of drawings that nobody waits for, ``most_begun`` are under way at a time, and one that fails is not begun again for
    ``rest_s`` seconds.
    """

    edition: str
    stand_ins: bool
    moderates: bool
    timeout_s: float
    most_begun: int
    rest_s: float


class Faces:
    """Answers queries. A face that is remembered is answered without the database and without a thread."""

    def __init__(
        self,
        *,
        rules: Rules,
        admission: Admission,
        provider: Provider,
        database: Database,
        memory: Memory,
        leases: Leases,
        painter: Painter,
        keeper: Keeper,
        rests: Rests,
        tally: Tally,
        flights: Flights[Answer],
    ) -> None:
        self._rules = rules
        self._admission = admission
        self._provider = provider
        self._database = database
        self._memory = memory
        self._leases = leases
        self._painter = painter
        self._keeper = keeper
        self._rests = rests
        self._tally = tally
        self._flights = flights
        self._looks: Flights[Answer | None] = Flights()
        self._failed: TTLCache[str, bool] = TTLCache(_MOST_FAILURES, rules.rest_s)

    async def query(self, query: Query, caller: Caller, *, wait_s: float | None = None) -> Answer:
        """The picture that was asked for, or a stand-in where stand-ins are on and the model may or can not draw now.

        With ``wait_s`` there is one, even where stand-ins are off, if no picture is there after so many seconds; the
        drawing goes on, and asking again gets it. What is not cached and has no idempotency key is waited for: asking
        again would draw it again. Raises one of the errors of ``AvatarsError``.
        """
        patience = _Patience.of(wait_s, limit_s=self._rules.timeout_s)
        try:
            if query.is_cached:
                return await self._cached(query.features, caller, patience)
            return await self._uncached(query, caller, patience)
        except StillFlying as late:
            return self._stand_in(query, "still_drawing", max(_SOON_S, self._painter.expected_s - late.flown_s))
        except CannotDrawNow as failure:
            if query.description is not None or not self._rules.stand_ins:
                raise
            return self._stand_in(query, failure.code)

    async def begin(self, features: Features, caller: Caller) -> None:
        """Have the face with these features drawn, and paid for, once; nobody waits for it.

        Nothing happens where the caller may not have it drawn, where that has failed lately, where too many drawings
        are under way, or at the end.
        """
        key = self.key(features)
        if key in self._flights or key in self._failed or len(self._flights) >= self._rules.most_begun:
            return
        try:
            await self._admission.payer(caller)
            self._flights.begin(key, partial(self._draw_unwatched, key, features))
        except AvatarsError as refused:
            log.info("a signed address has nothing drawn", reason=refused.code)

    async def redraw(self, image_hash: str, *, who: str) -> Answer:
        """Have a kept face drawn anew, and pay for it; the old picture is shown until the new one is there.

        Its old picture keeps its address. Raises ``FaceNotFound``, ``OtherArtist``, or what keeps it from being drawn.
        """
        face = await self._database.read(lambda connection: avatars.get(connection, image_hash))
        if face is None:
            raise FaceNotFound
        if face.artist is not self._provider.about.artist:
            raise OtherArtist(face.artist)
        errand = RedrawErrand(
            subject=RedrawErrand.subject_of(image_hash),
            face=face,
            commission=Commission(face.features, prompt_for(face.features)),
            provider=self._provider,
            rests=self._rests,
        )
        patience = _Patience.of(None, limit_s=self._rules.timeout_s)
        landed = await self._fly(errand.subject, partial(self._find_or_draw, errand), patience)
        answer = landed.result if landed.led else replace(landed.result, cost=0)
        log.warning("redrawn", who=who, what=image_hash, cost_micro_usd=answer.cost)
        return answer

    async def kept(self, features: Features) -> PictureRef | None:
        """The picture of the face with these features if it is kept; nothing is drawn.

        Raises ``DatabaseUnavailable``.
        """
        try:
            hit = await self._hit(self.key(features), self._rules.timeout_s)
        except StillFlying as late:
            raise DatabaseUnavailable(str(late)) from late
        return None if hit is None else hit.picture

    def recall(self, key: str) -> Answer | None:
        """The hit for the face under that key, if this process remembers it: no database, no thread."""
        hit = self._memory.hit(key)
        if hit is not None:
            self._tally.hit(hit.saved)
        return hit

    async def find(self, key: str) -> Answer | None:
        """The hit for the face under that key, whether or not this process remembers it; ``None`` where none is kept.

        Where the database takes its time there is ``None`` as well: ``query`` knows how long its caller waits. Raises
        ``DatabaseUnavailable``.
        """
        try:
            hit = await self._hit(key, _AT_ONCE_S)
        except StillFlying:
            return None
        if hit is not None:
            self._tally.hit(hit.saved)
        return hit

    def key(self, features: Features) -> str:
        """The key of the face with these features, as this service draws it."""
        return image_hash(features, edition=self._rules.edition, artist=self._provider.about.artist)

    def _stand_in(self, query: Query, reason: str, ready_in: float | None = None) -> Answer:
        self._tally.stand_in()
        key = "" if query.description is not None else self.key(query.features)
        prompt = query.description or prompt_for(query.features)
        return Answer(
            image_hash=key, prompt=prompt, picture=None, features=query.features, reason=reason, ready_in=ready_in
        )

    async def _draw_unwatched(self, key: str, features: Features) -> Answer:
        errand = self._face_errand(key, features, None)
        try:
            return await self._find_or_draw(errand, asyncio.get_running_loop().time() + self._rules.timeout_s)
        except AvatarsError:
            self._failed[key] = True
            raise

    async def _cached(self, features: Features, caller: Caller, patience: "_Patience") -> Answer:
        key = self.key(features)
        with patience.of_a_flight():
            hit = await self._hit(key, patience.left_s)
        if hit is not None:  # it costs nothing, and is everybody's
            self._tally.hit(hit.saved)
            return hit
        try:
            payer = await self._payer(caller, patience)
        except (NoLeave, LimitsUnavailable):
            self._tally.miss()
            raise
        return await self._found_or_drawn(key, features, payer, patience)

    async def _hit(self, key: str, patience_s: float) -> Answer | None:
        """From memory, else from the database: asked once, however many ask for the same face."""
        hit = self._memory.hit(key)
        if hit is None:
            hit = (await self._looks.join(key, partial(self._look, key), patience_s=patience_s)).result
        return hit

    async def _look(self, key: str) -> Answer | None:
        avatar = await self._database.read(lambda connection: avatars.get(connection, key))
        return None if avatar is None else self._memory.remember_face(avatar)

    async def _found_or_drawn(self, key: str, features: Features, payer: Payer | None, patience: "_Patience") -> Answer:
        draw = partial(self._find_or_draw, self._face_errand(key, features, payer))
        try:
            landed = await self._fly(_flight(key, payer), draw, patience)
        except (AvatarsError, StillFlying):
            self._tally.miss()
            raise
        answer = landed.result
        if answer.cache_hit:
            self._tally.hit(answer.saved)
        else:
            self._tally.miss()
        return answer if landed.led else replace(answer, cost=0)

    async def _uncached(self, query: Query, caller: Caller, patience: "_Patience") -> Answer:
        if query.description is not None and not self._provider.about.draws_descriptions:
            raise DescriptionNeedsAModel
        payer = await self._payer(caller, patience)
        commission, key = Commission(query.features, prompt_for(query.features)), self.key(query.features)
        if query.description is not None:
            commission, key = Commission(None, query.description), ""
        if query.idempotency_key is None:
            landed = await self._fly(uuid4().hex, partial(self._draw_once, key, commission, payer), patience.to_the_end)
        else:
            subject, body_hash = KeyedErrand.subject_of(query.idempotency_key, payer), query.body_hash()
            errand = KeyedErrand(subject, body_hash, key, commission, payer, self._rests)
            landed = await self._fly(subject + body_hash, partial(self._find_or_draw, errand), patience)
        return landed.result

    def _face_errand(self, key: str, features: Features, payer: Payer | None) -> FaceErrand:
        return FaceErrand(
            subject=key,
            features=features,
            edition=self._rules.edition,
            commission=Commission(features, prompt_for(features)),
            payer=payer,
            provider=self._provider,
            rests=self._rests,
            memory=self._memory,
        )

    async def _payer(self, caller: Caller, patience: "_Patience") -> Payer | None:
        try:
            async with asyncio.timeout_at(patience.deadline):
                return await self._admission.payer(caller)
        except TimeoutError:
            raise ProviderTimeout from None

    async def _fly(
        self, name: str, draw: Callable[[float], Awaitable[Answer]], patience: "_Patience"
    ) -> Landed[Answer]:
        """Join the flight of that name; ``draw`` is told its deadline, by the event loop's clock, when it starts."""

        def start() -> Awaitable[Answer]:
            return draw(asyncio.get_running_loop().time() + self._rules.timeout_s)

        with patience.of_a_flight():
            return await self._flights.join(name, start, patience_s=patience.left_s)

    async def _find_or_draw(self, errand: Errand[T], deadline: float) -> Answer:
        while True:
            outcome = await self._leases.find_or_claim(errand.subject, errand.find, deadline=deadline)
            if isinstance(outcome, Found):
                return errand.found(outcome.thing, waited=outcome.waited)
            try:
                return await self._draw(errand, outcome, deadline)
            except ClaimLost:
                self._leases.forget(outcome)

    async def _draw(self, errand: Errand[T], claim: Claim, deadline: float) -> Answer:
        try:
            painting = await self._paint(_order(errand, claim), deadline)
        except AvatarsError as failure:
            note = partial(self._rests.note, subject=errand.subject, failure=failure, keyed=errand.keyed)
            await self._leases.release(claim, note)
            raise
        except BaseException:
            self._leases.forget(claim)
            raise
        kept = await self._keeper.keep(painting.drawing.picture, errand.note(painting, claim))
        return errand.answer(painting, kept)

    async def _draw_once(self, key: str, commission: Commission, payer: Payer | None, deadline: float) -> Answer:
        painting = await self._paint(Order(commission=commission, subject=key or None, payer=payer), deadline)
        picture = painting.drawing.picture
        note = Note.of(picture, receipt=painting.receipt, described=commission.features is None)
        await self._keeper.keep(picture, note)
        return uncached_answer(key, commission, painting)

    async def _paint(self, order: Order, deadline: float) -> Painting:
        if order.commission.features is None and self._rules.moderates:
            await self._moderate(order.commission.prompt, deadline)
        return await self._painter.paint(order, deadline=deadline)

    async def _moderate(self, description: str, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                categories = await self._provider.flagged(description)
        except (ModerationFailed, TimeoutError) as failed:
            raise ModerationUnavailable from failed
        if categories:
            raise Flagged(categories)


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long an asker waits, by the event loop's clock: to the deadline, or only until an earlier moment."""

    deadline: float
    until: float

    @classmethod
    def of(cls, wait_s: float | None, *, limit_s: float) -> "_Patience":
        """From now on: so long as the asker wants, at most the limit."""
        now = asyncio.get_running_loop().time()
        wait_s = limit_s if wait_s is None else max(wait_s, _AT_ONCE_S)
        return cls(now + limit_s, now + min(wait_s, limit_s))

    @property
    def ends_early(self) -> bool:
        """Whether the asker does not wait for the deadline."""
        return self.until < self.deadline

    @property
    def left_s(self) -> float:
        """How long it still lasts."""
        return max(self.until - asyncio.get_running_loop().time(), 0)

    @contextmanager
    def of_a_flight(self) -> Iterator[None]:
        """Has ``StillFlying`` raised where it ends early, and ``ProviderTimeout`` where the deadline has passed."""
        try:
            yield
        except StillFlying as late:
            if self.ends_early:
                raise
            raise ProviderTimeout from late

    @property
    def to_the_end(self) -> "_Patience":
        """The same, to the deadline."""
        return _Patience(self.deadline, self.deadline)


def _order(errand: Errand[T], claim: Claim) -> Order:
    return Order(commission=errand.commission, subject=errand.subject, payer=errand.payer, claim=claim)


def _flight(key: str, payer: Payer | None) -> str:
    """Each payer's own: one whose budget is used up must not turn back another who waits with him."""
    return key if payer is None else f"{key}/{payer.name}"
