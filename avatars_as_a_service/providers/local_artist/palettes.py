"""Palettes: the colour of each tone."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from avatars_as_a_service.domain.features import EyeColor, HairColor, SkinTone
from avatars_as_a_service.domain.look import WALLS as WALL_COLOURS
from avatars_as_a_service.domain.look import Dye, Finish, Paint
from avatars_as_a_service.providers.local_artist.colours import darker, lighter, mixed
from avatars_as_a_service.providers.local_artist.layers import Palette, Tone

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
    Tone.LINE,
    Tone.LIGHT,
    Tone.BLUSH,
    Tone.LIP,
    Tone.LIP_LINE,
)


def _skin(*colours: str) -> Palette:
    skin = dict(zip(_SKIN, colours, strict=True))
    return skin | {Tone.FOLD: mixed(skin[Tone.LINE], skin[Tone.SKIN], 58)}


SKINS: Final[Mapping[SkinTone, Palette]] = {
    SkinTone.FAIR: _skin("#fcd8c0", "#eeb393", "#e5a07f", "#b4644a", "#fff0e4", "#f9bda9", "#dd7a76", "#a2474a"),
    SkinTone.MEDIUM: _skin("#dd9f6e", "#ba7446", "#ab6338", "#7f4527", "#f0c096", "#d7895f", "#b95b4c", "#6e2c26"),
    SkinTone.DARK: _skin("#9b6340", "#65371e", "#623620", "#2c1408", "#c28e66", "#b96a4e", "#c05f60", "#3d1413"),
}


def _hair(base: str, brow: str) -> Palette:
    return {
        Tone.HAIR: base,
        Tone.HAIR_DARK: darker(base, 28),
        Tone.HAIR_LIGHT: lighter(base, 18),
        Tone.BROW: brow,
    }


HAIRS: Final[Mapping[HairColor, Palette]] = {
    HairColor.BLACK: _hair("#231f24", "#1b171a"),
    HairColor.ESPRESSO: _hair("#3a2722", "#2c1c18"),
    HairColor.CHESTNUT: _hair("#532f20", "#402317"),
    HairColor.BROWN: _hair("#6f4429", "#54311d"),
    HairColor.AUBURN: _hair("#8f4128", "#6d301d"),
    HairColor.COPPER: _hair("#c0652f", "#8f471f"),
    HairColor.HONEY: _hair("#c08a4a", "#8a5c2c"),
    HairColor.BLONDE: _hair("#e3bd72", "#a67c3d"),
    HairColor.SILVER: _hair("#b3b6bf", "#6b6c75"),
}


@lru_cache
def short_hair_palette(colour: HairColor, skin_tone: SkinTone) -> Palette:
    """Return the tones of hair of this colour that is so short that the skin shines through."""
    hair, skin = HAIRS[colour][Tone.HAIR], SKINS[skin_tone][Tone.SKIN]
    return {
        Tone.CROPPED: mixed(hair, skin, 14),
        Tone.SHAVED: mixed(hair, skin, 50),
        Tone.STUBBLE: mixed(hair, skin, 77),
    }


IRISES: Final[Mapping[EyeColor, Palette]] = {
    EyeColor.BROWN: {Tone.IRIS: "#71401f"},
    EyeColor.BLUE: {Tone.IRIS: "#3f86cf"},
    EyeColor.AMBER: {Tone.IRIS: "#cb8117"},
    EyeColor.HAZEL: {Tone.IRIS: "#8a8040"},
    EyeColor.GREEN: {Tone.IRIS: "#3c9763"},
    EyeColor.GREY: {Tone.IRIS: "#8c9bab"},
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


@lru_cache
def clothes_palette(dye: Dye) -> Palette:
    """Return the tones of clothes of this colour and of their trimmings."""
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
    """Return the tones of a head scarf or turban of this colour: softer than those of clothes."""
    base = mixed(_DYES[dye][0], "#ffffff", 12)
    return {Tone.SCARF: base, Tone.SCARF_LIGHT: lighter(base, 16), Tone.SCARF_DARK: darker(base, 20)}


def _wall(base: str) -> Palette:
    return {Tone.WALL: base, Tone.WALL_LIGHT: lighter(base, 24), Tone.WALL_SOFT: lighter(base, 14)}


WALLS: Final[Mapping[Paint, Palette]] = {paint: _wall(colour) for paint, (_, colour) in WALL_COLOURS.items()}

FINISHES: Final[Mapping[Finish, str]] = {
    Finish.BLACK: "#22252c",
    Finish.TORTOISE: "#6a3d1f",
    Finish.INK: "#27406b",
    Finish.WINE: "#6b2338",
    Finish.RED: "#b93c4a",
    Finish.COBALT: "#3a569f",
    Finish.PURPLE: "#5f4b8f",
    Finish.PINE: "#2c6152",
}
