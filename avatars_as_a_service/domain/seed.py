"""The seed rule: each text picks a face, the same one on every machine, for ever.

For each feature, the SHA-256 of ``<feature>:<seed>`` in UTF-8, read as one big-endian number, modulo the number of
values, is the index of the picked value in ``VALUES``, from 0. (2 to the 256th is so much larger than six that no value
is more probable than another by more than one in 10 to the 76th.)

``VALUES`` never changes: no seed picks a value or a feature that is added later, so no user's face changes. Where a
seed may show several variants, the same rule picks one: ``variant:<seed>`` modulo their number. A seed does not pick
the mood: it keeps its default. Seeds are compared in Unicode's normal form C, so that a name shows one face however an
input method has composed it; the empty text is a seed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final
from unicodedata import normalize

from avatars_as_a_service.domain.features import EyeColor, Features, HeadShape, NoseType, SkinTone, SmileType

MAX_SEED: Final = 256
"""The most characters of a seed."""
VALUES: Final[Mapping[str, Sequence[str | bool]]] = {
    "head_shape": (HeadShape.OVAL, HeadShape.ROUND, HeadShape.SQUARE, HeadShape.HEART, HeadShape.TRIANGULAR),
    "skin_tone": (SkinTone.FAIR, SkinTone.MEDIUM, SkinTone.DARK),
    "smile_type": (
        SmileType.WIDE,
        SmileType.FULL,
        SmileType.CLOSED_LIP,
        SmileType.OPEN_LIP,
        SmileType.TEETH_BARING,
        SmileType.SMIRK,
    ),
    "nose_type": (
        NoseType.STRAIGHT,
        NoseType.ROMAN,
        NoseType.BUTTON,
        NoseType.SNUB,
        NoseType.WIDE,
        NoseType.NARROW,
    ),
    "eye_color": (
        EyeColor.BROWN,
        EyeColor.BLUE,
        EyeColor.AMBER,
        EyeColor.HAZEL,
        EyeColor.GREEN,
        EyeColor.GREY,
    ),
    "glasses": (False, True),
}


def normalized(seed: str) -> str:
    """Return the seed in normal form C, in which its length counts and its picks are made."""
    return normalize("NFC", seed)


def seeded(seed: str, features: Features, *, given: Collection[str], variants: int = 1) -> Features:
    """Return the features; the seed picks each feature whose name is not in ``given``, and one of so many variants."""
    seed = normalized(seed)
    picked: dict[str, Any] = {
        name: values[_number(name, seed) % len(values)] for name, values in VALUES.items() if name not in given
    }
    if variants > 1 and "variant" not in given:
        picked["variant"] = _number("variant", seed) % variants
    return replace(features, **picked)


def _number(name: str, seed: str) -> int:
    return int.from_bytes(sha256(f"{name}:{seed}".encode()).digest(), "big")
