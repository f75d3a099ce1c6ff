"""Mouths, and the effect of a smile on cheeks and brows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avatars_as_a_service.domain.features import SmileType
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, mirrored


@dataclass(frozen=True, slots=True)
class Smile:
    """A mouth, the height of the left and the right cheek, and how far the left and the right brow are lifted."""

    mouth: Layers
    cheeks: tuple[float, float]
    brows: tuple[float, float] = (0, 0)


_WIDE: Final = mirrored("M0,352 C26,352 48,348 68,338 C64,372 36,390 0,390")
_FULL: Final = mirrored("M0,344 L50,344 C60,344 62,350 60,358 C54,384 30,398 0,398")
_GRIN: Final = mirrored("M0,348 C26,348 44,345 56,341 C68,340 72,350 69,362 C64,384 34,390 0,390")

SMILES: Final[Mapping[SmileType, Smile]] = {
    SmileType.WIDE: Smile(
        (Layer(_WIDE, Tone.LIP_LINE, 7), Layer(_WIDE, Tone.TOOTH)),
        cheeks=(316, 316),
        brows=(6, 6),
    ),
    SmileType.FULL: Smile(
        (
            Layer(_FULL, Tone.MOUTH),
            Layer(mirrored("M0,344 L50,344 C56,344 58,347 58,352 C54,358 48,361 40,361 L0,361"), Tone.TOOTH),
            Layer(mirrored("M0,379 C14,377 28,378 36,382 C26,394 14,398 0,398"), Tone.TONGUE),
        ),
        cheeks=(314, 314),
        brows=(12, 12),
    ),
    SmileType.CLOSED_LIP: Smile(
        (
            Layer(
                "M-50,362 C-30,356 -18,349 -9,349 C-4,349 -3,352 0,352 C3,352 4,349 9,349 C18,349 30,356 50,362"
                " C34,380 18,385 0,385 C-18,385 -34,380 -50,362Z",
                Tone.LIP,
            ),
            Layer("M-60,354 C-44,366 -20,366 0,366 C20,366 44,366 60,354", Tone.LIP_LINE, 6),
        ),
        cheeks=(326, 326),
    ),
    SmileType.OPEN_LIP: Smile(
        (
            Layer(mirrored("M0,349 C6,345 12,343 18,345 C30,348 40,352 46,356 C38,384 20,396 0,396"), Tone.LIP),
            Layer(mirrored("M0,359 C12,358 24,358 36,359 C30,380 14,385 0,385"), Tone.MOUTH),
            Layer(mirrored("M0,359 C12,358 24,358 36,359 C30,369 14,370 0,370"), Tone.TOOTH),
        ),
        cheeks=(338, 338),
        brows=(9, 9),
    ),
    SmileType.TEETH_BARING: Smile(
        (
            Layer(_GRIN, Tone.LIP_LINE, 7),
            Layer(_GRIN, Tone.TOOTH),
            Layer("M-66,366 C-36,372 36,372 66,366", Tone.GAP, 4),
            Layer(both("M22,350 L22,387 M46,347 L44,382") + " M0,350 L0,388", Tone.GAP, 3),
        ),
        cheeks=(320, 320),
    ),
    SmileType.SMIRK: Smile(
        (Layer("M-44,364 C-8,380 38,372 64,338", Tone.LIP_LINE, 9),),
        cheeks=(336, 306),
        brows=(-2, 14),
    ),
}
