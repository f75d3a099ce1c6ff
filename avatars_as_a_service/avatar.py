"""A face that has been drawn."""

from dataclasses import dataclass

from avatars_as_a_service.features import Features
from avatars_as_a_service.key import Artist
from avatars_as_a_service.picture import PictureRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Avatar:
    """A face, its picture and how it came about. ``cost`` is what the drawing cost, in micro-dollars."""

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
