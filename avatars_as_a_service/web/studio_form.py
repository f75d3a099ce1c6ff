"""The forms of the studio and the gallery, made from the features: a value that is added shows up by itself."""

from enum import StrEnum
from html import escape
from typing import Final
from urllib.parse import urlencode

from avatars_as_a_service.features import EyeColor, HeadShape, Mood, NoseType, SkinTone, SmileType

_GROUPS: Final[tuple[tuple[str, str, type[StrEnum]], ...]] = (
    ("mood", "Mood", Mood),
    ("skin_tone", "Skin", SkinTone),
    ("eye_color", "Eyes", EyeColor),
    ("head_shape", "Head", HeadShape),
    ("smile_type", "Smile", SmileType),
    ("nose_type", "Nose", NoseType),
)
_MODEL: Final = {"head_shape": "oval", "smile_type": "closed-lip", "nose_type": "straight", "eye_color": "brown"}
"""Who sits for the small pictures: a face on which each value alone makes the difference."""
_SWATCHES: Final = {"skin_tone", "eye_color"}


def form() -> str:
    """A group of radio buttons for each feature, in HTML. The first of all but the mood leaves it to the artist."""
    return "\n".join(_group(name, title, kind) for name, title, kind in _GROUPS)


def filters() -> str:
    """A list to choose from for each feature, in HTML."""
    lists = [_select(name, title, [(value, _word(value)) for value in kind]) for name, title, kind in _GROUPS]
    return "\n".join([*lists, _select("glasses", "Glasses", [("true", "With"), ("false", "Without")])])


def _select(name: str, title: str, values: list[tuple[str, str]]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(word)}</option>' for value, word in values)
    return f'<label>{title} <select name="{name}"><option value="">Any</option>{options}</select></label>'


def _word(value: str) -> str:
    return value.replace("-", " ").capitalize()


def _group(name: str, title: str, kind: type[StrEnum]) -> str:
    look = "swatches" if name in _SWATCHES else "cards" if kind is Mood else "thumbs"
    choices = "" if kind is Mood else _choice(name, "", "Any", look)
    choices += "".join(_choice(name, value, _word(value), look) for value in kind)
    return (
        f'<fieldset class="group {look}" data-feature="{name}"><legend>{title}</legend>'
        f'<div class="choices">{choices}</div></fieldset>'
    )


def _choice(name: str, value: str, word: str, look: str) -> str:
    checked = " checked" if value == ("fun" if name == "mood" else "") else ""
    picture = _picture(name, value, look)
    return (
        f'<label class="choice"><input type="radio" name="{name}" value="{escape(value)}"{checked}>'
        f'{picture}<span class="word">{escape(word)}</span></label>'
    )


def _picture(name: str, value: str, look: str) -> str:
    if not value:
        return '<span class="any" aria-hidden="true"></span>'
    if look == "swatches":
        return f'<span class="swatch {name}-{value}" aria-hidden="true"></span>'
    sketch = urlencode(({} if name == "mood" else _MODEL) | {name: value})
    address = escape(f"sketch?{sketch}")
    tinted = "" if name == "mood" else "&amp;skin_tone=medium"
    return (
        f'<span class="crop of-{name}">'
        f'<img src="{address}{tinted}" data-sketch="{address}" alt="" width="512" height="512"></span>'
    )
