"""Jobs: for ``FaceService``, what one process draws under a claim, how the others find it, and how to record it."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection

from avatars_as_a_service.cache.memory import MemoryCache
from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.key import KEY_LENGTH
from avatars_as_a_service.domain.prompt import PROMPT_VERSION
from avatars_as_a_service.domain.query import Answer
from avatars_as_a_service.errors import IdempotencyKeyReused
from avatars_as_a_service.faces.failure_cache import FailureCache
from avatars_as_a_service.faces.paid_calls import PaidDrawing
from avatars_as_a_service.providers.base import DrawRequest, Provider
from avatars_as_a_service.storage import avatars, idempotency
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.idempotency import KeptAnswer
from avatars_as_a_service.storage.ledger import Payer
from avatars_as_a_service.storage.result_records import ResultRecord
from avatars_as_a_service.storage.spool_index import SpoolIndex

T = TypeVar("T")
_ANSWERS: Final = TypeAdapter(Answer)


class Job(Protocol[T]):
    """A drawing that one process makes, under a claim on ``lock_key``, while all others wait for it."""

    @property
    def lock_key(self) -> str:
        """The key of the claim, at most 32 characters."""

    @property
    def request(self) -> DrawRequest:
        """The features or the description to draw."""

    @property
    def payer(self) -> Payer | None:
        """The API key whose budget the drawing uses, beside everybody's."""

    @property
    def idempotent(self) -> bool:
        """Whether an idempotency key forbids to pay again for 24 hours, even after a failure."""

    @property
    def is_spooled(self) -> bool:
        """Whether the result was seen in this machine's spool: ``find`` finds it, though its claim is still held."""

    def find(self, connection: Connection, since: datetime | None) -> T | None:
        """The result, if it is stored or spooled. Raises a recent failure of the same drawing.

        ``since`` is since when the caller waits, by the database's clock, if it does.
        """

    def answer_existing(self, existing: T, *, waited: bool) -> Answer:
        """The answer with a result that was found, at once or, with ``waited``, after another task drew it."""

    def record(self, drawing: PaidDrawing, claim: Claim) -> ResultRecord:
        """The rows to write with the drawing."""

    def answer(self, drawing: PaidDrawing, stored: Avatar | None) -> Answer:
        """The answer for the caller that had it drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceJob:
    """Draws a face once and stores it under its key."""

    lock_key: str
    features: Features
    edition: str
    request: DrawRequest
    payer: Payer | None
    provider: Provider
    failures: FailureCache
    cache: MemoryCache
    spooled: SpoolIndex
    is_absent: bool = False
    """Whether the face was just looked up and not found; the look before the claim then does not read it again."""
    idempotent: bool = False

    @property
    def is_spooled(self) -> bool:
        """Whether the face was seen in the spool."""
        return self.spooled.knows_face(self.lock_key)

    def find(self, connection: Connection, since: datetime | None) -> Avatar | None:
        """The stored face, else the spooled one."""
        avatar = None
        if since is not None or not self.is_absent:
            avatar = avatars.get(connection, self.lock_key) or self.spooled.face(self.lock_key)
        if avatar is None:
            self.failures.raise_if_recent(connection, self.lock_key, since)
        return avatar

    def answer_existing(self, existing: Avatar, *, waited: bool) -> Answer:
        """A hit, unless the caller waited for the drawing."""
        self.cache.put_face(existing)
        return Answer.of(existing, cache_hit=not waited)

    def record(self, drawing: PaidDrawing, claim: Claim) -> ResultRecord:
        """The new face, the receipt, and the release of the claim."""
        info = self.provider.info
        avatar = Avatar(
            image_hash=self.lock_key,
            features=self.features,
            edition=self.edition,
            artist=info.artist,
            picture=drawing.picture.ref,
            prompt=self.request.prompt,
            prompt_version=PROMPT_VERSION,
            provider=info.name,
            model=info.model,
            quality=info.quality,
            cost=drawing.cost,
        )
        return ResultRecord.of(drawing.picture, avatar=avatar, receipt=drawing.receipt, claim=claim)

    def answer(self, drawing: PaidDrawing, stored: Avatar | None) -> Answer:
        """The face that is stored under the key, and the cost of this drawing."""
        return _answer_with(stored, drawing)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawJob:
    """Draws a stored face again; the old picture is shown until the new one is stored."""

    lock_key: str
    face: Avatar
    request: DrawRequest
    provider: Provider
    failures: FailureCache
    spooled: SpoolIndex
    payer: Payer | None = None
    idempotent: bool = False

    @classmethod
    def lock_key_of(cls, image_hash: str) -> str:
        """The claim's key for the redrawing of that face; it differs from every face's own."""
        return "r" + image_hash[1:]

    @property
    def is_spooled(self) -> bool:
        """Whether the new picture was seen in the spool."""
        return self.spooled.knows_redrawn(self.face.image_hash)

    def find(self, connection: Connection, since: datetime | None) -> Avatar | None:
        """The face if it was redrawn while the caller waited, or if its new picture is spooled."""
        stored = avatars.get_dated(connection, self.face.image_hash)
        if stored is not None and since is not None and stored.created_at >= since:
            return stored.avatar
        spooled = self.spooled.redrawn(self.face.image_hash)
        if spooled is None:
            self.failures.raise_if_recent(connection, self.lock_key, since)
        return spooled

    def answer_existing(self, existing: Avatar, *, waited: bool) -> Answer:  # noqa: ARG002 - the same answer either way
        """The face as another task has redrawn it."""
        return Answer.of(existing)

    def record(self, drawing: PaidDrawing, claim: Claim) -> ResultRecord:
        """The face with its new picture, the receipt, and the release of the claim."""
        info = self.provider.info
        avatar = replace(
            self.face,
            picture=drawing.picture.ref,
            prompt=self.request.prompt,
            prompt_version=PROMPT_VERSION,
            provider=info.name,
            model=info.model,
            quality=info.quality,
            cost=drawing.cost,
        )
        return ResultRecord.of(drawing.picture, avatar=avatar, receipt=drawing.receipt, claim=claim, redrawn=True)

    def answer(self, drawing: PaidDrawing, stored: Avatar | None) -> Answer:
        """The face as it is now, and the cost of this drawing."""
        return _answer_with(stored, drawing)


@dataclass(frozen=True, slots=True)
class IdempotentJob:
    """Draws an uncached picture and stores the answer, for requests that repeat its idempotency key."""

    lock_key: str
    body_hash: str
    image_hash: str
    request: DrawRequest
    payer: Payer | None
    failures: FailureCache
    spooled: SpoolIndex
    idempotent: bool = True

    @classmethod
    def lock_key_of(cls, idempotency_key: str, payer: Payer | None) -> str:
        """The claim's key for that idempotency key of that payer; it differs from every face's own."""
        scope = idempotency_key if payer is None else f"{payer.name}\0{idempotency_key}"
        return "k" + sha256(scope.encode()).hexdigest()[: KEY_LENGTH - 1]

    @property
    def is_spooled(self) -> bool:
        """Whether the answer was seen in the spool."""
        return self.spooled.knows_answer(self.lock_key)

    def find(self, connection: Connection, since: datetime | None) -> KeptAnswer | None:
        """The first answer. Raises ``IdempotencyKeyReused`` if it answered another body."""
        stored = idempotency.get(connection, self.lock_key) or self.spooled.answer(self.lock_key)
        if stored is None:
            self.failures.raise_if_recent(connection, self.lock_key, since)
        elif stored.body_hash != self.body_hash:
            raise IdempotencyKeyReused
        return stored

    def answer_existing(self, existing: KeptAnswer, *, waited: bool) -> Answer:  # noqa: ARG002 - the same answer either way
        """The first answer again."""
        return _ANSWERS.validate_json(existing.answer)

    def record(self, drawing: PaidDrawing, claim: Claim) -> ResultRecord:
        """The answer, the receipt, and the release of the claim."""
        # In ASCII, which every database takes, whatever its encoding and the connection's is.
        answer = _ANSWERS.dump_json(self.answer(drawing, None), ensure_ascii=True).decode()
        stored = KeptAnswer(self.body_hash, answer)
        return ResultRecord.of(
            drawing.picture,
            answer=stored,
            receipt=drawing.receipt,
            claim=claim,
            described=self.request.features is None,
        )

    def answer(self, drawing: PaidDrawing, stored: Avatar | None) -> Answer:  # noqa: ARG002 - it stores no face
        """The picture and its cost."""
        return uncached_answer(self.image_hash, self.request, drawing)


def uncached_answer(image_hash: str, request: DrawRequest, drawing: PaidDrawing) -> Answer:
    """The answer with a picture that is stored under no face's key."""
    return Answer(image_hash=image_hash, prompt=request.prompt, picture=drawing.picture.ref, cost=drawing.cost)


def _answer_with(stored: Avatar | None, drawing: PaidDrawing) -> Answer:
    """The answer with the stored face: it may be another process's, which was faster."""
    if stored is None:
        raise TypeError("a face was drawn and none is stored")
    return Answer.of(stored, cost=drawing.cost)
