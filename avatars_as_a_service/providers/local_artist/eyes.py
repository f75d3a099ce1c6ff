"""Eyes: one white, one iris, one pupil, one light and one line of lashes each."""

from typing import Final

from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, disc

_APART = 58  # half the distance between the pupils
_LEVEL = 267


def _each(x: float, y: float, radius: float) -> str:
    """Return a disc in each eye at the same offset from the pupil, so that the light comes from one side."""
    return f"{disc(-_APART + x, _LEVEL + y, radius)} {disc(_APART + x, _LEVEL + y, radius)}"


EYES: Final[Layers] = (
    Layer(
        both("M23,270 C28,250 42,243 60,243 C78,243 92,252 96,268 C90,286 76,292 59,292 C42,292 28,286 23,270Z"),
        Tone.WHITE,
    ),
    Layer(_each(0, 0, 24.5), Tone.IRIS),
    Layer(_each(0, 0, 13), Tone.PUPIL),
    Layer(_each(-8, -8, 7), Tone.WHITE),
    Layer(both("M21,270 C27,251 42,244 60,244 C79,244 93,253 98,267"), Tone.LASH, 9),
)

LONG_LASHES: Final[Layers] = (Layer(both("M96,263 L109,255"), Tone.LASH, 7),)

LAUGH_LINES: Final[Layers] = (
    Layer(both("M106,276 L116,272 M105,286 L114,288 M48,322 C60,326 70,336 76,348"), Tone.FOLD, 4.5),
)
"""The lines of an older face, beside eyes and mouth."""
