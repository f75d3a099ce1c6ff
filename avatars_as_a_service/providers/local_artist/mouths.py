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
_FULL: Final = mirrored("M0,317 C16,317 34,315 46,313 C53,313 54,319 52,326 C46,352 24,366 0,366")
_TONGUE: Final = mirrored("M0,347 C16,345 28,348 32,352 C24,361 12,364 0,364")
_UPPER_ROW: Final = mirrored("M0,319 C16,319 34,317 46,315 C50,315 50,321 49,326 C34,334 16,335 0,335")
_PARTED: Final = mirrored("M0,320 C4,315 9,311 16,312 C28,314 36,319 44,322 C36,342 20,354 0,354")
_GRIN: Final = mirrored("M0,317 C20,317 38,313 50,309 C60,309 62,318 59,328 C54,350 26,356 0,356")

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
        brows=(9, 9),
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
            Layer(mirrored("M0,325 C8,324 20,324 34,325 C28,338 14,343 0,343"), Tone.MOUTH),
            Layer(mirrored("M0,325 C8,324 20,324 32,325 C26,331 12,332 0,332"), Tone.TOOTH),
        ),
        cheeks=(310, 310),
        brows=(8, 8),
    ),
    SmileType.TEETH_BARING: Smile(
        (
            Layer(_GRIN, Tone.TOOTH),
            Layer("M-56,328 C-30,337 30,337 56,328", Tone.GAP, 3),
            Layer(both("M10,320 L10,353 M28,319 L27,350 M44,316 L42,341"), Tone.GAP, 1.6),
            Layer(_GRIN, Tone.LIP, 5),
        ),
        cheeks=(288, 288),
        brows=(-3, -3),
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
        brows=(-7, 15),
    ),
}
