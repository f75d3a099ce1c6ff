"""What a client asks of the image API, and whether the API accepts it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn, Self

from tests.support.fake_provider.modes import Billing, Failure, Format, Json

# Tokens of one 1024x1024 picture by gpt-image-2.5-flare; another size takes as many for its area. `auto` is medium.
OUTPUT_TOKENS = {"low": 196, "medium": 433, "high": 1_766, "xhigh": 3_133, "max": 7_033}
CHARACTERS_PER_TOKEN = 4
REFERENCE_AREA = 1024 * 1024

GPT_PARAMETERS = frozenset(
    {
        "background",
        "complexity",
        "model",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "partial_images",
        "prompt",
        "quality",
        "safety_identifier",
        "size",
        "stream",
        "user",
    }
)
GPT_QUALITIES = frozenset(OUTPUT_TOKENS) | {"auto"}
FORMATS = frozenset({"png", "jpeg", "webp"})
DALL_E_2_SIZES = frozenset({"256x256", "512x512", "1024x1024"})
MAX_PROMPT_CHARACTERS = 32_000
MAX_PICTURES = 10
SIDE_STEP = 16
MAX_SIDE = 16_384
MIN_PIXELS = 655_360
MAX_RATIO = 3


@dataclass(frozen=True, slots=True)
class Call:
    """One image generation that was asked for.

    Header names are lower case. `at` is `time.monotonic()` when the request had been read, so the gaps between calls
    can be measured. A call refused before its mode was looked up (wrong key, bad parameter) is not billed.
    """

    path: str
    body: Json
    headers: dict[str, str]
    at: float
    billing: Billing = Billing.NO


class RequestError(Exception):
    """The request is answered with an error before anything is drawn."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """An image generation as the client asks for it, with the API's defaults filled in."""

    model: str
    prompt: str
    count: int
    width: int
    height: int
    format: Format
    quality: str
    by_url: bool

    @classmethod
    def read(cls, body: Json) -> Self:
        """Check a request's body.

        Raises:
            RequestError: if OpenAI would answer 400.

        """
        model = str(body.get("model") or "gpt-image-2.5-flare")
        _check_common(body)
        if model.startswith("gpt-image"):
            _check_gpt_image(body)
        if model == "dall-e-2":
            _check_dall_e_2(body)
        width, height = _size(body)
        quality = body.get("quality") or "auto"
        # The DALL-E models sent an address unless told otherwise.
        default = "url" if model.startswith("dall-e") else "b64_json"
        return cls(
            model=model,
            prompt=body["prompt"],
            count=body.get("n") or 1,
            width=width,
            height=height,
            format=body.get("output_format") or "png",
            quality="medium" if quality == "auto" else quality,
            by_url=(body.get("response_format") or default) == "url",
        )

    def usage(self) -> Json:
        """Count the tokens."""
        read = max(1, len(self.prompt) // CHARACTERS_PER_TOKEN)
        area = self.width * self.height / REFERENCE_AREA
        drawn = math.ceil(OUTPUT_TOKENS.get(self.quality, OUTPUT_TOKENS["medium"]) * area) * self.count
        return {
            "input_tokens": read,
            "input_tokens_details": {"text_tokens": read, "image_tokens": 0},
            "output_tokens": drawn,
            "total_tokens": read + drawn,
        }

    def answer(self, data: list[Json], *, usage: bool) -> Json:
        """Return the answer's JSON around `data`."""
        answer: Json = {"created": int(time.time()), "data": data}
        if not self.model.startswith("dall-e"):
            answer |= {"output_format": self.format, "quality": self.quality, "size": f"{self.width}x{self.height}"}
            answer |= {"usage": self.usage()} if usage else {}
        return answer


def _refuse(code: str, param: str, message: str) -> NoReturn:
    raise RequestError(Failure(HTTPStatus.BAD_REQUEST, code, message, param=param))


def _check_common(body: Json) -> None:
    prompt, count, file_format = body.get("prompt"), body.get("n") or 1, body.get("output_format") or "png"
    if not isinstance(prompt, str) or not prompt:
        _refuse("missing_required_parameter", "prompt", "Missing required parameter: 'prompt'.")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        _refuse("string_above_max_length", "prompt", "Invalid 'prompt': string too long.")
    if not isinstance(count, int) or not 1 <= count <= MAX_PICTURES:
        _refuse("invalid_value", "n", f"Invalid 'n': expected 1 to {MAX_PICTURES}.")
    if file_format not in FORMATS:
        _refuse("invalid_value", "output_format", f"Invalid value: '{file_format}'.")


def _check_gpt_image(body: Json) -> None:
    for name in body:
        if name not in GPT_PARAMETERS:
            _refuse("unknown_parameter", name, f"Unknown parameter: '{name}'.")
    if body.get("stream"):
        _refuse("invalid_value", "stream", "This provider does not stream.")
    if (quality := body.get("quality") or "auto") not in GPT_QUALITIES:
        _refuse("invalid_value", "quality", f"Invalid value: '{quality}'.")
    width, height = _size(body)
    if width % SIDE_STEP or height % SIDE_STEP:
        _refuse("invalid_value", "size", f"Invalid size: both sides must be multiples of {SIDE_STEP}.")
    if max(width, height) > MAX_RATIO * min(width, height):
        _refuse("invalid_value", "size", f"Invalid size: the ratio must be 1:{MAX_RATIO} to {MAX_RATIO}:1.")
    if width * height < MIN_PIXELS:
        _refuse("invalid_value", "size", f"Invalid size: at least {MIN_PIXELS} pixels are needed.")


def _check_dall_e_2(body: Json) -> None:
    if (quality := body.get("quality") or "standard") != "standard":
        _refuse("invalid_value", "quality", f"Invalid value: '{quality}'. Supported values are: 'standard'.")
    if (size := body.get("size") or "1024x1024") not in DALL_E_2_SIZES:
        _refuse("invalid_value", "size", f"Invalid value: '{size}'.")


def _size(body: Json) -> tuple[int, int]:
    size = body.get("size") or "auto"
    width, _, height = ("1024x1024" if size == "auto" else str(size)).partition("x")
    if not (width.isdecimal() and height.isdecimal() and all(0 < int(side) <= MAX_SIDE for side in (width, height))):
        _refuse("invalid_value", "size", f"Invalid value: '{size}'.")
    return int(width), int(height)
