"""Eyes: what lies in their openings, and what frames them."""

from typing import Final

from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, disc

_APART = 47  # half the distance between the pupils
_LEVEL = 244

OPENINGS: Final = both("M19,250 C26,221 64,217 76,243 C67,266 33,269 19,250Z")
"""Both eyes' openings: nothing of an eyeball is seen outside them."""


def _each(x: float, y: float, radius: float) -> str:
    """A disc in either eye at the same offset from the pupil, so that the light comes from one side."""
    return f"{disc(-_APART + x, _LEVEL + y, radius)} {disc(_APART + x, _LEVEL + y, radius)}"


EYEBALLS: Final[Layers] = (
    Layer(OPENINGS, Tone.WHITE),
    Layer(_each(0, 0, 19.5), Tone.IRIS_RIM),
    Layer(_each(0, 0, 17.5), Tone.IRIS),
    Layer(_each(0, 4.5, 12), Tone.IRIS_LIGHT),
    Layer(_each(0, 0, 7.6), Tone.PUPIL),
    Layer(_each(-6, -6.5, 4.8), Tone.WHITE),
    Layer(_each(5.5, 6.5, 2.2), Tone.WHITE),
)

LIDS: Final[Layers] = (
    Layer(both("M27,219 C38,207 60,206 72,219"), Tone.SKIN_SHADE, 3.5),
    Layer(both("M32,265 C42,270 56,269 66,260"), Tone.SKIN_SHADE, 3),
    Layer(both("M18,250 C26,221 64,217 77,243"), Tone.LASH, 5.5),
)

LONG_LASHES: Final[Layers] = (
    Layer(both("M75,241 C80,239 84,235 86,230 M70,233 C74,231 77,228 79,223"), Tone.LASH, 3.6),
)
