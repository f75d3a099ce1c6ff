"""Which parameters each image model accepts; any other is an error there. As documented by OpenAI on 2026-11-22."""

from dataclasses import dataclass
from typing import Final

_WIDEST: Final = 3
_FEWEST_PIXELS: Final = 655_360


@dataclass(frozen=True, slots=True)
class Style:
    """How pictures are asked for. ``quality`` and ``output_format`` are ``None`` where the operator has not chosen."""

    model: str
    size: str
    quality: str | None
    output_format: str | None


def wrong_size(model: str, size: str) -> str | None:
    """What is wrong with a size for that model, as far as its rules are known; ``None``: nothing."""
    if not model.startswith("gpt-image-2") or size == "auto":
        return None
    width, height = (int(side) for side in size.split("x"))
    if width % 16 or height % 16 or not 1 / 3 <= width / height <= _WIDEST or width * height < _FEWEST_PIXELS:
        return f"{model} draws sides that are multiples of 16, 1:3 to 3:1, with {_FEWEST_PIXELS} pixels or more"
    return None


def parameters(style: Style) -> dict[str, str | int]:
    """The parameters of ``POST /v1/images/generations`` besides the prompt, for that model.

    GPT image models take quality and format and always send base64; DALL-E has to be asked for it. Of a model that is
    not known here, only what every compatible server understands is asked for, and what the operator chose.
    """
    asked: dict[str, str | int] = {"model": style.model, "n": 1, "size": style.size}
    if style.model.startswith("gpt-image"):
        return asked | {"quality": style.quality or "low", "output_format": style.output_format or "webp"}
    if style.model == "dall-e-2":
        return asked | {"response_format": "b64_json"}
    if style.model == "dall-e-3":
        quality = style.quality if style.quality in {"standard", "hd"} else None
        return asked | {"response_format": "b64_json"} | _chosen(quality=quality)
    return asked | _chosen(quality=style.quality, output_format=style.output_format)


def _chosen(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}
