"""The seed rule: any text has a face, the same one on every machine, for ever.

Of each feature that a seed picks, the SHA-256 of ``<feature>:<seed>`` in UTF-8, read as one big-endian number, modulo
the number of values, says which of the values it is, counted from 0 in the order of ``VALUES``. (2 to the 256th is so
much larger than six that no value is more probable than another by more than one in 10 to the 76th.)

What stands in ``VALUES`` never changes, whatever is added to the features: a value or a feature that comes later is one
that no seed picks, so nobody's face changes. Mood and variant are not picked: they are what they are when left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from avatars_as_a_service.features import EyeColor, Features, HeadShape, NoseType, SkinTone, SmileType

MAX_SEED: Final = 256
"""Characters in the longest seed."""
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


def seeded(seed: str, features: Features, *, given: Collection[str]) -> Features:
    """The features, with what is not among the ``given`` names picked by the seed."""
    picked: dict[str, Any] = {name: _picked(seed, name) for name in VALUES if name not in given}
    return replace(features, **picked)


def _picked(seed: str, feature: str) -> str | bool:
    number = int.from_bytes(sha256(f"{feature}:{seed}".encode()).digest(), "big")
    values = VALUES[feature]
    return values[number % len(values)]
