"""Palettes: which colour plays which part."""

from collections.abc import Mapping
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final

from avatars_as_a_service.features import EyeColor, Mood, SkinTone
from avatars_as_a_service.providers.local_artist.colours import darker, lighter, mixed
from avatars_as_a_service.providers.local_artist.layers import Palette, Tone


class HairColour(StrEnum):
    """The colour of the hair, the brows and the beard."""

    BLACK = auto()
    ESPRESSO = auto()
    CHESTNUT = auto()
    BROWN = auto()
    AUBURN = auto()
    COPPER = auto()
    HONEY = auto()
    BLONDE = auto()
    SILVER = auto()


class Dye(StrEnum):
    """The colours of what is worn."""

    CORAL = auto()
    TEAL = auto()
    VIOLET = auto()
    MUSTARD = auto()
    SKY = auto()
    BERRY = auto()
    LEAF = auto()
    NAVY = auto()
    CHARCOAL = auto()
    PETROL = auto()
    BURGUNDY = auto()
    FOREST = auto()
    SLATE = auto()
    CAMEL = auto()
    PLUM = auto()


class Paint(StrEnum):
    """The colours of the wall behind the face."""

    SUNNY = auto()
    MINT = auto()
    PEACH = auto()
    LILAC = auto()
    AQUA = auto()
    ROSE = auto()
    LIME = auto()
    MIST = auto()
    SAND = auto()
    SAGE = auto()
    POWDER = auto()
    PEARL = auto()


class Finish(StrEnum):
    """The colours of a pair of glasses."""

    BLACK = auto()
    TORTOISE = auto()
    INK = auto()
    WINE = auto()
    RED = auto()
    COBALT = auto()
    PURPLE = auto()
    PINE = auto()


PLAIN: Final[Palette] = {
    Tone.WHITE: "#ffffff",
    Tone.PAPER: "#f7f8fa",
    Tone.CREASE: "#d3d9e2",
    Tone.LASH: "#2a1a17",
    Tone.PUPIL: "#14100f",
    Tone.TOOTH: "#ffffff",
    Tone.GAP: "#b9c3ce",
    Tone.MOUTH: "#5a1520",
    Tone.TONGUE: "#e8707c",
    Tone.GOLD: "#e9b949",
}


_SKIN: Final = (
    Tone.SKIN,
    Tone.SKIN_SHADE,
    Tone.NOSE,
    Tone.SKIN_LINE,
    Tone.SKIN_LIGHT,
    Tone.BLUSH,
    Tone.LIP,
    Tone.LIP_LINE,
)


def _skin(*colours: str) -> Palette:
    return dict(zip(_SKIN, colours, strict=True))


SKINS: Final[Mapping[SkinTone, Palette]] = {
    SkinTone.FAIR: _skin("#fbd8c0", "#efb795", "#da9f7f", "#a9634b", "#ffeadb", "#f4a08f", "#d96f6d", "#a04549"),
    SkinTone.MEDIUM: _skin("#dca172", "#bd7d4d", "#ad7044", "#824c2c", "#ecbd92", "#cf7350", "#b95d4e", "#7a332d"),
    SkinTone.DARK: _skin("#96623f", "#653a23", "#6b3e26", "#301609", "#bd8559", "#bb6446", "#b25c58", "#4a1a1b"),
}

HAIR_FOR: Final[Mapping[SkinTone, tuple[HairColour, ...]]] = {
    SkinTone.FAIR: (
        HairColour.CHESTNUT,
        HairColour.BROWN,
        HairColour.ESPRESSO,
        HairColour.AUBURN,
        HairColour.COPPER,
        HairColour.HONEY,
        HairColour.BLONDE,
        HairColour.SILVER,
    ),
    SkinTone.MEDIUM: (
        HairColour.ESPRESSO,
        HairColour.BLACK,
        HairColour.CHESTNUT,
        HairColour.BLACK,
        HairColour.BROWN,
        HairColour.SILVER,
    ),
    SkinTone.DARK: (
        HairColour.BLACK,
        HairColour.ESPRESSO,
        HairColour.BLACK,
        HairColour.CHESTNUT,
        HairColour.SILVER,
    ),
}
"""The hair colours that stand out well from a skin tone and go with it, the usual one first."""


