"""Hair and head wear, designed for a head of half-width 128; each head scales them to its own width."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avatars_as_a_service.domain.features import HairStyle
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, curls, disc, mirrored


@dataclass(frozen=True, slots=True, kw_only=True)
class Hair:
    """A hair style: layers behind the body, layers over the clothes behind the head, and layers over the head.

    ``is_scarf``: it has the colour of a scarf, and no hair is seen. ``shows_skin``: skin shines through.
    """

    back: Layers = ()
    drape: Layers = ()
    front: Layers = ()
    shows_ears: bool = True
    shows_skin: bool = False
    is_scarf: bool = False
    long_lashes: bool = False


def _hair(*outlines: str) -> Layers:
    return tuple(Layer(outline, Tone.HAIR) for outline in outlines)


def _dark(outline: str) -> Layer:
    return Layer(outline, Tone.HAIR_DARK)


def _light(outline: str) -> Layer:
    return Layer(outline, Tone.HAIR_LIGHT)


_TO_EAR: Final = "L134,262 L124,262 C124,238 120,216 108,196"  # a sideburn, from its outer edge to the temple
_FROM_EAR: Final = "C-120,216 -124,238 -124,262 L-134,262"
_GLEAM: Final = "M-96,142 C-80,108 -46,88 -8,90 C-42,98 -72,116 -96,142Z"
_EARRINGS: Final = (Layer(both(disc(136, 312, 6)), Tone.GOLD),)
_AFRO_HALF: Final = "M0,43 " + curls(
    (0, 43), (52, 45), (100, 65), (136, 100), (156, 146), (158, 194), (144, 238), (120, 266)
)

HAIRS: Final[Mapping[HairStyle, Hair]] = {
    HairStyle.SIDE_PART: Hair(
        front=(
            *_hair(
                f"M-134,262 L-139,206 C-146,126 -108,74 -50,72 C-6,36 146,60 141,206 {_TO_EAR}"
                f" C58,192 -12,176 -50,122 C-62,160 -86,184 -108,196 {_FROM_EAR}Z"
            ),
            _light("M-22,106 C18,74 72,80 104,120 C70,98 24,96 -22,106Z"),
        ),
    ),
    HairStyle.CROP: Hair(
        front=(
            *_hair(
                f"M-134,262 L-140,206 C-142,108 -86,58 0,56 C86,58 142,108 140,206 {_TO_EAR} L90,166"
                " C74,180 52,184 34,178 C40,172 42,166 40,160 C20,180 -8,186 -32,178 C-26,172 -24,166 -24,160"
                f" C-40,176 -66,184 -88,174 L-108,196 {_FROM_EAR}Z"
            ),
            _light(_GLEAM),
        ),
    ),
    HairStyle.BUZZ: Hair(
        shows_skin=True,
        front=(
            Layer(
                mirrored(
                    "M0,88 C86,88 133,140 134,206 L131,252 L124,252 C124,222 118,198 102,176 C74,156 38,150 0,150"
                ),
                Tone.CROPPED,
            ),
        ),
    ),
    HairStyle.QUIFF: Hair(
        front=(
            _dark(both("M88,104 C126,116 143,160 140,210 L134,262 L124,262 C124,238 120,216 106,190Z")),
            *_hair(
                "M-110,196 C-138,148 -130,98 -88,88 C-72,38 30,22 98,46 C132,58 142,98 130,132 C134,156 126,178 110,196"
                " C104,168 84,150 42,150 C-2,150 -38,142 -60,126 C-84,146 -104,168 -110,196Z"
            ),
            _light("M-52,108 C-30,72 20,54 82,60 C32,72 -8,88 -52,108Z"),
        ),
    ),
    HairStyle.CURLS: Hair(
        front=(
            *_hair(
                mirrored(
                    "M0,60 "
                    + curls((0, 60), (48, 64), (92, 86), (124, 122), (136, 164), (138, 206))
                    + " L134,262 L124,262 C124,238 120,216 112,200 "
                    + curls((112, 200), (92, 168), (50, 158), (0, 160))
                )
            ),
            _light(
                "M-92,134 C-92,114 -70,104 -56,114 C-70,114 -82,120 -92,134Z M-40,92 C-34,76 -10,76 -4,90"
                " C-16,84 -28,86 -40,92Z"
            ),
        ),
    ),
    HairStyle.AFRO: Hair(
        front=(
            *_hair(mirrored(f"{_AFRO_HALF} C122,226 112,204 98,188 C70,166 36,160 0,160")),
            _light("M-120,130 C-112,96 -84,72 -50,70 C-80,82 -104,102 -120,130Z"),
        ),
    ),
    HairStyle.FLAT_TOP: Hair(
        front=(
            *_hair(
                mirrored(
                    "M0,54 C50,54 82,55 104,60 C124,66 135,116 139,172 L139,206 L134,262 L124,262 C124,230 118,200"
                    " 106,178 C76,164 38,162 0,162"
                )
            ),
            _light("M-98,92 C-96,78 -88,74 -72,73 C-46,71 -20,71 2,71 C4,78 4,80 -4,82 C-40,82 -72,84 -98,92Z"),
        ),
    ),
    HairStyle.SLICKED_BACK: Hair(
        front=(
            *_hair(
                mirrored("M0,58 C90,58 142,110 140,206 L134,262 L124,262 C124,238 118,212 106,190 C92,154 56,138 0,136")
            ),
            _light(_GLEAM),
        ),
    ),
    HairStyle.RECEDING: Hair(
        shows_skin=True,
        front=(
            Layer(mirrored("M0,90 L64,96 C100,112 126,150 128,204 L104,206 L0,150"), Tone.SKIN),
            *_hair(
                mirrored(
                    "M0,74 C84,74 138,118 138,206 L134,262 L124,262 C124,232 120,208 112,194 C110,160 98,126 76,108"
                    " C58,110 32,122 0,128"
                )
            ),
        ),
    ),
    HairStyle.BALD: Hair(
        shows_skin=True,
        front=(Layer("M-84,158 C-70,132 -44,116 -14,114 C-42,124 -64,138 -84,158Z", Tone.LIGHT),),
    ),
    HairStyle.MOHAWK: Hair(
        shows_skin=True,
        front=(
            Layer(
                both("M40,94 C100,96 134,146 135,206 L132,250 L124,250 C124,222 118,198 102,176 L40,158Z"), Tone.SHAVED
            ),
            *_hair(
                "M-54,166 C-70,110 -64,62 -30,44 C-22,52 -12,52 -4,36 C8,48 22,48 34,42 C66,62 68,112 54,166"
                " C38,150 18,174 0,154 C-18,174 -38,150 -54,166Z"
            ),
            _light("M-38,122 C-40,94 -32,74 -16,66 C-26,82 -32,100 -38,122Z"),
        ),
    ),
    HairStyle.PIXIE: Hair(
        front=(
            *_hair(
                "M-128,292 C-146,250 -146,214 -143,186 C-136,104 -76,56 6,56 C92,54 146,106 143,190"
                " C145,226 142,262 128,292"
                " C126,256 126,226 114,198 C108,184 102,172 92,160 C52,194 -46,204 -104,192"
                " C-118,216 -126,256 -128,292Z"
            ),
            _light("M-98,146 C-82,110 -46,88 -4,90 C-40,100 -72,118 -98,146Z"),
        ),
        long_lashes=True,
    ),
    HairStyle.BOB: Hair(
        back=(_dark(mirrored("M0,90 C104,90 150,136 152,240 C154,300 156,350 148,384 C124,396 70,396 0,396")),),
        front=(
            *_hair(
                mirrored(
                    "M0,56 C106,54 160,118 162,240 C164,310 172,352 160,394 C140,394 128,360 126,300 C126,256 124,226"
                    " 114,196 C76,184 36,186 0,186"
                )
            ),
            _light("M-116,150 C-100,112 -66,90 -26,88 C-62,100 -92,120 -116,150Z"),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    HairStyle.WAVY_BOB: Hair(
        back=(_dark(mirrored("M0,90 C110,86 150,140 152,230 C156,300 160,350 150,388 C120,400 60,398 0,396")),),
        front=(
            *_hair(
                "M-50,62 C60,32 160,96 158,204 C164,244 180,272 168,306 C160,336 180,360 170,388"
                " C160,410 134,408 122,392"
                " C138,370 122,340 126,308 C130,268 124,228 112,200 C62,192 -16,174 -50,124 C-62,164 -90,190 -112,200"
                " C-124,228 -130,268 -126,308 C-122,340 -138,370 -122,392 C-134,408 -160,410 -170,388"
                " C-180,360 -160,336"
                " -168,306 C-180,272 -164,244 -158,204 C-156,120 -118,70 -50,62Z"
            ),
            _light("M-18,104 C24,76 78,86 110,130 C74,100 28,94 -18,104Z"),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    HairStyle.LONG_STRAIGHT: Hair(
        back=(_dark(mirrored("M0,90 C104,86 150,136 152,230 C154,320 150,380 142,420 L0,430")),),
        front=(
            *_hair(
                mirrored(
                    "M0,60 C106,56 160,118 162,232 C163,320 164,376 154,424 C142,432 128,431 118,426 C126,380 128,330"
                    " 127,290 C126,250 124,224 114,204 C74,186 24,160 0,116"
                )
            ),
            _light("M-116,156 C-102,116 -70,92 -32,88 C-66,102 -94,124 -116,156Z"),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    HairStyle.LONG_WAVY: Hair(
        back=(_dark(mirrored("M0,90 C112,84 152,136 154,230 C158,320 150,380 140,420 L0,430")),),
        front=(
            *_hair(
                "M40,60 C126,50 166,126 160,206 C172,244 176,276 164,308 C156,340 172,358 166,388"
                " C162,410 150,424 138,430"
                " C122,428 114,414 122,394 C130,366 120,344 126,304 C130,262 126,222 112,200 C88,184 58,158 42,114"
                " C8,162 -60,190 -112,200 C-126,222 -130,262 -126,304 C-120,344 -130,366 -122,394 C-114,414 -122,428"
                " -138,430 C-150,424 -162,410 -166,388 C-172,358 -156,340 -164,308 C-176,276 -172,244 -160,206"
                " C-160,96 -80,44 40,60Z"
            ),
            _light("M-120,160 C-106,112 -66,82 -16,84 C-60,98 -94,122 -120,160Z"),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    HairStyle.LONG_CURLY: Hair(
        back=(_dark(mirrored("M0,80 C104,76 156,140 158,230 C164,320 160,370 150,420 L0,430")),),
        front=(
            *_hair(
                mirrored(
                    "M0,60 "
                    + curls(
                        (0, 60),
                        (50, 62),
                        (98, 82),
                        (134, 118),
                        (152, 166),
                        (160, 214),
                        (166, 264),
                        (168, 314),
                        (164, 364),
                        (146, 408),
                        (122, 392),
                        (124, 340),
                        (124, 288),
                        (120, 236),
                        (108, 196),
                        (72, 168),
                        (34, 142),
                        (0, 124),
                    )
                )
            ),
            _light("M-128,160 C-122,130 -104,108 -80,100 C-98,116 -114,136 -128,160Z"),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    HairStyle.BUN: Hair(
        back=(*_hair(disc(0, 68, 44)), _light("M-28,58 C-22,40 -6,34 10,36 C-6,42 -18,48 -28,58Z")),
        front=(
            *_hair(
                mirrored("M0,70 C88,70 142,116 139,206 L132,254 L124,254 C124,234 120,214 108,192 C84,160 44,140 0,138")
            ),
            _light("M-102,152 C-88,120 -58,102 -24,98 C-56,110 -82,128 -102,152Z"),
            *_EARRINGS,
        ),
        long_lashes=True,
    ),
    HairStyle.PONYTAIL: Hair(
        back=_hair(
            "M50,92 C96,40 178,78 188,160 C194,220 202,262 182,328 C178,350 166,368 152,376"
            " C164,336 144,296 144,246 C142,180 126,126 50,92Z"
        ),
        front=(
            *_hair(
                "M-132,254 L-139,206 C-142,110 -86,62 0,62 C86,62 142,110 139,206 L132,254 L124,254"
                " C124,234 120,214 108,194"
                " C80,188 2,166 -38,120 C-54,156 -82,182 -108,194 C-120,214 -124,234 -124,254Z"
            ),
            _light("M-6,100 C30,78 74,86 104,124 C72,102 34,94 -6,100Z"),
            *_EARRINGS,
        ),
        long_lashes=True,
    ),
    HairStyle.BRAIDS: Hair(
        drape=(
            *_hair(
                both(
                    "M148,262 "
                    + curls((148, 262), (156, 298), (159, 334), (157, 370), (150, 400))
                    + " L146,424 L136,424 L130,400 "
                    + curls((130, 400), (124, 370), (120, 334), (118, 298), (116, 262))
                )
            ),
            Layer(both("M131,407 L149,407"), Tone.GOLD, 11),
            Layer(
                both("M119,298 L138,313 L156,298 M121,334 L140,349 L158,334 M125,370 L141,383 L156,370"),
                Tone.HAIR_DARK,
                5,
            ),
        ),
        front=(
            *_hair(
                mirrored(
                    "M0,62 C96,60 150,112 149,196 C152,236 160,262 154,284 C144,296 128,294 126,276"
                    " C126,242 124,222 114,202"
                    " C74,186 24,160 0,116"
                )
            ),
            _light("M-110,154 C-98,118 -68,94 -34,90 C-66,104 -90,124 -110,154Z"),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    HairStyle.LOCS: Hair(
        back=(
            _dark(mirrored("M0,80 C104,76 146,130 146,220 L144,372 L0,372")),
            Layer(both("M112,300 L112,392 M136,300 L138,404"), Tone.HAIR_DARK, 25),
            Layer(both("M160,200 C163,270 164,310 160,376 M142,220 C146,280 142,330 142,362"), Tone.HAIR, 26),
        ),
        front=(
            *_hair(
                mirrored(
                    "M0,58 C104,54 170,108 173,200 L148,250 C136,262 128,256 126,244 C124,226 120,214 112,202"
                    " C76,184 24,160 0,116"
                )
            ),
            Layer(both("M26,82 C64,112 104,150 116,192 M66,78 C104,108 132,150 139,220"), Tone.HAIR_DARK, 5),
            _light("M-140,150 C-126,116 -104,94 -76,84 C-100,104 -122,124 -140,150Z"),
        ),
        shows_ears=False,
    ),
    HairStyle.HIJAB: Hair(
        is_scarf=True,
        back=(Layer(mirrored("M0,80 C110,80 150,140 150,250 C150,340 140,400 120,440 L0,450"), Tone.SCARF_DARK),),
        drape=(
            Layer(mirrored("M0,400 L120,360 C134,410 176,440 200,470 C216,486 222,500 226,520 L0,520"), Tone.SCARF),
        ),
        front=(
            Layer(
                mirrored("M0,54 C108,50 164,122 164,246 C164,330 150,400 96,446 C66,466 30,470 0,470")
                + mirrored("M0,428 C88,428 126,350 126,272 C126,204 92,158 0,156"),
                Tone.SCARF,
            ),
            Layer("M-120,150 C-104,108 -70,84 -28,80 C-66,96 -96,118 -120,150Z", Tone.SCARF_LIGHT),
            Layer("M118,390 C84,452 10,470 -70,462", Tone.SCARF_DARK, 6),
        ),
        shows_ears=False,
        long_lashes=True,
    ),
    HairStyle.TURBAN: Hair(
        is_scarf=True,
        front=(
            Layer(mirrored("M0,36 C106,34 168,90 158,170 C154,206 144,228 132,242 C122,204 78,170 0,132"), Tone.SCARF),
            Layer(
                "M-132,242 C-124,196 -64,146 0,118 C64,146 124,196 132,242 C122,210 76,176 0,146"
                " C-76,176 -122,210 -132,242Z",
                Tone.SCARF_DARK,
            ),
            Layer("M-152,176 C-116,122 -48,84 40,72 M-144,128 C-106,94 -54,72 16,58", Tone.SCARF_DARK, 5),
            Layer("M-128,110 C-104,80 -72,64 -36,58 C-70,72 -100,88 -128,110Z", Tone.SCARF_LIGHT),
        ),
    ),
}
