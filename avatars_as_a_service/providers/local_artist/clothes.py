"""Clothes, and the neck that they leave free."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avatars_as_a_service.domain.look import Garment
from avatars_as_a_service.providers.local_artist.layers import Layer, Layers, Tone
from avatars_as_a_service.providers.local_artist.outlines import both, box, disc, mirrored


@dataclass(frozen=True, slots=True, kw_only=True)
class Clothes:
    """A garment: its cloth and the print on it, both behind the neck, and the layers over the neck."""

    cloth: Tone = Tone.CLOTH
    print: Layers = ()
    over: Layers = ()


NECK: Final = mirrored("M0,360 L50,360 L50,434 C54,446 58,452 64,456 C48,484 22,494 0,494")
NECK_SHADOW: Final = mirrored("M0,360 L50,360 L50,428 C34,446 18,452 0,452")
TORSO: Final = mirrored("M0,446 L54,440 C68,456 100,460 136,468 C190,480 214,498 224,520 L0,520")

_ROUND_COLLAR: Final = "M-62,450 C-50,478 -26,490 0,490 C26,490 50,478 62,450"
_LAPELS: Final = Layer(
    both("M54,440 L84,452 L104,476 L82,486 L90,496 L58,520 L0,520 C22,494 44,470 54,440Z"), Tone.CLOTH_DARK
)
_SHIRT_FRONT: Final = Layer(mirrored("M0,446 L58,442 L44,488 L20,520 L0,520"), Tone.PAPER)
_SHIRT_COLLAR: Final = Layer(both("M52,434 L0,482 L32,508 L70,456Z"), Tone.WHITE)
_ZIGZAG: Final = " ".join(f"L{x},{487 if x % 60 else 500}" for x in range(-150, 151, 30))
_POLKA: Final = " ".join(
    disc(x, y, 7)
    for x, y in ((96, 482), (128, 500), (-96, 482), (-128, 500), (64, 504), (-64, 504), (164, 490), (-164, 490))
)

CLOTHES: Final[Mapping[Garment, Clothes]] = {
    Garment.TEE: Clothes(over=(Layer(_ROUND_COLLAR, Tone.CLOTH_DARK, 12),)),
    Garment.STRIPES: Clothes(
        cloth=Tone.PAPER,
        print=(Layer("M-126,474 C-60,506 60,506 126,474 M-134,498 C-60,530 60,530 134,498", Tone.CLOTH, 12),),
        over=(Layer(_ROUND_COLLAR, Tone.CLOTH, 12),),
    ),
    Garment.HOODIE: Clothes(
        print=(Layer(mirrored("M0,432 C64,424 104,436 120,458 C104,500 44,518 0,520"), Tone.CLOTH_DARK),),
        over=(
            Layer(
                both("M58,430 C92,434 112,446 122,462 C108,500 46,518 0,522 L0,492 C34,488 62,464 58,430Z"),
                Tone.CLOTH_LIGHT,
            ),
        ),
    ),
    Garment.DUNGAREES: Clothes(
        cloth=Tone.PAPER,
        print=(
            Layer(both("M92,456 L124,464 L116,520 L88,520Z"), Tone.CLOTH),
            Layer(both(disc(102, 502, 9)), Tone.GOLD),
        ),
        over=(Layer(_ROUND_COLLAR, Tone.CREASE, 10),),
    ),
    Garment.RAGLAN: Clothes(
        cloth=Tone.PAPER,
        print=(
            Layer(
                both("M56,441 C72,456 104,462 136,468 C190,480 214,498 224,520 L112,520 C100,490 78,462 56,441Z"),
                Tone.CLOTH,
            ),
        ),
        over=(Layer(_ROUND_COLLAR, Tone.CLOTH, 12),),
    ),
    Garment.POLKA: Clothes(
        print=(Layer(_POLKA, Tone.TRIM),),
        over=(
            Layer(
                both("M58,438 C68,448 72,458 72,470 C50,498 28,506 4,502 C4,494 2,490 0,490 C30,488 52,470 58,438Z"),
                Tone.PAPER,
            ),
        ),
    ),
    Garment.JUMPER: Clothes(
        print=(Layer(f"M-150,487 {_ZIGZAG}", Tone.TRIM, 7),),
        over=(Layer(_ROUND_COLLAR, Tone.CLOTH_DARK, 18),),
    ),
    Garment.OPEN_SHIRT: Clothes(
        print=(Layer(mirrored("M0,446 L58,442 C52,470 50,500 52,520 L0,520"), Tone.PAPER),),
        over=(Layer(both("M56,434 C78,444 92,458 100,474 L66,504 C56,484 52,462 56,434Z"), Tone.CLOTH_LIGHT),),
    ),
    Garment.BLAZER: Clothes(print=(_SHIRT_FRONT,), over=(_LAPELS,)),
    Garment.SUIT: Clothes(
        print=(_SHIRT_FRONT,),
        over=(
            Layer(mirrored("M0,482 L15,484 L11,500 L16,520 L0,520"), Tone.TRIM),
            _SHIRT_COLLAR,
            _LAPELS,
        ),
    ),
    Garment.BLOUSE: Clothes(
        over=(
            Layer(
                both("M6,478 C24,454 66,462 68,480 C68,498 30,504 6,486Z M3,486 L36,524 L0,524Z"),
                Tone.CLOTH_LIGHT,
            ),
            Layer(disc(0, 482, 10), Tone.CLOTH_DARK),
        ),
    ),
    Garment.TURTLENECK: Clothes(
        over=(
            Layer(
                mirrored("M0,430 C26,430 44,426 56,420 C58,440 62,450 74,460 C56,484 26,490 0,490"), Tone.CLOTH_LIGHT
            ),
            Layer("M-74,462 C-52,488 -26,494 0,494 C26,494 52,488 74,462", Tone.CLOTH_DARK, 5),
        ),
    ),
    Garment.SHIRT: Clothes(
        print=(Layer("M0,496 L0,520", Tone.CLOTH_DARK, 5),),
        over=(Layer(both("M56,432 C48,462 28,486 2,500 L36,520 L80,462Z"), Tone.CLOTH_LIGHT),),
    ),
    Garment.TUNIC: Clothes(
        print=(Layer(box(-14, 484, 28, 36), Tone.CLOTH_LIGHT),),
        over=(
            Layer(
                both("M54,426 C62,440 66,450 70,462 C52,486 26,496 3,498 L3,474 C28,472 50,456 54,426Z"),
                Tone.CLOTH_LIGHT,
            ),
            Layer(both("M70,462 C52,486 26,496 3,498"), Tone.GOLD, 4),
        ),
    ),
    Garment.SWEATER: Clothes(
        print=(Layer(mirrored("M0,446 L58,442 L66,456 L0,520"), Tone.PAPER),),
        over=(
            _SHIRT_COLLAR,
            Layer("M-72,456 L-8,520 M72,456 L8,520", Tone.CLOTH_DARK, 11),
        ),
    ),
    Garment.CARDIGAN: Clothes(
        print=(Layer(mirrored("M0,446 L56,442 L68,456 L30,520 L0,520"), Tone.TRIM),),
        over=(
            Layer("M-54,464 C-42,484 -20,492 0,492 C20,492 42,484 54,464", Tone.TRIM_DARK, 8),
            Layer(both("M62,456 C60,478 52,500 36,524"), Tone.CLOTH_DARK, 15),
        ),
    ),
    Garment.DRESS: Clothes(
        over=(
            Layer(mirrored("M0,480 L70,450 C72,480 44,510 0,512"), Tone.SKIN),
            Layer("M-74,454 C-66,490 -36,516 0,516 C36,516 66,490 74,454", Tone.CLOTH_DARK, 8),
            Layer(
                " ".join(both(disc(x, y, 5)) for x, y in ((52, 466), (42, 477), (30, 485), (17, 490)))
                + " "
                + disc(0, 492, 6),
                Tone.PAPER,
            ),
        ),
    ),
}