def _hair(base: str, brow: str) -> Palette:
    return {
        Tone.HAIR: base,
        Tone.HAIR_DARK: darker(base, 28),
        Tone.HAIR_LIGHT: lighter(base, 18),
        Tone.BROW: brow,
    }


HAIRS: Final[Mapping[HairColour, Palette]] = {
    HairColour.BLACK: _hair("#231f24", "#1b171a"),
    HairColour.ESPRESSO: _hair("#3a2722", "#2c1c18"),
    HairColour.CHESTNUT: _hair("#5b3626", "#45271b"),
    HairColour.BROWN: _hair("#7c4d30", "#5e3823"),
    HairColour.AUBURN: _hair("#8f4128", "#6d301d"),
    HairColour.COPPER: _hair("#c0652f", "#8f471f"),
    HairColour.HONEY: _hair("#c08a4a", "#8a5c2c"),
    HairColour.BLONDE: _hair("#e3bd72", "#a67c3d"),
    HairColour.SILVER: _hair("#b3b6bf", "#6b6c75"),
}


def _iris(rim: str, base: str, light: str) -> Palette:
    return {Tone.IRIS_RIM: rim, Tone.IRIS: base, Tone.IRIS_LIGHT: light}


IRISES: Final[Mapping[EyeColor, Palette]] = {
    EyeColor.BROWN: _iris("#2e160c", "#57301a", "#7f4a29"),
    EyeColor.BLUE: _iris("#174a8c", "#2b7fd6", "#7cc3fb"),
    EyeColor.AMBER: _iris("#9a5200", "#e08a06", "#ffc93f"),
    EyeColor.HAZEL: _iris("#3a4a22", "#6d7d35", "#b98a3c"),
    EyeColor.GREEN: _iris("#0f5a38", "#1f9d60", "#76dca0"),
    EyeColor.GREY: _iris("#4a5662", "#8593a1", "#c3cdd7"),
}

_DYES: Final[Mapping[Dye, tuple[str, str]]] = {
    Dye.CORAL: ("#ef6351", "#fff1e0"),
    Dye.TEAL: ("#118a8b", "#ffd166"),
    Dye.VIOLET: ("#6c56c9", "#ffd6ec"),
    Dye.MUSTARD: ("#e3a32b", "#3d3a5c"),
    Dye.SKY: ("#3f8fd9", "#ffffff"),
    Dye.BERRY: ("#c9386d", "#ffe3a8"),
    Dye.LEAF: ("#3f9b5f", "#fdf0c8"),
    Dye.NAVY: ("#2b3a5b", "#a63d4a"),
    Dye.CHARCOAL: ("#3b4049", "#4f7cac"),
    Dye.PETROL: ("#22566b", "#d9a441"),
    Dye.BURGUNDY: ("#7a2f45", "#33415c"),
    Dye.FOREST: ("#2f5d50", "#a8553a"),
    Dye.SLATE: ("#5a6b80", "#7a3f5a"),
    Dye.CAMEL: ("#b58a5e", "#35507a"),
    Dye.PLUM: ("#5a3d66", "#4f8a8b"),
}

DYES_FOR: Final[Mapping[Mood, tuple[Dye, ...]]] = {
    Mood.FUN: (Dye.TEAL, Dye.CORAL, Dye.VIOLET, Dye.MUSTARD, Dye.SKY, Dye.BERRY, Dye.LEAF),
    Mood.OFFICIAL: (
        Dye.NAVY,
        Dye.CHARCOAL,
        Dye.PETROL,
        Dye.BURGUNDY,
        Dye.FOREST,
        Dye.SLATE,
        Dye.CAMEL,
        Dye.PLUM,
    ),
}
"""What is worn in which mood, the usual colour first."""


