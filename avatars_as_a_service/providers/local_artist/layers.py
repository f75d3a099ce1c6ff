"""Layers: what every part of a picture is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from avatars_as_a_service.providers.local_artist import svg


class Tone(StrEnum):
    """The part that a colour plays; a palette says which colour that is."""

    WALL = auto()
    WALL_LIGHT = auto()
    WALL_DARK = auto()
    POP = auto()
    SPARK = auto()
    GLEAM = auto()

    SKIN = auto()
    SKIN_LIGHT = auto()
    SKIN_SHADE = auto()
    NOSE = auto()
    SKIN_LINE = auto()
    BLUSH = auto()
    LIP = auto()
    LIP_LINE = auto()

    HAIR = auto()
    HAIR_LIGHT = auto()
    HAIR_DARK = auto()
    BROW = auto()

    IRIS = auto()
    IRIS_LIGHT = auto()
    IRIS_RIM = auto()

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
    """One shape in one tone: filled, or a line of this width."""

    outline: str
    tone: Tone
    width: float = 0
    opacity: float = 1


Layers = tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """Short hair on the head itself: where, how far it stands out from the head's edge, and how much it hides."""

    region: str
    depth: float = 0
    tone: Tone = Tone.HAIR
    opacity: float = 1


def painted(layers: Layers, palette: Palette) -> str:
    """The layers as SVG, the first at the back."""
    return "".join(
        svg.line(layer.outline, palette[layer.tone], layer.width, layer.opacity)
        if layer.width
        else svg.shape(layer.outline, palette[layer.tone], layer.opacity)
        for layer in layers
    )
