"""Errands: what can be asked for, how it is found once somebody has drawn it, and what is written of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection

from avatars_as_a_service.avatar import Avatar
from avatars_as_a_service.errors import IdempotencyKeyReused
from avatars_as_a_service.features import Features
from avatars_as_a_service.key import KEY_LENGTH
from avatars_as_a_service.prompt import PROMPT_VERSION
from avatars_as_a_service.providers.contract import Commission, Provider
from avatars_as_a_service.service.conversation import Answer
from avatars_as_a_service.service.keeper import Note
from avatars_as_a_service.service.memory import Memory
from avatars_as_a_service.service.painter import Painting
from avatars_as_a_service.service.rests import Rests
from avatars_as_a_service.storage import avatars, idempotency
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.idempotency import KeptAnswer
from avatars_as_a_service.storage.ledger import Payer

T = TypeVar("T")
_ANSWERS: Final = TypeAdapter(Answer)


class Errand(Protocol[T]):
    """Something that one process draws, under a claim on ``subject``, while all others wait for it."""

    @property
    def subject(self) -> str:
        """The key of the claim, at most 32 characters."""

    @property
    def commission(self) -> Commission:
        """What is to be drawn."""

    @property
    def payer(self) -> Payer | None:
        """Whose budget it takes from, beside everybody's."""

    @property
    def keyed(self) -> bool:
        """Whether an idempotency key forbids to pay again for 24 hours, whatever came of the first time."""

    def find(self, connection: Connection, since: datetime | None) -> T | None:
        """What is kept, if it is. Raises what keeps it from being drawn."""

    def found(self, kept: T, *, waited: bool) -> Answer:
        """The answer with what was found, at once or drawn by somebody else meanwhile."""

    def note(self, painting: Painting, claim: Claim) -> Note:
        """What is to be written of the painting."""

    def answer(self, painting: Painting, kept: Avatar | None) -> Answer:
        """The answer for who had it drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceErrand:
    """A face, drawn once and kept under its key."""

    subject: str
    features: Features
    edition: str
    commission: Commission
    payer: Payer | None
    provider: Provider
    rests: Rests
    memory: Memory
    keyed: bool = False

    def find(self, connection: Connection, since: datetime | None) -> Avatar | None:
        """The kept face."""
        avatar = avatars.get(connection, self.subject)
        if avatar is None:
            self.rests.check(connection, self.subject, since)
        return avatar

    def found(self, kept: Avatar, *, waited: bool) -> Answer:
        """A hit, unless it was somebody else's drawing that was waited for."""
        self.memory.remember_face(kept)
        return Answer.of(kept, cache_hit=not waited)

    def note(self, painting: Painting, claim: Claim) -> Note:
        """The face's row, the receipt and the claim's end."""
        picture = painting.drawing.picture
        avatar = Avatar(
            image_hash=self.subject,
            features=self.features,
            edition=self.edition,
            artist=self.provider.about.artist,
            picture=picture.ref,
            prompt=self.commission.prompt,
            prompt_version=PROMPT_VERSION,
            provider=self.provider.about.name,
            model=self.provider.about.model,
            quality=self.provider.about.quality,
            cost=painting.cost,
        )
        return Note.of(picture, avatar=avatar, receipt=painting.receipt, claim=claim)

    def answer(self, painting: Painting, kept: Avatar | None) -> Answer:
        """The face that stands under the key, and what this drawing cost."""
        if kept is None:
            raise TypeError("a face was drawn and none is kept")
        return Answer.of(kept, cost=painting.cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawErrand:
    """A kept face, drawn anew; the old picture is shown until the new one stands in its place."""

    subject: str
    face: Avatar
    commission: Commission
    provider: Provider
    rests: Rests
    payer: Payer | None = None
    keyed: bool = False

    @classmethod
    def subject_of(cls, image_hash: str) -> str:
        """A claim's key that no face has."""
        return "r" + image_hash[1:]

    def find(self, connection: Connection, since: datetime | None) -> Avatar | None:
        """The face that somebody else has redrawn while this asker waited for it."""
        kept = avatars.get_dated(connection, self.face.image_hash)
        if kept is not None and since is not None and kept.created_at >= since:
            return kept.avatar
        self.rests.check(connection, self.subject, since)
        return None

    def found(self, kept: Avatar, *, waited: bool) -> Answer:  # noqa: ARG002 - nobody finds it without waiting
        """The face as somebody else has redrawn it."""
        return Answer.of(kept)

    def note(self, painting: Painting, claim: Claim) -> Note:
        """The face with its new picture, the receipt and the claim's end."""
        about, picture = self.provider.about, painting.drawing.picture
        avatar = replace(
            self.face,
            picture=picture.ref,
            prompt=self.commission.prompt,
            prompt_version=PROMPT_VERSION,
            provider=about.name,
            model=about.model,
            quality=about.quality,
            cost=painting.cost,
        )
        return Note.of(picture, avatar=avatar, receipt=painting.receipt, claim=claim, redrawn=True)

    def answer(self, painting: Painting, kept: Avatar | None) -> Answer:
        """The face as it is now, and what this drawing cost."""
        if kept is None:
            raise TypeError("a face was redrawn and none is kept")
        return Answer.of(kept, cost=painting.cost)


@dataclass(frozen=True, slots=True)
class KeyedErrand:
    """A picture that is not cached, whose answer is given again to whoever repeats its idempotency key."""

    subject: str
    body_hash: str
    image_hash: str
    commission: Commission
    payer: Payer | None
    rests: Rests
    keyed: bool = True

    @classmethod
    def subject_of(cls, idempotency_key: str, payer: Payer | None) -> str:
        """A claim's key that no face has, and no other payer."""
        whose = idempotency_key if payer is None else f"{payer.name}\0{idempotency_key}"
        return "k" + sha256(whose.encode()).hexdigest()[: KEY_LENGTH - 1]

    def find(self, connection: Connection, since: datetime | None) -> KeptAnswer | None:
        """The answer that was given. Raises ``IdempotencyKeyReused`` where it answered another body."""
        kept = idempotency.get(connection, self.subject)
        if kept is None:
            self.rests.check(connection, self.subject, since)
        elif kept.body_hash != self.body_hash:
            raise IdempotencyKeyReused
        return kept

    def found(self, kept: KeptAnswer, *, waited: bool) -> Answer:  # noqa: ARG002 - the same answer either way
        """The answer as it was given the first time."""
        return _ANSWERS.validate_json(kept.answer)

    def note(self, painting: Painting, claim: Claim) -> Note:
        """The answer, the receipt and the claim's end."""
        kept = KeptAnswer(self.body_hash, _ANSWERS.dump_json(self.answer(painting, None)).decode())
        described = self.commission.features is None
        return Note.of(
            painting.drawing.picture, answer=kept, receipt=painting.receipt, claim=claim, described=described
        )

    def answer(self, painting: Painting, kept: Avatar | None) -> Answer:  # noqa: ARG002 - no face is kept of it
        """The picture and what it cost."""
        return uncached_answer(self.image_hash, self.commission, painting)


def uncached_answer(image_hash: str, commission: Commission, painting: Painting) -> Answer:
    """The answer with a picture that is kept, but under no face's key."""
    return Answer(
        image_hash=image_hash,
        prompt=commission.prompt,
        picture=painting.drawing.picture.ref,
        cost=painting.cost,
    )
