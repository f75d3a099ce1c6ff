"""Noses: one plane or one line each, lit from the upper left."""

from collections.abc import Mapping
from typing import Final

from avatars_as_a_service.domain.features import NoseType
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import disc

NOSES: Final[Mapping[NoseType, Layers]] = {
    NoseType.STRAIGHT: (Layer("M4,232 C8,270 16,292 25,304 C33,317 22,326 8,326 L-22,325", Tone.LINE, 9),),
    NoseType.ROMAN: (
        Layer(
            "M-3,234 C14,240 31,254 34,271 C36,283 33,290 40,301 C49,317 42,333 22,334 C10,335 2,331 -10,332"
            " C-21,334 -29,329 -25,322 C-19,315 -3,312 -2,296 C-1,276 -2,254 -3,234Z",
            Tone.NOSE,
        ),
    ),
    NoseType.BUTTON: (
        Layer("M-28,294 C-30,318 -16,330 0,330 C16,330 30,318 28,294", Tone.LINE, 9),
        Layer(disc(-3, 299, 14), Tone.LIGHT),
    ),
    NoseType.SNUB: (Layer("M-10,244 C-5,276 -11,286 -29,290 C-42,297 -30,313 -8,312 L15,309", Tone.LINE, 9),),
    NoseType.WIDE: (
        Layer(
            "M-40,293 C-51,308 -46,322 -31,322 C-21,322 -16,330 0,330 C16,330 21,322 31,322 C46,322 51,308 40,293",
            Tone.LINE,
            9,
        ),
    ),
    NoseType.NARROW: (
        Layer("M0,234 L0,308", Tone.LIGHT, 13),
        Layer("M-13,318 C-8,330 9,330 14,316", Tone.LINE, 9),
    ),
}
