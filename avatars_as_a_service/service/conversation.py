"""What the service is asked and what it answers."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Self

from pydantic import TypeAdapter

from avatars_as_a_service.avatar import Avatar
from avatars_as_a_service.features import Features
from avatars_as_a_service.picture import PictureRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A face by its features, or a picture by a free description, which then overrides the features."""

    features: Features
    description: str | None = None
    disable_cache: bool = False
    idempotency_key: str | None = None

    @property
    def is_cached(self) -> bool:
        """Whether it is a face that is drawn once and kept under its key."""
        return self.description is None and not self.disable_cache

    def body_hash(self) -> str:
        """64 hex characters, equal for queries that ask for the same thing, whatever their idempotency keys."""
        asked = TypeAdapter(Query).dump_json(replace(self, idempotency_key=None))
        return sha256(asked).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A picture and what it is. ``cost`` is what this request paid and ``saved`` what a hit did not, in micro-dollars.

    ``picture`` is ``None`` for a provisional answer: the local artist's picture of ``features`` stands in, and
    ``reason`` is the code of what kept the model from drawing. Where it is that the asker waits no longer, ``ready_in``
    says in about how many seconds the drawing will have ended.
    """

    image_hash: str
    prompt: str
    picture: PictureRef | None
    features: Features | None = None
    cache_hit: bool = False
    cost: int = 0
    saved: int = 0
    ready_in: float | None = None
    reason: str | None = None

    @property
    def provisional(self) -> bool:
        """Whether a stand-in is shown."""
        return self.picture is None

    @classmethod
    def of(cls, avatar: Avatar, *, cache_hit: bool = False, cost: int = 0) -> Self:
        """The answer with that face."""
        return cls(
            image_hash=avatar.image_hash,
            prompt=avatar.prompt,
            picture=avatar.picture,
            cache_hit=cache_hit,
            cost=cost,
            saved=avatar.cost if cache_hit else 0,
        )
