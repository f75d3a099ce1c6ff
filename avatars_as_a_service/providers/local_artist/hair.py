"""Hair and head wear, designed for a head that is 100 wide to either side; a head fits them to itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from avatars_as_a_service.providers.local_artist.layers import Growth, Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, disc, mirrored, oval


class Hairstyle(StrEnum):
    """What is on the head, the neutral one first."""

    SIDE_PART = auto()
    CROP = auto()
    BUZZ = auto()
    QUIFF = auto()
    CURLS = auto()
    AFRO = auto()
    FLAT_TOP = auto()
    SLICKED_BACK = auto()
    RECEDING = auto()
    BALD = auto()
    MOHAWK = auto()
    PIXIE = auto()
    BOB = auto()
    WAVY_BOB = auto()
    LONG_STRAIGHT = auto()
    LONG_WAVY = auto()
    LONG_CURLY = auto()
    BUN = auto()
    PONYTAIL = auto()
    BRAIDS = auto()
    LOCS = auto()
    HIJAB = auto()
    TURBAN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hair:
    """A hair style: what lies behind the body, what falls over the clothes behind the head, what lies over the head.

    The first layer of ``front`` is the one that throws a shadow on the forehead. What is cropped follows the head.
    """

    back: Layers = ()
    drape: Layers = ()
    front: Layers = ()
    cropped: Growth | None = None
    shows_ears: bool = True
    goes_with_beard: bool = False
    long_lashes: bool = False


def _filled(tone: Tone, *outlines: str) -> Layers:
    return tuple(Layer(outline, tone) for outline in outlines)


_SIDEBURN: Final = "L100,242 C100,222 97,204 88,186"
_EARRINGS: Final = (Layer(both(disc(108, 288, 6)), Tone.GOLD),)
_RING_OF_CURLS: Final = " ".join(
    disc(x, y, r)
    for x, y, r in (
        (-104, 196, 20), (-108, 162, 26), (-96, 122, 32), (-66, 88, 34), (-24, 70, 36), (24, 70, 36), (66, 88, 34),
        (96, 122, 32), (108, 162, 26), (104, 196, 20), (-52, 126, 34), (0, 112, 40), (52, 126, 34), (-80, 150, 24),
        (80, 150, 24), (-24, 144, 24), (26, 144, 24),
    )
)  # fmt: skip
_AFRO_EDGE: Final = " ".join(
    disc(x, y, r)
    for x, y, r in (
        (0, 160, 118), (-120, 212, 30), (-130, 172, 32), (-124, 132, 33), (-100, 98, 34), (-64, 75, 32), (-22, 64, 31),
        (22, 64, 31), (64, 75, 32), (100, 98, 34), (124, 132, 33), (130, 172, 32), (120, 212, 30), (-110, 238, 24),
        (110, 238, 24),
    )
)  # fmt: skip
_LONG_CURLS: Final = " ".join(
    disc(side * x, y, r)
    for side in (-1, 1)
    for x, y, r in (
        (28, 72, 38), (72, 88, 40), (104, 122, 40), (124, 166, 38), (132, 212, 38), (138, 258, 38), (140, 304, 38),
        (136, 350, 38), (124, 390, 34), (100, 330, 40), (90, 380, 34),
    )
)  # fmt: skip
_LOCKS_OF_CURLS: Final = " ".join(
    disc(side * x, y, r)
    for side in (-1, 1)
    for x, y, r in (
        (22, 74, 34), (60, 88, 36), (90, 118, 34), (108, 156, 30), (118, 198, 28), (124, 238, 26), (130, 276, 26),
        (134, 316, 26), (132, 356, 24),
    )
)  # fmt: skip
_FACE_CURLS: Final = both("M0,122 C34,122 62,136 80,160 L96,190 L104,150 L90,110 L40,80 L0,76Z")


_PLAITS: Final = (
    Layer(both("M112,424 C104,446 112,462 122,474 C134,460 138,444 130,424Z"), Tone.HAIR),
    *(
        Layer(both(oval(x, y, wide, 20)), Tone.HAIR if turn % 2 else Tone.HAIR_DARK)
        for turn, (x, y, wide) in enumerate(
            ((112, 262, 19), (118, 292, 19), (122, 322, 19), (124, 352, 18), (124, 381, 17), (122, 408, 15))
        )
    ),
    Layer(both("M111,425 L131,425"), Tone.TRIM, 9),
)


HAIRS: Final[Mapping[Hairstyle, Hair]] = {
    Hairstyle.SIDE_PART: Hair(
        front=(
            Layer(
                f"M-110,242 L-114,192 C-120,112 -84,62 -30,60 C36,44 118,84 115,192 L111,242 {_SIDEBURN}"
                " C60,184 -8,170 -42,124 C-52,156 -72,172 -88,186 C-97,204 -100,222 -100,242Z",
                Tone.HAIR,
            ),
            Layer("M-42,124 C-40,104 -34,88 -22,74", Tone.HAIR_DARK, 4.5),
            Layer("M-24,108 C6,88 44,86 72,110 M-6,128 C20,116 46,118 66,132", Tone.HAIR_LIGHT, 5),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.CROP: Hair(
        front=(
            Layer(
                f"M-110,242 L-114,192 C-116,106 -70,60 0,58 C70,60 116,106 114,192 L110,242 {_SIDEBURN}"
                " C82,174 76,164 70,152 C58,162 44,166 30,166 C34,160 35,154 34,148 C20,160 2,164 -16,162"
                " C-11,157 -9,152 -9,146"
                " C-24,160 -42,166 -60,166 C-68,172 -80,180 -88,186 C-97,204 -100,222 -100,242Z",
                Tone.HAIR,
            ),
            Layer("M-58,106 C-34,84 0,78 32,84 M-30,116 C-12,104 8,100 28,104", Tone.HAIR_LIGHT, 5),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.BUZZ: Hair(
        front=(
            Layer(
                mirrored("M0,80 C66,80 108,122 109,196 L106,238 L100,238 C100,206 96,182 82,164 C60,150 30,144 0,144"),
                Tone.HAIR,
                opacity=0.88,
            ),
            Layer("M-54,112 C-32,98 -6,94 18,96", Tone.HAIR_LIGHT, 5, 0.7),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.QUIFF: Hair(
        front=(
            Layer(
                "M-86,176 C-108,120 -98,74 -52,62 C-26,30 64,26 92,62 C112,90 106,136 88,176"
                " C82,152 62,138 30,138 C-2,138 -20,130 -38,122 C-62,136 -80,152 -86,176Z",
                Tone.HAIR,
            ),
            Layer(both("M70,98 C100,110 113,150 112,196 L108,242 L100,242 C100,222 97,200 86,172Z"), Tone.HAIR_DARK),
            Layer("M-38,122 C-26,96 4,70 54,64 M-10,126 C8,104 34,92 70,92", Tone.HAIR_LIGHT, 5),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.CURLS: Hair(
        front=(
            Layer(_RING_OF_CURLS, Tone.HAIR),
            Layer(both("M84,140 L112,150 L114,196 L109,242 L100,242 C100,222 97,204 88,186Z"), Tone.HAIR),
            Layer(
                "M-78,98 C-74,84 -56,80 -48,90 M-12,78 C-6,64 12,64 18,76 M50,92 C56,80 74,82 78,96"
                " M-44,126 C-38,114 -22,116 -18,128 M20,124 C26,112 42,114 46,128 M-104,138 C-102,126 -90,122"
                " -82,130",
                Tone.HAIR_LIGHT,
                4.5,
            ),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.AFRO: Hair(
        back=_filled(Tone.HAIR_DARK, _AFRO_EDGE),
        front=(
            Layer(
                mirrored(
                    "M0,50 C88,50 132,104 130,164 C130,200 122,232 108,246 C106,214 102,192 88,174 C66,150 34,142 0,142"
                ),
                Tone.HAIR,
            ),
            Layer(
                "M-68,86 C-56,72 -40,66 -22,65 M-94,120 C-90,110 -84,101 -74,93 M24,74 C40,75 52,83 62,92"
                " M-30,104 C-18,97 -4,95 10,97",
                Tone.HAIR_LIGHT,
                5.5,
            ),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.FLAT_TOP: Hair(
        front=(
            Layer(
                mirrored(
                    "M0,38 C40,38 76,40 94,46 C106,52 108,100 112,150 L112,192 L108,242 L100,242"
                    " C100,214 98,186 88,160 C62,148 30,146 0,146"
                ),
                Tone.HAIR,
            ),
            Layer(
                both(
                    "M88,160 C96,140 104,120 107,100 C112,130 113,160 112,192 L108,242 L100,242 C100,214 98,186 88,160Z"
                ),
                Tone.HAIR_DARK,
            ),
            Layer("M-74,62 L-40,58 M-20,58 L24,58 M-62,84 L-44,82", Tone.HAIR_LIGHT, 5.5),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.SLICKED_BACK: Hair(
        front=(
            Layer(
                mirrored(
                    f"M0,56 C72,56 116,104 114,192 L110,242 {_SIDEBURN} C78,160 62,142 46,140 C30,130 14,128 0,132"
                ),
                Tone.HAIR,
            ),
            Layer(
                both("M18,126 C20,104 18,86 12,72 M52,138 C56,114 50,92 38,78 M80,164 C86,138 80,112 66,94"),
                Tone.HAIR_DARK,
                4,
            ),
            Layer("M-62,104 C-48,84 -30,74 -12,72", Tone.HAIR_LIGHT, 5.5),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.RECEDING: Hair(
        cropped=Growth(
            both("M62,84 C78,116 86,150 88,184 C95,200 98,222 98,250 L104,250 L104,232 L150,226 L150,84Z"), depth=10
        ),
        front=(Layer("M-52,120 C-36,106 -16,100 4,102", Tone.SKIN_LIGHT, 8, 0.75),),
        goes_with_beard=True,
    ),
    Hairstyle.BALD: Hair(
        front=(Layer("M-56,128 C-42,112 -22,104 0,106", Tone.SKIN_LIGHT, 9, 0.75),),
        goes_with_beard=True,
    ),
    Hairstyle.MOHAWK: Hair(
        cropped=Growth(
            both("M40,60 L150,60 L150,226 L104,232 L104,244 L100,244 C100,214 96,186 82,164 L40,144Z"),
            tone=Tone.HAIR_DARK,
            opacity=0.75,
        ),
        front=(
            Layer(
                "M-46,150 C-58,110 -58,66 -34,44 C-30,52 -26,54 -22,54 C-18,42 -6,34 8,31 C10,38 14,42 20,44"
                " C30,36 40,38 48,44 C44,50 46,58 52,64 C60,96 56,126 46,150 C30,138 16,156 0,142 C-16,156"
                " -30,138 -46,150Z",
                Tone.HAIR,
            ),
            Layer(
                "M-30,112 C-32,92 -28,76 -20,66 M4,108 C2,84 6,64 16,54 M30,112 C34,94 34,80 32,70", Tone.HAIR_LIGHT, 5
            ),
        ),
        goes_with_beard=True,
    ),
    Hairstyle.PIXIE: Hair(
        front=(
            Layer(
                "M-104,262 C-118,236 -120,196 -116,170 C-110,96 -60,56 6,58 C76,56 120,104 116,176 C118,206"
                " 116,238 104,262"
                " C100,238 104,214 92,184 C88,170 84,160 76,150 C40,186 -40,196 -84,182 C-96,204 -100,236"
                " -104,262Z",
                Tone.HAIR,
            ),
            Layer("M66,150 C36,172 -16,182 -56,178 M84,140 C86,120 78,104 64,92", Tone.HAIR_DARK, 4),
            Layer("M-66,132 C-46,100 -10,84 30,88 M-44,146 C-22,124 6,112 34,114", Tone.HAIR_LIGHT, 5),
        ),
        long_lashes=True,
    ),
    Hairstyle.BOB: Hair(
        back=_filled(
            Tone.HAIR_DARK, mirrored("M0,70 C84,70 128,120 130,214 C132,280 138,320 128,352 C110,368 60,372 0,372")
        ),
        front=(
            Layer(
                mirrored(
                    "M0,56 C82,54 130,108 132,214 C134,276 140,320 130,356 C116,354 104,330 102,270"
                    " C102,232 101,206 94,180 C62,188 30,190 0,190"
                ),
                Tone.HAIR,
            ),
            Layer(both("M30,190 L32,166 M66,187 L66,164") + " M0,190 L0,170", Tone.HAIR_DARK, 3.5),
            Layer("M-74,126 C-60,100 -34,84 -4,84 M-116,214 C-116,196 -114,180 -110,166", Tone.HAIR_LIGHT, 5.5),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    Hairstyle.WAVY_BOB: Hair(
        back=_filled(
            Tone.HAIR_DARK,
            mirrored("M0,70 C90,66 134,120 134,206 C148,256 128,286 142,330 C146,368 110,384 84,376 L0,370"),
        ),
        front=(
            Layer(
                "M-34,60 C50,40 128,92 128,180 C132,214 146,240 136,272 C128,300 146,322 138,350 C132,372"
                " 108,376 98,360"
                " C112,340 100,312 104,284 C108,250 102,214 92,190 C52,184 -10,164 -36,118 C-46,156 -74,174 -92,192"
                " C-102,214 -108,250 -104,284 C-100,312 -112,340 -98,360 C-108,376 -132,372 -138,350 C-146,322"
                " -128,300 -136,272"
                " C-146,240 -132,214 -128,180 C-126,112 -92,66 -34,60Z",
                Tone.HAIR,
            ),
            Layer("M-36,118 C-36,100 -30,84 -20,72", Tone.HAIR_DARK, 4.5),
            Layer(
                "M-10,104 C20,86 58,92 82,122 M118,224 C126,244 122,262 118,278 M-112,176 C-118,200 -128,220 -124,244",
                Tone.HAIR_LIGHT,
                5.5,
            ),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    Hairstyle.LONG_STRAIGHT: Hair(
        back=_filled(Tone.HAIR_DARK, mirrored("M0,70 C90,66 132,120 132,210 C134,300 142,380 150,470 L60,480 L0,480")),
        front=(
            Layer(
                mirrored(
                    "M0,60 C82,56 130,108 131,210 C132,300 138,370 142,440 C130,448 116,448 106,444"
                    " C108,380 104,320 103,270 C103,234 102,214 94,196 C60,182 20,158 0,112"
                ),
                Tone.HAIR,
            ),
            Layer("M0,112 L0,72", Tone.HAIR_DARK, 4),
            Layer(both("M119,240 C120,310 123,370 125,424"), Tone.HAIR_DARK, 3.5),
            Layer("M-22,106 C-48,114 -78,132 -94,166 M24,98 C44,102 62,112 74,126", Tone.HAIR_LIGHT, 5.5),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    Hairstyle.LONG_WAVY: Hair(
        back=_filled(
            Tone.HAIR_DARK,
            mirrored(
                "M0,66 C92,62 138,118 136,206 C152,260 134,300 150,344 C164,392 142,420 150,456 C110,476 60,476 0,470"
            ),
        ),
        front=(
            Layer(
                "M26,58 C104,50 136,116 132,196 C142,232 146,262 136,296 C130,330 152,352 148,392 C146,416"
                " 138,430 130,440"
                " C112,436 104,424 110,400 C116,368 98,342 104,302 C108,260 104,218 92,196 C74,184 50,160 34,116"
                " C8,160 -52,186 -92,194 C-104,218 -108,260 -104,302 C-98,342 -116,368 -110,400 C-104,424"
                " -112,436 -130,440"
                " C-138,430 -146,416 -148,392 C-152,352 -130,330 -136,296 C-146,262 -142,232 -132,196 C-136,92"
                " -66,48 26,58Z",
                Tone.HAIR,
            ),
            Layer("M34,116 C34,98 28,82 18,72", Tone.HAIR_DARK, 4.5),
            Layer(
                "M14,104 C-20,84 -62,98 -86,138 M118,230 C126,252 124,274 120,292 M-118,300 C-122,330 -134,350"
                " -132,376",
                Tone.HAIR_LIGHT,
                5.5,
            ),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    Hairstyle.LONG_CURLY: Hair(
        back=_filled(Tone.HAIR_DARK, _LONG_CURLS, oval(0, 230, 128, 160)),
        front=(
            Layer(_LOCKS_OF_CURLS, Tone.HAIR),
            Layer(_FACE_CURLS, Tone.HAIR),
            Layer(
                both(
                    "M44,84 C54,76 68,80 72,90 M92,124 C102,118 112,124 114,136 M112,188 C122,184 130,190 130,202"
                    " M122,262 C132,258 140,264 140,276 M8,92 C14,82 26,82 32,90"
                ),
                Tone.HAIR_LIGHT,
                4.5,
            ),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    Hairstyle.BUN: Hair(
        back=(
            Layer(disc(0, 69, 37), Tone.HAIR),
            Layer("M-20,57 C-10,43 10,41 20,51", Tone.HAIR_LIGHT, 4.5),
        ),
        front=(
            Layer(
                mirrored(
                    f"M0,64 C70,62 115,108 114,194 L108,236 {_SIDEBURN.replace('242', '236')} C68,150 34,134 0,134"
                ),
                Tone.HAIR,
            ),
            Layer(
                both("M26,136 C26,112 18,90 8,78 M60,152 C58,124 42,98 24,82") + " M-30,80 C-12,88 12,88 30,80",
                Tone.HAIR_DARK,
                4,
            ),
            *_EARRINGS,
        ),
        long_lashes=True,
    ),
    Hairstyle.PONYTAIL: Hair(
        back=(
            Layer(
                "M40,76 C96,20 176,60 176,150 C178,210 196,256 166,330 C164,350 150,366 136,372 C144,330 128,290"
                " 126,240"
                " C124,170 110,110 40,76Z",
                Tone.HAIR,
            ),
            Layer("M140,110 C156,150 150,210 158,260 M126,130 C142,180 138,240 148,300", Tone.HAIR_DARK, 4),
        ),
        front=(
            Layer(
                f"M-108,236 L-114,192 C-116,108 -70,60 0,60 C70,60 116,108 114,192 L108,236"
                f" {_SIDEBURN.replace('242', '236')}"
                " C70,178 8,160 -30,120 C-44,150 -68,168 -88,186 C-97,204 -100,222 -100,236Z",
                Tone.HAIR,
            ),
            Layer("M-30,120 C8,128 52,116 78,92 M-12,138 C30,146 70,134 98,112", Tone.HAIR_DARK, 4),
            Layer("M-54,116 C-46,98 -30,84 -8,80", Tone.HAIR_LIGHT, 5.5),
            Layer("M70,66 C84,72 94,82 100,94", Tone.TRIM, 11),
            *_EARRINGS,
        ),
        long_lashes=True,
    ),
    Hairstyle.BRAIDS: Hair(
        drape=_PLAITS,
        front=(
            Layer(
                mirrored(
                    "M0,62 C74,60 118,106 116,190 C118,222 124,238 121,252 C118,264 106,264 104,252"
                    " C104,230 102,212 94,194 C60,180 20,158 0,114"
                ),
                Tone.HAIR,
            ),
            Layer("M0,114 L0,74", Tone.HAIR_DARK, 4),
            Layer(both("M30,142 C34,116 30,94 20,80 M64,174 C72,144 68,116 54,96"), Tone.HAIR_DARK, 3.5),
            Layer("M-82,116 C-92,134 -97,152 -99,170", Tone.HAIR_LIGHT, 5),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    Hairstyle.LOCS: Hair(
        back=(
            Layer(mirrored("M0,60 C84,58 130,110 130,200 L122,300 L0,316"), Tone.HAIR_DARK),
            Layer(both("M130,190 C138,240 140,290 138,346 M104,220 C106,280 107,330 105,374"), Tone.HAIR_DARK, 20),
            Layer(both("M118,190 C124,250 126,310 123,386 M88,250 C90,300 90,330 88,352"), Tone.HAIR, 18),
        ),
        front=(
            Layer(
                mirrored(
                    "M0,56 C78,54 126,100 130,180 C131,196 131,208 130,220 C118,226 108,224 102,214 C98,202 94,192"
                    " 88,184 C66,158 34,144 0,144"
                ),
                Tone.HAIR,
            ),
            Layer(both("M121,200 C130,240 132,280 131,326 M110,190 C114,226 113,262 114,304"), Tone.HAIR, 19),
            Layer(
                both(
                    "M22,146 C24,118 18,94 8,78 M56,156 C60,128 50,102 34,84 M84,178 C88,150 78,120 60,98"
                    " M106,214 C110,178 102,138 84,110 M120,204 C123,240 122,270 123,306"
                ),
                Tone.HAIR_DARK,
                3.5,
            ),
            Layer("M-40,112 C-38,100 -32,90 -24,82 M-74,136 C-72,124 -66,114 -58,106", Tone.HAIR_LIGHT, 5),
        ),
        shows_ears=False,
    ),
    Hairstyle.HIJAB: Hair(
        back=_filled(Tone.SCARF_DARK, mirrored("M0,54 C88,50 136,112 134,214 C132,290 126,340 140,400 L0,420")),
        drape=(
            Layer(mirrored("M0,330 L112,300 C116,350 150,396 178,430 C182,470 120,506 0,512"), Tone.SCARF),
            Layer("M-112,350 C-90,420 -20,456 70,440 M-140,404 C-100,462 -20,486 60,474", Tone.SCARF_DARK, 5),
            Layer("M112,340 C84,400 10,430 -60,424", Tone.SCARF_LIGHT, 6),
        ),
        front=(
            Layer(
                mirrored(
                    "M0,50 C90,46 138,110 136,214 C135,268 130,318 112,352 C106,322 104,290 102,250"
                    " C100,196 72,148 0,144"
                ),
                Tone.SCARF,
            ),
            Layer(
                mirrored(
                    "M0,134 C76,136 106,190 108,250 C108,282 110,306 112,330 C104,310 103,280 102,250"
                    " C100,196 72,148 0,144"
                ),
                Tone.SCARF_DARK,
            ),
            Layer("M-84,126 C-66,92 -36,74 0,72 M-118,220 C-120,196 -116,172 -108,150", Tone.SCARF_LIGHT, 6),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    Hairstyle.TURBAN: Hair(
        front=(
            Layer(
                mirrored("M0,34 C84,32 138,80 128,156 C124,182 116,202 106,214 C98,186 62,154 0,120"),
                Tone.SCARF,
            ),
            Layer(
                "M-106,214 C-98,176 -50,130 0,104 C50,130 98,176 106,214 C98,190 60,160 0,130 C-60,160 -98,190"
                " -106,214Z",
                Tone.SCARF_DARK,
            ),
            Layer(
                "M-124,166 C-96,112 -40,76 34,62 M-124,126 C-96,84 -44,58 22,48 M124,166 C108,128 78,98 40,80"
                " M128,128 C116,96 92,74 62,60",
                Tone.SCARF_DARK,
                4.5,
            ),
            Layer("M-108,118 C-90,90 -62,70 -30,62", Tone.SCARF_LIGHT, 6),
        ),
        goes_with_beard=True,
    ),
}
