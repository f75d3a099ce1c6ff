"""Layers: the coloured shapes of a picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from avatars_as_a_service.providers.local_artist import svg


class Tone(StrEnum):
    """The role of a colour; a palette gives each role its colour."""

    WALL = auto()
    WALL_LIGHT = auto()
    WALL_SOFT = auto()

    SKIN = auto()
    SKIN_SHADE = auto()
    LIGHT = auto()
    LINE = auto()
    FOLD = auto()
    NOSE = auto()
    BLUSH = auto()
    LIP = auto()
    LIP_LINE = auto()

    HAIR = auto()
    HAIR_LIGHT = auto()
    HAIR_DARK = auto()
    BROW = auto()
    CROPPED = auto()
    SHAVED = auto()
    STUBBLE = auto()

    IRIS = auto()

    CLOTH = auto()
    CLOTH_LIGHT = auto()
    CLOTH_DARK = auto()
    TRIM = auto()
    TRIM_DARK = auto()
    SCARF = auto()
    SCARF_LIGHT = auto()
    SCARF_DARK = auto()
    FRAME = auto()

    WHITE = auto()
    PAPER = auto()
    CREASE = auto()
    LASH = auto()
    PUPIL = auto()
    TOOTH = auto()
    GAP = auto()
    MOUTH = auto()
    TONGUE = auto()
    GOLD = auto()


Palette = Mapping[Tone, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """One shape in one tone: a line of this width, or filled if the width is 0."""

    outline: str
    tone: Tone
    width: float = 0


Layers = tuple[Layer, ...]


def painted(layers: Layers, palette: Palette) -> str:
    """Draw the layers as SVG, the first at the back."""
    return "".join(
        svg.line(layer.outline, palette[layer.tone], layer.width)
        if layer.width
        else svg.shape(layer.outline, palette[layer.tone])
        for layer in layers
    )
