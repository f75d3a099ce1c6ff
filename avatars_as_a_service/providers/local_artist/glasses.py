"""Glasses."""

from collections.abc import Mapping
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final

from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, disc


class Frame(StrEnum):
    """The shape of the lenses, the usual one first."""

    SOFT = auto()
    ROUND = auto()
    BROAD = auto()
    CAT_EYE = auto()


_LENSES: Final[Mapping[Frame, str]] = {
    Frame.SOFT: (
        "M28,208 C50,205 70,206 80,210 C90,214 91,228 88,246 C86,266 76,279 52,279"
        " C26,279 14,266 12,246 C9,226 12,211 28,208Z"
    ),
    Frame.ROUND: disc(49, 244, 38),
    Frame.BROAD: (
        "M22,210 C44,208 66,208 82,210 C90,211 92,216 91,224 L88,262 C86,274 80,278 70,278"
        " L32,278 C20,278 15,274 13,262 L10,224 C10,214 14,211 22,210Z"
    ),
    Frame.CAT_EYE: (
        "M22,214 C44,206 72,200 96,202 C98,224 92,252 82,266 C74,278 58,280 44,278"
        " C24,276 14,262 11,240 C9,226 12,217 22,214Z"
    ),
}


def front(frame: Frame) -> Layers:
    """The lenses and the bridge between them."""
    lenses = both(_LENSES[frame])
    return (
        Layer(lenses, Tone.WHITE, opacity=0.1),
        Layer("M-76,229 L-62,215 M24,229 L38,215", Tone.WHITE, 4.5, 0.8),
        Layer(lenses, Tone.FRAME, 7.5),
        Layer("M-12,236 C-6,227 6,227 12,236", Tone.FRAME, 7.5),
    )


@lru_cache
def arms(edge: float) -> Layers:
    """From the lenses to the ears, so far from the middle: hair lies over them."""
    return (Layer(both(f"M88,232 L{edge},230"), Tone.FRAME, 8),)
