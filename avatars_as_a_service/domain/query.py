"""A request for a picture, and the answer to it."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Self

from pydantic import TypeAdapter

from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.features import OPTIONAL_VALUES, Features
from avatars_as_a_service.domain.picture import PictureRef

STILL_DRAWING: Final = "still_drawing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A request for a face by its features, or for a picture of a free description, which overrides the features."""

    features: Features
    description: str | None = None
    disable_cache: bool = False
    idempotency_key: str | None = None

    @property
    def is_cached(self) -> bool:
        """Whether the answer is a face that is drawn once and stored under its key."""
        return self.description is None and not self.disable_cache

    def body_hash(self) -> str:
        """64 hex characters, equal for queries that differ in nothing but their idempotency keys.

        The hashes are stored, so a feature that came later is hashed only if the query gives it.
        """
        left_out = {name for name in OPTIONAL_VALUES if getattr(self.features, name) is None}
        body = _JSON.dump_json(replace(self, idempotency_key=None), exclude={"features": left_out})
        return sha256(body).hexdigest()


_JSON: Final = TypeAdapter(Query)


@dataclass(frozen=True, slots=True)
class KeyedQuery:
    """A query with the key of its face (empty for a description), so that each request is parsed and hashed once.

    ``is_absent`` says that the database was asked for the key on behalf of this request and has no such face.
    """

    query: Query
    key: str
    is_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A picture and what it shows. ``cost`` is what this request paid, ``saved`` what a hit did not; micro-dollars.

    In a provisional answer ``picture`` is ``None``: the local artist's drawing of ``features`` stands in. ``reason``
    is the code of the error that kept the model from drawing, or ``STILL_DRAWING``. ``ready_in`` is in about how many
    seconds a later request may get the picture.

    The answers to requests with an idempotency key are stored as JSON: the fields keep their names.
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
        """Whether it shows a stand-in."""
        return self.picture is None

    @property
    def still_drawing(self) -> bool:
        """Whether the drawing goes on, and the caller did not want to wait longer."""
        return self.reason == STILL_DRAWING

    @classmethod
    def of(cls, avatar: Avatar, *, cache_hit: bool = False, cost: int = 0) -> Self:
        """The answer that shows a stored face."""
        return cls(
            image_hash=avatar.image_hash,
            prompt=avatar.prompt,
            picture=avatar.picture,
            cache_hit=cache_hit,
            cost=cost,
            saved=avatar.cost if cache_hit else 0,
        )
