"""The local artist: draws faces as SVG, free and at once."""

from avatars_as_a_service.providers.local_artist.portrait import ARTIST_VERSION, draw

__all__ = ["ARTIST_VERSION", "draw"]
