"""The parameters that each image model accepts, as OpenAI documented them on 2026-11-25; others are errors there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from avatars_as_a_service.settings import Settings, variable

_WIDEST: Final = 3
_FEWEST_PIXELS: Final = 655_360
_SMALLEST_SQUARE: Final = "816x816"
_ANY_MODELS_SIZE: Final = "1024x1024"
NOT_SENT: Final = "none"
"""The size that an operator sets for a server that takes none."""
SETTING_OF: Final[Mapping[str, str]] = {
    name: variable(name) for name in ("model", "size", "quality", "output_format", "response_format")
}
"""The variable that sets each parameter."""
SENT_BY_THE_SERVICE: Final = {*SETTING_OF, "prompt", "n"}
"""The parameters that no extra one may replace: they decide what is drawn, how often, and what it costs."""


@dataclass(frozen=True, slots=True)
class Style:
    """The operator's choices for all pictures; what is ``None`` is not set, or for ``size`` not sent."""

    model: str
    size: str | None
    quality: str | None = None
    output_format: str | None = None
    response_format: str | None = None


def style(settings: Settings) -> Style:
    """Return the style that the settings choose."""
    return Style(
        model=settings.model,
        size=size_to_send(settings.model, settings.size),
        quality=settings.quality if "quality" in settings.model_fields_set else None,
        output_format=settings.output_format,
        response_format=settings.response_format,
    )


def size_to_send(model: str, size: str | None) -> str | None:
    """Return the size for this setting: the cheapest that the model takes if it is not set; ``None`` sends none."""
    if size is None:
        return _SMALLEST_SQUARE if _draws_any_size(model) else _ANY_MODELS_SIZE
    return None if size == NOT_SENT else size


def size_problem(model: str, size: str | None) -> str | None:
    """Return the problem of this size for the model, or ``None`` if there is none or the model's rules are unknown."""
    if not _draws_any_size(model) or size in {None, "auto"}:
        return None
    width, height = (int(side) for side in str(size).split("x"))
    if width % 16 or height % 16 or not 1 / 3 <= width / height <= _WIDEST or width * height < _FEWEST_PIXELS:
        return f"{model} draws sides that are multiples of 16, 1:3 to 3:1, with {_FEWEST_PIXELS} pixels or more"
    return None


def parameters(style: Style) -> dict[str, Any]:
    """Return the parameters of ``POST /v1/images/generations`` for this model, without the prompt.

    GPT image models take quality and format and always send base64; DALL-E sends base64 on request. A model of another
    name gets the parameters that every compatible server understands, and those that the operator has set.
    """
    quality, output_format, response_format = style.quality, style.output_format, style.response_format
    if style.model.startswith("gpt-image"):
        quality, output_format = quality or "low", output_format or "webp"
    elif style.model == "dall-e-2":
        quality, output_format, response_format = None, None, response_format or "b64_json"
    elif style.model == "dall-e-3":
        quality = quality if quality in {"standard", "hd"} else None
        output_format, response_format = None, response_format or "b64_json"
    optional = {
        "size": style.size,
        "quality": quality,
        "output_format": output_format,
        "response_format": response_format,
    }
    return {"model": style.model, "n": 1} | {name: value for name, value in optional.items() if value is not None}


def _draws_any_size(model: str) -> bool:
    return model.startswith("gpt-image-2")
