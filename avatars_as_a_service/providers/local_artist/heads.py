"""Heads: their outlines, and how whatever is worn on a head fits them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from avatars_as_a_service.features import HeadShape
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, mirrored, oval, redrawn

_TEMPLE, _EAR, _JAW = 190, 250, 300  # the heights at which hair has to fit
_BLOCK: Final = 100  # half the width, at all three, of the head on which hair is designed
_MOUTH_LEVEL: Final = 328


@dataclass(frozen=True, slots=True)
class Head:
    """A head without its face.

    ``widths`` are half of the width that hair has to leave to it at the temples, the ears and the jaw; ``mouth`` is
    the share of the usual width that its mouth has room for.
    """

    outline: str
    widths: tuple[float, float, float]
    mouth: float

    def fit_hair(self, layers: Layers) -> Layers:
        """The hair as wide as this head needs it."""
        return tuple(replace(layer, outline=self.fit(layer.outline)) for layer in layers)

    def fit(self, outline: str) -> str:
        """The outline, designed for the usual head, as wide as this head needs it."""
        return _fitted(outline, self.widths)

    def fit_mouth(self, layers: Layers) -> Layers:
        """The mouth as large as this head has room for."""
        return _scaled(layers, self.mouth)

    def ears(self) -> Layers:
        """The ears on both sides of it."""
        return _ears(self.widths[1])


HEADS: Final[Mapping[HeadShape, Head]] = {
    HeadShape.OVAL: Head(
        mirrored("M0,90 C64,90 101,132 101,204 C101,292 60,378 0,378"),
        widths=(100, 100, 100),
        mouth=0.96,
    ),
    HeadShape.ROUND: Head(
        mirrored("M0,94 C72,94 117,148 117,228 C117,310 70,366 0,366"),
        widths=(113, 116, 112),
        mouth=0.95,
    ),
    HeadShape.SQUARE: Head(
        mirrored("M0,90 C70,90 108,118 109,186 L109,282 C109,318 97,342 74,360 C62,369 48,372 34,372 L0,372"),
        widths=(109, 109, 109),
        mouth=1,
    ),
    HeadShape.HEART: Head(
        mirrored("M0,92 C76,90 116,132 115,194 C114,256 82,314 42,362 C26,380 14,384 0,384"),
        widths=(115, 106, 100),
        mouth=0.95,
    ),
    HeadShape.TRIANGULAR: Head(
        mirrored("M0,92 C57,92 86,128 89,186 L101,284 C104,306 97,324 83,340 L60,364 C47,376 32,379 18,379 L0,379"),
        widths=(89, 97, 103),
        mouth=1,
    ),
}


@lru_cache
def _ears(edge: float) -> Layers:
    return (
        Layer(both(oval(edge + 2, 252, 17, 25)), Tone.SKIN),
        Layer(both(f"M{edge + 8},240 C{edge + 16},244 {edge + 14},258 {edge + 5},266"), Tone.SKIN_SHADE, 4.5),
    )


@lru_cache(maxsize=1024)
def _fitted(outline: str, widths: tuple[float, float, float]) -> str:
    return redrawn(outline, lambda x, y: (x * _breadth(widths, y), y))


@lru_cache(maxsize=1024)
def _scaled(layers: Layers, share: float) -> Layers:
    return tuple(
        replace(
            layer,
            outline=redrawn(layer.outline, lambda x, y: (x * share, _MOUTH_LEVEL + (y - _MOUTH_LEVEL) * share)),
        )
        for layer in layers
    )


def _breadth(widths: tuple[float, float, float], y: float) -> float:
    """How many times as broad as the usual head a head of these widths is at this height."""
    temple, ear, jaw = (width / _BLOCK for width in widths)
    if y <= _EAR:
        return temple + (ear - temple) * max(0, y - _TEMPLE) / (_EAR - _TEMPLE)
    return ear + (jaw - ear) * min(1, (y - _EAR) / (_JAW - _EAR))
