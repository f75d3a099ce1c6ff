"""Clothes, and the neck that they leave free."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from avatars_as_a_service.features import Mood
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, box, disc, mirrored


class Garment(StrEnum):
    """What is worn."""

    TEE = auto()
    STRIPES = auto()
    HOODIE = auto()
    DUNGAREES = auto()
    RAGLAN = auto()
    POLKA = auto()
    JUMPER = auto()
    OPEN_SHIRT = auto()
    BLAZER = auto()
    SUIT = auto()
    BLOUSE = auto()
    TURTLENECK = auto()
    SHIRT = auto()
    TUNIC = auto()
    SWEATER = auto()
    CARDIGAN = auto()
    DRESS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clothes:
    """A garment: its cloth and what is printed on that, both behind the neck, and what lies over the neck."""

    cloth: Tone = Tone.CLOTH
    print: Layers = ()
    over: Layers = ()


NECK: Final = mirrored("M0,310 L45,310 L45,394 C48,404 54,408 58,412 C44,440 20,450 0,450")
TORSO: Final = mirrored("M0,404 L48,402 C64,420 90,426 118,434 C168,448 192,472 200,520 L0,520")

GARMENTS_FOR: Final[Mapping[Mood, tuple[Garment, ...]]] = {
    Mood.FUN: (
        Garment.TEE,
        Garment.STRIPES,
        Garment.HOODIE,
        Garment.DUNGAREES,
        Garment.RAGLAN,
        Garment.POLKA,
        Garment.JUMPER,
        Garment.OPEN_SHIRT,
    ),
    Mood.OFFICIAL: (
        Garment.BLAZER,
        Garment.SUIT,
        Garment.BLOUSE,
        Garment.TURTLENECK,
        Garment.SHIRT,
        Garment.TUNIC,
        Garment.SWEATER,
        Garment.CARDIGAN,
        Garment.DRESS,
    ),
}
"""Which clothes are worn in which mood, the usual ones first."""

_ROUND_COLLAR: Final = "M-57,410 C-46,440 -22,452 0,452 C22,452 46,440 57,410"
_SEAMS: Final = Layer(both("M134,470 C140,486 142,502 142,520"), Tone.CLOTH_DARK, 4)
_LAPELS: Final = Layer(
    both("M52,402 L72,414 L92,446 L68,456 L76,466 L12,520 L0,520 C20,480 40,444 52,402Z"), Tone.CLOTH_DARK
)
_SHIRT_COLLAR: Final = both("M50,394 L0,440 L30,468 L64,416Z")
_ZIGZAG: Final = " ".join(f"L{x},{464 if x % 60 else 482}" for x in range(-180, 211, 30))
_POLKA: Final = " ".join(
    disc(x + (22 if row % 2 else 0), y, 7.5)
    for row, y in enumerate((440, 466, 492))
    for x in (-198, -154, -110, -66, -22, 22, 66, 110, 154)
)

CLOTHES: Final[Mapping[Garment, Clothes]] = {
    Garment.TEE: Clothes(
        print=(_SEAMS,),
        over=(Layer(_ROUND_COLLAR, Tone.CLOTH_DARK, 12),),
    ),
    Garment.STRIPES: Clothes(
        cloth=Tone.PAPER,
        print=(
            Layer(
                "M-210,440 C-90,468 90,468 210,440 M-210,472 C-90,500 90,500 210,472 M-210,504 C-90,532 90,532 210,504",
                Tone.CLOTH,
                15,
            ),
            Layer(both("M134,470 C140,486 142,502 142,520"), Tone.CREASE, 4),
        ),
        over=(Layer(_ROUND_COLLAR, Tone.CLOTH, 12),),
    ),
    Garment.HOODIE: Clothes(
        print=(
            _SEAMS,
            Layer(mirrored("M0,396 C60,390 92,404 104,420 C92,462 40,484 0,486"), Tone.CLOTH_DARK),
        ),
        over=(
            Layer(
                both("M54,388 C84,392 100,406 106,422 C94,462 40,486 0,488 L0,458 C30,454 56,432 54,388Z"),
                Tone.CLOTH_LIGHT,
            ),
            Layer("M-26,474 L-28,502 M26,474 L28,496", Tone.TRIM, 6),
        ),
    ),
    Garment.DUNGAREES: Clothes(
        cloth=Tone.PAPER,
        print=(
            Layer(
                "M-210,446 C-90,474 90,474 210,446 M-210,478 C-90,506 90,506 210,478 M-210,510 C-90,538 90,538 210,510",
                Tone.TRIM_DARK,
                9,
                0.55,
            ),
            Layer(both("M96,420 L124,428 L112,486 L88,486Z"), Tone.CLOTH),
            Layer(mirrored("M0,478 L106,478 L120,520 L0,520"), Tone.CLOTH),
            Layer("M-98,486 L98,486", Tone.CLOTH_LIGHT, 3),
            Layer(both(disc(100, 484, 8)), Tone.GOLD),
        ),
        over=(Layer(_ROUND_COLLAR, Tone.CREASE, 10),),
    ),
    Garment.RAGLAN: Clothes(
        cloth=Tone.PAPER,
        print=(Layer(both("M54,396 C70,424 104,470 112,520 L220,520 L220,420Z"), Tone.CLOTH),),
        over=(Layer(_ROUND_COLLAR, Tone.CLOTH, 12),),
    ),
    Garment.POLKA: Clothes(
        print=(Layer(_POLKA, Tone.TRIM), _SEAMS),
        over=(
            Layer(
                both("M54,400 C62,408 66,418 66,430 C46,454 26,462 4,458 C4,452 2,450 0,450 C28,448 48,430 54,400Z"),
                Tone.PAPER,
            ),
            Layer(both("M66,430 C46,454 26,462 4,458"), Tone.CREASE, 3),
        ),
    ),
    Garment.JUMPER: Clothes(
        print=(
            Layer(f"M-210,464 {_ZIGZAG}", Tone.TRIM, 9),
            Layer("M-210,500 L210,500", Tone.TRIM, 6),
        ),
        over=(
            Layer("M-58,404 C-48,438 -24,452 0,452 C24,452 48,438 58,404", Tone.CLOTH_DARK, 18),
            Layer("M-42,430 L-36,442 M-22,444 L-18,457 M0,446 L0,460 M22,444 L18,457 M42,430 L36,442", Tone.CLOTH, 2.5),
        ),
    ),
    Garment.OPEN_SHIRT: Clothes(
        print=(
            Layer(mirrored("M0,400 L56,400 C48,440 44,480 46,520 L0,520"), Tone.PAPER),
            Layer(both("M56,404 C48,440 44,480 46,520"), Tone.CLOTH_DARK, 5),
            _SEAMS,
        ),
        over=(
            Layer("M-54,416 C-42,440 -22,452 0,452 C22,452 42,440 54,416", Tone.CREASE, 7),
            Layer(both("M52,392 C72,400 84,412 92,428 L62,462 C52,446 48,420 52,392Z"), Tone.CLOTH_LIGHT),
        ),
    ),
    Garment.BLAZER: Clothes(
        print=(
            Layer(mirrored("M0,400 L56,400 L40,460 L8,520 L0,520"), Tone.PAPER),
            _SEAMS,
        ),
        over=(
            Layer("M-48,424 C-36,446 -16,452 0,452 C16,452 36,446 48,424", Tone.CREASE, 6),
            _LAPELS,
        ),
    ),
    Garment.SUIT: Clothes(
        print=(
            Layer(mirrored("M0,400 L56,400 L40,460 L8,520 L0,520"), Tone.PAPER),
            _SEAMS,
        ),
        over=(
            Layer(mirrored("M0,440 L14,440 L12,460 L24,520 L0,520"), Tone.TRIM),
            Layer(mirrored("M0,438 L17,438 L11,462 L0,462"), Tone.TRIM_DARK),
            Layer(_SHIRT_COLLAR, Tone.WHITE),
            Layer(both("M0,440 L30,468 L62,420"), Tone.CREASE, 3),
            _LAPELS,
        ),
    ),
    Garment.BLOUSE: Clothes(
        print=(
            _SEAMS,
            Layer("M0,470 L0,520", Tone.CLOTH_DARK, 3.5),
        ),
        over=(
            Layer(mirrored("M0,446 C24,444 46,428 56,404 L64,412 C58,440 34,460 0,462"), Tone.CLOTH_LIGHT),
            Layer(
                both("M6,456 C24,430 62,440 64,458 C64,476 28,482 6,462Z M3,462 L36,512 L12,514 L0,476Z"),
                Tone.CLOTH_LIGHT,
            ),
            Layer(both("M10,458 C24,452 36,454 46,460"), Tone.CLOTH_DARK, 3),
            Layer(disc(0, 460, 9), Tone.CLOTH_DARK),
        ),
    ),
    Garment.TURTLENECK: Clothes(
        print=(_SEAMS,),
        over=(
            Layer(
                mirrored("M0,388 C24,388 40,384 50,378 C52,396 56,408 66,418 C50,440 24,446 0,446"), Tone.CLOTH_LIGHT
            ),
            Layer("M-53,394 C-38,404 -18,408 0,408 C18,408 38,404 53,394", Tone.CLOTH, 3.5),
            Layer("M-66,420 C-46,444 -22,449 0,449 C22,449 46,444 66,420", Tone.CLOTH_DARK, 4),
        ),
    ),
    Garment.SHIRT: Clothes(
        print=(
            _SEAMS,
            Layer("M0,464 L0,520", Tone.CLOTH_DARK, 4),
            Layer(f"{disc(8, 484, 4)} {disc(8, 508, 4)}", Tone.PAPER),
        ),
        over=(
            Layer(mirrored("M0,448 L20,440 L16,466 L0,476"), Tone.SKIN_SHADE),
            Layer(both("M52,390 C44,420 24,446 2,462 L34,482 L72,424Z"), Tone.CLOTH_LIGHT),
            Layer(both("M2,462 L34,482 L72,424"), Tone.CLOTH_DARK, 3),
        ),
    ),
    Garment.TUNIC: Clothes(
        print=(
            _SEAMS,
            Layer(box(-13, 440, 26, 80), Tone.CLOTH_LIGHT),
            Layer(f"{disc(0, 474, 4.5)} {disc(0, 498, 4.5)}", Tone.GOLD),
        ),
        over=(
            Layer(
                both("M50,384 C58,396 62,408 64,420 C48,442 24,452 3,454 L3,432 C26,430 46,414 50,384Z"),
                Tone.CLOTH_LIGHT,
            ),
            Layer(both("M64,420 C48,442 24,452 3,454"), Tone.GOLD, 3),
        ),
    ),
    Garment.SWEATER: Clothes(
        print=(
            Layer(mirrored("M0,400 L62,404 L0,500"), Tone.PAPER),
            _SEAMS,
        ),
        over=(
            Layer(mirrored("M0,452 L14,442 L8,462 L0,480"), Tone.TRIM),
            Layer(_SHIRT_COLLAR, Tone.WHITE),
            Layer(both("M0,440 L30,468 L62,420"), Tone.CREASE, 3),
            Layer("M-66,416 L0,502 L66,416", Tone.CLOTH_DARK, 11),
        ),
    ),
    Garment.CARDIGAN: Clothes(
        print=(
            Layer(mirrored("M0,400 L74,404 L16,520 L0,520"), Tone.TRIM),
            _SEAMS,
        ),
        over=(
            Layer("M-50,420 C-38,444 -18,452 0,452 C18,452 38,444 50,420", Tone.TRIM_DARK, 7),
            Layer(both("M62,404 C60,440 40,484 14,524"), Tone.CLOTH_DARK, 15),
            Layer(f"{disc(33, 490, 4)} {disc(18, 514, 4)}", Tone.GOLD),
        ),
    ),
    Garment.DRESS: Clothes(
        print=(_SEAMS,),
        over=(
            Layer(mirrored("M0,440 L66,408 C70,440 40,478 0,480"), Tone.SKIN),
            Layer("M-70,410 C-62,452 -34,482 0,482 C34,482 62,452 70,410", Tone.CLOTH_DARK, 8),
            Layer(
                " ".join(both(disc(x, y, 5)) for x, y in ((50, 424), (42, 434), (32, 442), (21, 448), (10, 451)))
                + " "
                + disc(0, 453, 5.5),
                Tone.PAPER,
            ),
        ),
    ),
}
