"""Brows: one line each for each mood, lifted by the smile."""

from typing import Final

from avatars_as_a_service.domain.features import Mood
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import flipped, moved

_BROWS: Final = {
    Mood.FUN: "M32,214 C46,201 72,199 92,212",
    Mood.OFFICIAL: "M32,213 C48,206 72,205 92,215",
}


def brows(mood: Mood, lifts: tuple[float, float]) -> Layers:
    """Return the left and the right brow, each lifted by its part of ``lifts``."""
    right = _BROWS[mood]
    left_lift, right_lift = lifts
    return (Layer(f"{moved(flipped(right), 0, -left_lift)} {moved(right, 0, -right_lift)}", Tone.BROW, 11),)
