"""Brows."""

from functools import lru_cache
from typing import Final

from avatars_as_a_service.features import Mood
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import flipped, moved

_BROWS: Final = {
    Mood.FUN: "M20,205 C34,192 60,187 80,203 C62,197 40,200 24,212 C19,214 16,209 20,205Z",
    Mood.OFFICIAL: "M19,207 C36,198 62,195 80,208 C62,203 40,205 22,214 C17,215 15,210 19,207Z",
}


@lru_cache
def brows(mood: Mood, lifts: tuple[float, float]) -> Layers:
    """The left and the right brow, each lifted by so much."""
    right = _BROWS[mood]
    return tuple(
        Layer(moved(outline, 0, -lift), Tone.BROW) for outline, lift in zip((flipped(right), right), lifts, strict=True)
    )
