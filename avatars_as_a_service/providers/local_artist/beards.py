"""Beards: the parts of the head's lower half that they cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avatars_as_a_service.domain.features import FacialHair
from avatars_as_a_service.providers.local_artist.heads import Head
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import mirrored, redrawn


@dataclass(frozen=True, slots=True)
class Beard:
    """The hair on the jaw, from its upper edge to the ear, how far it stands out, and the hair under the nose."""

    edge: str = ""
    depth: float = 0
    tone: Tone = Tone.HAIR
    chin: Layers = ()
    moustache: Layers = ()


_LIPS: Final = Layer(mirrored("M0,340 C34,338 68,336 70,352 C70,380 40,400 0,400"), Tone.SKIN)  # hair leaves them free
_MOUSTACHE: Final = Layer(
    mirrored("M0,333 C12,325 30,328 42,338 C49,344 56,346 63,342 C61,358 45,365 30,357 C18,350 8,349 0,351"),
    Tone.HAIR,
)
_CHIN: Final = Layer(mirrored("M0,394 C12,392 24,394 32,400 C34,416 22,430 0,432"), Tone.HAIR)

BEARDS: Final[Mapping[FacialHair, Beard]] = {
    FacialHair.NONE: Beard(),
    FacialHair.STUBBLE: Beard("M0,332 C34,326 62,334 84,348 C104,340 114,300 118,262", tone=Tone.STUBBLE),
    FacialHair.MOUSTACHE: Beard(moustache=(_MOUSTACHE,)),
    FacialHair.GOATEE: Beard(chin=(_CHIN,), moustache=(_MOUSTACHE,)),
    FacialHair.SHORT: Beard("M0,332 C34,326 66,336 88,352 C106,342 114,300 117,246", 5),
    FacialHair.FULL: Beard("M0,332 C34,324 62,328 84,334 C104,322 112,290 116,240", 18),
}


def beard(kind: FacialHair, head: Head) -> Layers:
    """Return the beard on this head."""
    hair = BEARDS[kind]
    if not hair.edge:
        return hair.chin
    jaw = Layer(_outline(hair, head), hair.tone)
    return (jaw, _LIPS) if hair.depth else (jaw,)


def _outline(hair: Beard, head: Head) -> str:
    def stand_out(x: float, y: float) -> tuple[float, float]:
        share = min(1, max(0, y - 256) / 60)
        return x * (1 + share * hair.depth / 140), y + share * hair.depth

    return mirrored(f"{head.fit(hair.edge)} L{head.widths[1]},256 {redrawn(head.jaw, stand_out)}")