@lru_cache
def clothes_palette(dye: Dye) -> Palette:
    """The tones of clothes of this colour, their trimmings included."""
    base, trim = _DYES[dye]
    return {
        Tone.CLOTH: base,
        Tone.CLOTH_LIGHT: lighter(base, 22),
        Tone.CLOTH_DARK: darker(base, 24),
        Tone.TRIM: trim,
        Tone.TRIM_DARK: darker(trim, 16),
    }


@lru_cache
def scarf_palette(dye: Dye) -> Palette:
    """The tones of a head scarf or a turban of this colour: softer than those of clothes."""
    base = mixed(_DYES[dye][0], "#ffffff", 12)
    return {Tone.SCARF: base, Tone.SCARF_LIGHT: lighter(base, 16), Tone.SCARF_DARK: darker(base, 20)}


def _wall(base: str, pop: str, spark: str, gleam: str) -> Palette:
    return {
        Tone.WALL: base,
        Tone.WALL_LIGHT: lighter(base, 38),
        Tone.WALL_DARK: darker(base, 9),
        Tone.POP: pop,
        Tone.SPARK: spark,
        Tone.GLEAM: gleam,
    }


WALLS: Final[Mapping[Paint, Palette]] = {
    Paint.SUNNY: _wall("#ffd166", "#ef6f6c", "#3d9be9", "#ffffff"),
    Paint.MINT: _wall("#8fdcc8", "#ff8a6b", "#5b6ee1", "#fff3c4"),
    Paint.PEACH: _wall("#ff9f87", "#d94a72", "#3f9fb0", "#fff0d6"),
    Paint.LILAC: _wall("#c0b3f5", "#ff7fa5", "#ffc857", "#ffffff"),
    Paint.AQUA: _wall("#94d4f7", "#ff9f5a", "#6c63d9", "#ffffff"),
    Paint.ROSE: _wall("#f9b4cb", "#7a6be0", "#ffcf56", "#ffffff"),
    Paint.LIME: _wall("#c9e38b", "#f2785c", "#2f9aa0", "#fffbe0"),
    Paint.MIST: _wall("#d3dce8", "#bccadb", "#aebed2", "#eef3f9"),
    Paint.SAND: _wall("#e8dfd2", "#d9cbb8", "#ccbba4", "#f7f2ea"),
    Paint.SAGE: _wall("#d3dfd6", "#bccdc1", "#a9bfb0", "#eef4ef"),
    Paint.POWDER: _wall("#cfe0ea", "#b5cedd", "#a2c0d2", "#ecf5fa"),
    Paint.PEARL: _wall("#e3e2e8", "#d0ced9", "#bfbccb", "#f5f4f8"),
}

PAINTS_FOR: Final[Mapping[Mood, tuple[Paint, ...]]] = {
    Mood.FUN: (Paint.SUNNY, Paint.MINT, Paint.PEACH, Paint.LILAC, Paint.AQUA, Paint.ROSE, Paint.LIME),
    Mood.OFFICIAL: (Paint.MIST, Paint.SAND, Paint.SAGE, Paint.POWDER, Paint.PEARL),
}
"""Which walls go with which mood, the usual one first."""

FINISHES: Final[Mapping[Finish, str]] = {
    Finish.BLACK: "#22252c",
    Finish.TORTOISE: "#6a3d1f",
    Finish.INK: "#27406b",
    Finish.WINE: "#6b2338",
    Finish.RED: "#d62f45",
    Finish.COBALT: "#2c4fd0",
    Finish.PURPLE: "#6a3fb5",
    Finish.PINE: "#12694f",
}

FINISHES_FOR: Final[Mapping[Mood, tuple[Finish, ...]]] = {
    Mood.FUN: (Finish.RED, Finish.COBALT, Finish.PURPLE, Finish.PINE, Finish.BLACK),
    Mood.OFFICIAL: (Finish.BLACK, Finish.TORTOISE, Finish.INK, Finish.WINE),
}
"""Which glasses are worn in which mood, the usual ones first."""
