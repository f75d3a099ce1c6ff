"""The local artist: draws faces by itself, free and at once."""

from avatars_as_a_service.providers.local_artist.look import Look, look_of
from avatars_as_a_service.providers.local_artist.portrait import ARTIST_VERSION, draw

__all__ = ["ARTIST_VERSION", "Look", "draw", "look_of"]
