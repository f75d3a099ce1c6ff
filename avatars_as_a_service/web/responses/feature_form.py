"""The forms of the studio and the gallery, generated from the features: a new value appears by itself."""

from enum import StrEnum
from html import escape
from typing import Final
from urllib.parse import urlencode

from avatars_as_a_service.domain.features import (
    EyeColor,
    FacialHair,
    Features,
    HairColor,
    HairStyle,
    HeadShape,
    Mood,
    NoseType,
    SkinTone,
    SmileType,
)

_GROUPS: Final[tuple[tuple[str, str, type[StrEnum]], ...]] = (
    ("mood", "Mood", Mood),
    ("skin_tone", "Skin", SkinTone),
    ("eye_color", "Eyes", EyeColor),
    ("head_shape", "Head", HeadShape),
    ("smile_type", "Smile", SmileType),
    ("nose_type", "Nose", NoseType),
)
_OPTIONAL: Final[tuple[tuple[str, str, type[StrEnum]], ...]] = (
    ("hair_style", "Hair", HairStyle),
    ("hair_color", "Hair colour", HairColor),
    ("facial_hair", "Beard", FacialHair),
)
_SAMPLE: Final = {
    "head_shape": "oval",
    "smile_type": "closed-lip",
    "nose_type": "straight",
    "eye_color": "brown",
    "hair_style": HairStyle.SIDE_PART,
    "hair_color": "chestnut",
    "facial_hair": "none",
}
"""The face of the small pictures: each picture changes one feature of it, and no other part of the person."""
_SAMPLES: Final[dict[str, dict[str, str]]] = {"mood": {}, "facial_hair": _SAMPLE | {"hair_style": HairStyle.CROP}}
"""The faces of the small pictures in which that one would not show the feature."""
_SWATCHES: Final = {"skin_tone", "eye_color", "hair_color"}


def form() -> str:
    """A group of radio buttons for each feature, in HTML. All but the mood begin with 'Any': the artist chooses.

    The features that no seed picks are folded away.
    """
    groups, optional = (
        "\n".join(_group(name, title, kind) for name, title, kind in those) for those in (_GROUPS, _OPTIONAL)
    )
    return f'{groups}\n<details class="optional"><summary>Hair and beard</summary>\n{optional}\n</details>'


def filters() -> str:
    """A drop-down list for each feature, in HTML."""
    lists = [
        _select(name, title, [(value, _label(value)) for value in kind]) for name, title, kind in (*_GROUPS, *_OPTIONAL)
    ]
    return "\n".join([*lists, _select("glasses", "Glasses", [("true", "With"), ("false", "Without")])])


def _select(name: str, title: str, values: list[tuple[str, str]]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in values)
    return f'<label>{title} <select name="{name}"><option value="">Any</option>{options}</select></label>'


def _label(value: str) -> str:
    return value.replace("-", " ").capitalize()


def _group(name: str, title: str, kind: type[StrEnum]) -> str:
    style = "swatches" if name in _SWATCHES else "cards" if kind is Mood else "thumbs"
    choices = "" if kind is Mood else _choice(name, "", "Any", style)
    choices += "".join(_choice(name, value, _label(value), style) for value in kind)
    return (
        f'<fieldset class="group {style}" data-feature="{name}"><legend>{title}</legend>'
        f'<div class="choices">{choices}</div></fieldset>'
    )


def _choice(name: str, value: str, label: str, style: str) -> str:
    checked = " checked" if value == ("fun" if name == "mood" else "") else ""
    hidden = " ".join(_hidden_by(HairStyle(value))) if name == "hair_style" and value else ""
    hides = f' data-hides="{hidden}"' if hidden else ""
    picture = _picture(name, value, style)
    return (
        f'<label class="choice"><input type="radio" name="{name}" value="{escape(value)}"{checked}{hides}>'
        f'{picture}<span class="word">{escape(label)}</span></label>'
    )


def _hidden_by(style: HairStyle) -> list[str]:
    """The features that would change nothing beside this hair style."""
    given = Features(hair_style=style, hair_color=HairColor.BLACK, facial_hair=FacialHair.FULL)
    return sorted(given.conflicts)


def _picture(name: str, value: str, style: str) -> str:
    if not value:
        return '<span class="any" aria-hidden="true"></span>'
    if style == "swatches":
        return f'<span class="swatch {name}-{value}" aria-hidden="true"></span>'
    query = urlencode(_SAMPLES.get(name, _SAMPLE) | {name: value})
    url = escape(f"sketch?{query}")
    skin_tone = "" if name == "mood" else "&amp;skin_tone=medium"
    return (
        f'<span class="crop of-{name}">'
        f'<img src="{url}{skin_tone}" data-sketch="{url}" alt="" loading="lazy" width="512" height="512"></span>'
    )
