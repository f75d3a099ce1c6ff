"""Glasses: frames, lenses and arms."""

from collections.abc import Mapping
from typing import Final

from avatars_as_a_service.domain.look import Frame
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, disc

_LENSES: Final[Mapping[Frame, str]] = {
    Frame.SOFT: (
        "M36,224 C58,220 80,220 94,225 C110,230 110,250 106,272 C103,294 88,306 62,306"
        " C32,306 16,294 12,272 C9,246 12,228 36,224Z"
    ),
    Frame.ROUND: disc(60, 266, 47),
    Frame.BROAD: (
        "M24,226 C50,223 74,223 98,226 C108,228 110,234 109,244 L105,286 C103,299 96,304 84,304"
        " L36,304 C24,304 17,299 15,286 L11,244 C10,232 14,227 24,226Z"
    ),
    Frame.CAT_EYE: (
        "M24,232 C50,222 84,216 114,219 C116,246 110,276 98,290 C88,303 70,306 54,304"
        " C30,301 16,286 12,262 C10,246 14,235 24,232Z"
    ),
}


def front(frame: Frame) -> Layers:
    """Return the lenses and the bridge between them."""
    lenses = both(_LENSES[frame])
    return (Layer(f"{lenses} M-12,258 C-6,248 6,248 12,258", Tone.FRAME, 6.5),)


def arms(edge: float) -> Layers:
    """Return the arms from the lenses to the ears, which are ``edge`` away from the middle. Hair lies over them."""
    return (Layer(both(f"M106,252 L{edge},248"), Tone.FRAME, 6.5),)
