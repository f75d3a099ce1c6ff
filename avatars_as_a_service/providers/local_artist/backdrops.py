"""Backdrops: what is on the wall behind the face."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final

from avatars_as_a_service.features import Mood
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import box, disc


class Backdrop(StrEnum):
    """The pattern of the wall."""

    BLOB = auto()
    RAYS = auto()
    DOTS = auto()
    WAVES = auto()
    CONFETTI = auto()
    SHAPES = auto()
    STRIPES = auto()
    BUBBLES = auto()
    HILLS = auto()
    HALO = auto()
    PLAIN = auto()
    DIAGONAL = auto()
    ARCH = auto()
    PANELS = auto()
    HORIZON = auto()
    RINGS = auto()


BACKDROPS_FOR: Final[Mapping[Mood, tuple[Backdrop, ...]]] = {
    Mood.FUN: (
        Backdrop.BLOB,
        Backdrop.RAYS,
        Backdrop.DOTS,
        Backdrop.WAVES,
        Backdrop.CONFETTI,
        Backdrop.SHAPES,
        Backdrop.STRIPES,
        Backdrop.BUBBLES,
        Backdrop.HILLS,
    ),
    Mood.OFFICIAL: (
        Backdrop.HALO,
        Backdrop.PLAIN,
        Backdrop.DIAGONAL,
        Backdrop.ARCH,
        Backdrop.PANELS,
        Backdrop.HORIZON,
        Backdrop.RINGS,
    ),
}
"""Which backdrops go with which mood, the usual one first."""

_WALL: Final = Layer(box(-256, 0, 512, 512), Tone.WALL)
_EDGE: Final = (
    *((x, -200) for x in range(-500, 501, 250)),
    *((500, y) for y in range(-50, 701, 150)),
    *((x, 700) for x in range(250, -501, -250)),
    *((-500, y) for y in range(550, -200, -150)),
)
_RAYS: Final = " ".join(
    f"M0,230 L{left[0]},{left[1]} L{right[0]},{right[1]}Z" for left, right in zip(_EDGE[::2], _EDGE[1::2], strict=False)
)
_DOTS: Final = " ".join(
    disc(x + (32 if row % 2 else 0), y, 8) for row, y in enumerate(range(26, 520, 46)) for x in range(-256, 257, 64)
)
_SLANTS: Final = " ".join(f"M{x},-20 L{x - 260},532" for x in range(-210, 560, 88))


def _dots(*places: tuple[int, int], radius: float) -> str:
    return " ".join(disc(x, y, radius) for x, y in places)


BACKDROPS: Final[Mapping[Backdrop, Layers]] = {
    Backdrop.BLOB: (
        _WALL,
        Layer(
            "M-190,110 C-150,10 -20,40 70,36 C190,30 236,120 224,230 C214,330 240,420 130,470 C20,520"
            " -120,500 -190,420"
            " C-250,340 -230,200 -190,110Z",
            Tone.WALL_LIGHT,
        ),
        Layer(disc(-206, 70, 17), Tone.POP),
        Layer(disc(212, 84, 11), Tone.SPARK),
        Layer(disc(-222, 330, 9), Tone.SPARK),
        Layer(disc(228, 350, 15), Tone.GLEAM),
    ),
    Backdrop.RAYS: (
        _WALL,
        Layer(_RAYS, Tone.WALL_LIGHT, opacity=0.75),
        Layer(disc(0, 230, 190), Tone.GLEAM, opacity=0.45),
    ),
    Backdrop.DOTS: (
        _WALL,
        Layer(_DOTS, Tone.GLEAM, opacity=0.6),
        Layer(disc(0, 236, 196), Tone.WALL_LIGHT),
    ),
    Backdrop.WAVES: (
        _WALL,
        Layer(
            "M-256,150 C-190,90 -130,90 -64,150 C0,210 64,210 128,150 C170,110 220,100 256,120 L256,512 L-256,512Z",
            Tone.WALL_LIGHT,
        ),
        Layer(
            "M-256,260 C-190,200 -130,200 -64,260 C0,320 64,320 128,260 C170,220 220,210 256,230 L256,512 L-256,512Z",
            Tone.WALL_DARK,
        ),
        Layer(
            "M-256,390 C-190,330 -130,330 -64,390 C0,450 64,450 128,390 C170,350 220,340 256,360 L256,512 L-256,512Z",
            Tone.POP,
            opacity=0.55,
        ),
    ),
    Backdrop.CONFETTI: (
        _WALL,
        Layer(disc(0, 240, 204), Tone.WALL_LIGHT),
        Layer(_dots((-208, 70), (196, 60), (-222, 300), (226, 404), (96, 26), radius=9), Tone.POP),
        Layer(_dots((-150, 30), (222, 190), (-232, 180), (-226, 420), radius=8), Tone.GLEAM),
        Layer(
            "M146,22 L160,36 M-92,22 L-104,34 M-238,120 L-224,130 M232,120 L238,136 M-238,370 L-226,360"
            " M226,300 L240,310",
            Tone.SPARK,
            8,
        ),
    ),
    Backdrop.SHAPES: (
        _WALL,
        Layer(disc(-170, 120, 96), Tone.POP, opacity=0.8),
        Layer(box(70, 20, 230, 230), Tone.WALL_LIGHT),
        Layer("M256,300 L256,512 L90,512Z", Tone.SPARK, opacity=0.85),
        Layer("M-256,330 C-170,330 -110,400 -110,512 L-256,512Z", Tone.GLEAM),
    ),
    Backdrop.STRIPES: (
        _WALL,
        Layer(_SLANTS, Tone.WALL_LIGHT, 40),
    ),
    Backdrop.BUBBLES: (
        _WALL,
        Layer(disc(-180, 90, 62), Tone.WALL_LIGHT),
        Layer(disc(196, 150, 84), Tone.WALL_LIGHT),
        Layer(disc(-214, 300, 78), Tone.WALL_DARK),
        Layer(disc(110, 30, 38), Tone.WALL_DARK),
        Layer(_dots((-110, 44), (226, 300), (-236, 196), radius=14), Tone.GLEAM),
        Layer(_dots((160, 56), (-170, 190), (216, 356), radius=9), Tone.POP),
    ),
    Backdrop.HILLS: (
        _WALL,
        Layer(disc(150, 110, 66), Tone.GLEAM),
        Layer("M-256,330 C-190,230 -110,230 -40,320 C40,240 150,220 256,340 L256,512 L-256,512Z", Tone.WALL_DARK),
        Layer(
            "M-256,410 C-160,320 -60,340 20,400 C110,340 190,350 256,390 L256,512 L-256,512Z", Tone.SPARK, opacity=0.6
        ),
        Layer(
            "M-210,110 C-206,84 -176,80 -166,100 C-150,84 -124,94 -126,116 C-122,130 -134,136 -146,136"
            " L-196,136 C-216,136 -222,118 -210,110Z",
            Tone.GLEAM,
        ),
    ),
    Backdrop.HALO: (
        _WALL,
        Layer(disc(0, 240, 208), Tone.WALL_LIGHT),
    ),
    Backdrop.PLAIN: (
        _WALL,
        Layer("M-256,0 L256,0 L256,300 C120,400 -120,400 -256,300Z", Tone.WALL_LIGHT, opacity=0.6),
    ),
    Backdrop.DIAGONAL: (
        _WALL,
        Layer("M-256,0 L150,0 L-256,430Z", Tone.WALL_LIGHT),
        Layer("M256,190 L256,512 L-48,512Z", Tone.POP, opacity=0.7),
    ),
    Backdrop.ARCH: (
        _WALL,
        Layer("M-190,512 L-190,236 C-190,120 -110,40 0,40 C110,40 190,120 190,236 L190,512Z", Tone.WALL_LIGHT),
        Layer("M-214,512 L-214,236 C-214,106 -124,16 0,16 C124,16 214,106 214,236 L214,512", Tone.POP, 5),
    ),
    Backdrop.PANELS: (
        _WALL,
        Layer(
            " ".join(box(left, 26, 140, 470) for left in (-230, -70, 90)),
            Tone.WALL_LIGHT,
            opacity=0.75,
        ),
    ),
    Backdrop.HORIZON: (
        _WALL,
        Layer(disc(0, 250, 176), Tone.GLEAM),
        Layer("M-256,350 C-140,300 -20,370 90,330 C160,306 220,320 256,336 L256,512 L-256,512Z", Tone.POP, opacity=0.8),
    ),
    Backdrop.RINGS: (
        _WALL,
        Layer(disc(0, 240, 236), Tone.WALL_LIGHT, opacity=0.5),
        Layer(disc(0, 240, 190), Tone.GLEAM, opacity=0.8),
    ),
}
