"""Beards: what of the head's lower half they cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from avatars_as_a_service.providers.local_artist.layers import Growth, Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import mirrored


class Beard(StrEnum):
    """How much hair there is on the face, the neutral amount first."""

    NONE = auto()
    STUBBLE = auto()
    MOUSTACHE = auto()
    GOATEE = auto()
    SHORT = auto()
    FULL = auto()


@dataclass(frozen=True, slots=True)
class FacialHair:
    """What grows on the jaw, and what under the nose."""

    jaw: Growth | None = None
    moustache: Layers = ()


_MOUTH: Final = mirrored("M0,314 C30,310 56,310 56,324 C54,350 30,360 0,360")
_EDGE: Final = "100,214 103,204 L105,232 L140,262 L140,430 L0,430"  # up to the ears and around the chin
_CHEEKS: Final = f"M0,306 C22,300 46,304 60,312 C80,308 94,286 96,246 C97,228 {_EDGE}"
_SLIM: Final = f"M0,306 C22,302 48,306 64,322 C80,318 94,288 97,246 C98,228 {_EDGE}"
_CHIN: Final = "M0,306 C26,302 54,306 62,322 C66,346 52,370 30,392 L0,400"
_WHISKERS: Final = "M0,307 C10,301 24,303 36,311 C44,316 52,317 58,314 C54,326 40,328 26,323 C16,319 8,317 0,317"
_MOUSTACHE: Final = (Layer(mirrored(_WHISKERS), Tone.HAIR_DARK),)

BEARDS: Final[Mapping[Beard, FacialHair]] = {
    Beard.NONE: FacialHair(),
    Beard.STUBBLE: FacialHair(Growth(f"{mirrored(_SLIM)} {_MOUTH}", opacity=0.3)),
    Beard.MOUSTACHE: FacialHair(moustache=_MOUSTACHE),
    Beard.GOATEE: FacialHair(Growth(f"{mirrored(_CHIN)} {_MOUTH}", depth=8)),
    Beard.SHORT: FacialHair(Growth(f"{mirrored(_SLIM)} {_MOUTH}", depth=6)),
    Beard.FULL: FacialHair(Growth(f"{mirrored(_CHEEKS)} {_MOUTH}", depth=18), _MOUSTACHE),
}
