"""Heads: their outlines, and the scaling of hair and mouths to them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import copysign
from typing import Final

from avatars_as_a_service.domain.features import HeadShape
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, mirrored, oval, redrawn

_TEMPLE, _EAR, _JAW = 206, 272, 330  # the heights at which hair has to fit
_BLOCK: Final = 128  # half the width, at all three, of the head on which hair is designed
_MOUTH_LEVEL: Final = 362


@dataclass(frozen=True, slots=True)
class Head:
    """A head without its face.

    ``jaw`` is the right half of the outline's lower part, from the ear to the chin. ``widths`` are half the head's
    width at the temples, the ears and the jaw, which hair leaves free. ``mouth`` scales the usual mouth.
    """

    skull: str
    jaw: str
    widths: tuple[float, float, float]
    mouth: float = 1

    @property
    def outline(self) -> str:
        """The whole outline."""
        return mirrored(f"{self.skull} {self.jaw}")

    def fit_hair(self, layers: Layers) -> Layers:
        """Scale the hair to this head's width."""
        return tuple(replace(layer, outline=self.fit(layer.outline)) for layer in layers)

    def fit(self, outline: str) -> str:
        """Scale an outline, designed for the usual head, to this head's width."""
        return redrawn(outline, lambda x, y: (_placed(self.widths, x, y), y))

    def fit_mouth(self, layers: Layers) -> Layers:
        """Scale the mouth to this head."""
        return tuple(replace(layer, outline=redrawn(layer.outline, self._place_in_mouth)) for layer in layers)

    def ears(self) -> Layers:
        """Return both ears."""
        edge = self.widths[1]
        return (
            Layer(both(oval(edge + 3, 276, 19, 27)), Tone.SKIN),
            Layer(both(f"M{edge + 9},264 C{edge + 15},270 {edge + 13},282 {edge + 6},288"), Tone.SKIN_SHADE, 5),
        )

    def _place_in_mouth(self, x: float, y: float) -> tuple[float, float]:
        return x * self.mouth, _MOUTH_LEVEL + (y - _MOUTH_LEVEL) * self.mouth


HEADS: Final[Mapping[HeadShape, Head]] = {
    HeadShape.OVAL: Head("M0,94 C84,94 124,156 124,252", "C124,348 80,424 0,424", widths=(123, 124, 118), mouth=0.96),
    HeadShape.ROUND: Head("M0,104 C92,104 145,168 145,254", "C145,350 94,403 0,403", widths=(143, 145, 141)),
    HeadShape.SQUARE: Head(
        "M0,98 C90,98 136,130 136,206 L136,256",
        "L135,312 C134,358 118,386 92,400 C76,409 56,412 36,412 L0,412",
        widths=(136, 136, 136),
        mouth=1.03,
    ),
    HeadShape.HEART: Head(
        "M0,98 C94,96 145,142 144,212 C144,228 142,243 139,256",
        "C126,306 86,366 44,405 C26,421 14,427 0,427",
        widths=(145, 137, 116),
        mouth=0.94,
    ),
    HeadShape.TRIANGULAR: Head(
        "M0,98 C68,98 106,138 112,206 L120,256",
        "L127,306 C132,346 118,376 92,396 C74,409 50,414 22,414 L0,414",
        widths=(112, 123, 130),
        mouth=1.02,
    ),
}


def _placed(widths: tuple[float, float, float], x: float, y: float) -> float:
    """Return where a point of the hair is across this head: scaled over the head, moved with its edge beside it."""
    edge = _edge(widths, y)
    return x * edge / _BLOCK if abs(x) <= _BLOCK else copysign(edge + abs(x) - _BLOCK, x)


def _edge(widths: tuple[float, float, float], y: float) -> float:
    """Return half the head's width at this height."""
    temple, ear, jaw = widths
    if y <= _EAR:
        return temple + (ear - temple) * max(0, y - _TEMPLE) / (_EAR - _TEMPLE)
    return ear + (jaw - ear) * min(1, (y - _EAR) / (_JAW - _EAR))
