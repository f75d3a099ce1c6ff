"""Mouths, and what a smile does to the rest of the face."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avatars_as_a_service.features import SmileType
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, mirrored


@dataclass(frozen=True, slots=True)
class Smile:
    """A mouth, the height of the left and the right cheek, and how far the left and the right brow are lifted."""

    mouth: Layers
    cheeks: tuple[float, float]
    brows: tuple[float, float] = (0, 0)


_WIDE: Final = mirrored("M0,324 C22,324 40,320 57,311 C52,336 28,349 0,349")
_FULL: Final = mirrored("M0,320 C16,320 34,318 46,316 C53,316 54,322 52,328 C46,350 24,361 0,361")
_TONGUE: Final = mirrored("M0,345 C16,343 27,345 33,348 C25,356 12,359 0,359")
_UPPER_ROW: Final = mirrored("M0,322 C16,322 34,320 46,318 C50,318 50,323 49,328 C34,335 16,336 0,336")
_PARTED: Final = mirrored("M0,322 C4,317 9,314 16,315 C28,317 37,321 45,324 C37,346 20,359 0,359")
_GRIN: Final = mirrored("M0,319 C20,319 38,315 50,311 C60,311 62,319 59,329 C54,351 26,357 0,357")

SMILES: Final[Mapping[SmileType, Smile]] = {
    SmileType.WIDE: Smile(
        (
            Layer(_WIDE, Tone.TOOTH),
            Layer(_WIDE, Tone.LIP, 5),
            Layer(both("M62,303 C66,307 66,313 63,318"), Tone.SKIN_LINE, 4.5),
        ),
        cheeks=(284, 284),
        brows=(4, 4),
    ),
    SmileType.FULL: Smile(
        (
            Layer(_FULL, Tone.MOUTH),
            Layer(_UPPER_ROW, Tone.TOOTH),
            Layer(_TONGUE, Tone.TONGUE),
            Layer(_FULL, Tone.LIP, 5),
        ),
        cheeks=(281, 281),
        brows=(10, 10),
    ),
    SmileType.CLOSED_LIP: Smile(
        (
            Layer(
                "M-40,326 C-24,325 -16,319 -8,319 C-4,319 -2,321 0,321 C2,321 4,319 8,319 C16,319 24,325 40,326"
                " C28,345 15,350 0,350 C-15,350 -28,345 -40,326Z",
                Tone.LIP,
            ),
            Layer("M-50,318 C-34,332 -16,332 0,332 C16,332 34,332 50,318", Tone.LIP_LINE, 4.5),
        ),
        cheeks=(297, 297),
    ),
    SmileType.OPEN_LIP: Smile(
        (
            Layer(_PARTED, Tone.LIP),
            Layer(mirrored("M0,327 C8,326 20,326 36,327 C30,344 14,350 0,350"), Tone.MOUTH),
            Layer(mirrored("M0,327 C8,326 20,326 34,327 C28,334 12,335 0,335"), Tone.TOOTH),
        ),
        cheeks=(310, 310),
        brows=(8, 8),
    ),
    SmileType.TEETH_BARING: Smile(
        (
            Layer(_GRIN, Tone.TOOTH),
            Layer("M-56,330 C-30,338 30,338 56,330", Tone.GAP, 3),
            Layer(both("M10,322 L10,354 M28,321 L27,351 M44,318 L42,342"), Tone.GAP, 1.6),
            Layer(_GRIN, Tone.LIP, 5),
        ),
        cheeks=(288, 288),
        brows=(-2, -2),
    ),
    SmileType.SMIRK: Smile(
        (
            Layer(
                "M-30,338 C-16,333 -6,334 2,332 C20,330 36,320 52,303 C48,338 27,356 5,356 C-12,356 -24,349 -30,338Z",
                Tone.LIP,
            ),
            Layer("M-34,336 C-10,343 28,342 54,306 M53,297 C61,301 63,309 60,316", Tone.LIP_LINE, 4.5),
        ),
        cheeks=(308, 270),
        brows=(-6, 11),
    ),
}
