"""A drawn face."""

from dataclasses import dataclass

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.domain.picture import PictureRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Avatar:
    """A face, its picture, and how it was drawn. ``cost`` is the cost of the drawing, in micro-dollars."""

    image_hash: str
    features: Features
    edition: str
    artist: Artist
    picture: PictureRef
    prompt: str
    prompt_version: int
    provider: str
    model: str
    quality: str
    cost: int
