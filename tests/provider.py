"""A paid image provider on loopback: speaks OpenAI's image API, can fail in many ways and counts what it is asked.

In a test::

    with LoopbackProvider() as provider:
        provider.script.extend([Mode.RATE_LIMIT, Mode.OK])
        ...  # point the service at provider.base_url
        assert provider.paid == 1

As a process of its own: ``python -m tests.provider --port 0 --delay 0.05`` prints its base URL on the first line and is
steered over HTTP by ``GET /_control/state``, ``POST /_control/mode`` and ``POST /_control/reset``.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import itertools
import json
import resource
import signal
import socket
import struct
import sys
import threading
import time
import zlib
from collections import deque
from dataclasses import dataclass, field, fields
from enum import StrEnum, auto
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeAlias
from urllib.parse import urlsplit

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

Json: TypeAlias = dict[str, Any]
Format: TypeAlias = Literal["png", "jpeg", "webp"]
ModerationMode: TypeAlias = Literal["ok", "flagged", "down", "hangs"]


class Mode(StrEnum):
    """How an image call is answered."""

    OK = auto()
    SLOW = auto()
    URL = auto()
    URL_RELATIVE = auto()
    URL_ELSEWHERE = auto()
    URL_PRIVATE = auto()
    URL_REDIRECT = auto()
    URL_BROKEN_ONCE = auto()
    URL_ENDLESS = auto()
    URL_HANGS = auto()
    RATE_LIMIT = auto()
    QUOTA = auto()
    SPEND_LIMIT = auto()
    HARD_LIMIT = auto()
    REFUSED = auto()
    REFUSED_OLD = auto()
    BAD_REQUEST = auto()
    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    NOT_FOUND = auto()
    CONFLICT = auto()
    SERVER_ERROR = auto()
    BAD_GATEWAY = auto()
    UNAVAILABLE = auto()
    GATEWAY_TIMEOUT = auto()
    HTML = auto()
    NOT_JSON = auto()
    EMPTY_DATA = auto()
    NO_PICTURE = auto()
    BAD_BASE64 = auto()
    NOT_A_PICTURE = auto()
    TRUNCATED = auto()
    ANIMATED = auto()
    SVG = auto()
    BOMB = auto()
    OVERSIZE = auto()
    HUGE_BODY = auto()
    HANGS = auto()
    CLOSES = auto()
    CLOSES_MIDWAY = auto()
    RESET = auto()
    TRICKLE = auto()


class Billing(StrEnum):
    """Whether a real provider would send a bill for a call."""

    NO = auto()
    MAYBE = auto()
    YES = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """An error answer in OpenAI's shape."""

    status: HTTPStatus
    code: str | None
    message: str
    type: str = "invalid_request_error"
    param: str | None = None

    def json(self) -> Json:
        """Return the body of the answer."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}


FAILURES: dict[Mode, Failure] = {
    Mode.RATE_LIMIT: Failure(
        HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded", "Rate limit reached. Please try again later.", "requests"
    ),
    Mode.QUOTA: Failure(
        HTTPStatus.TOO_MANY_REQUESTS, "insufficient_quota", "You exceeded your current quota.", "insufficient_quota"
    ),
    Mode.SPEND_LIMIT: Failure(
        HTTPStatus.TOO_MANY_REQUESTS, "project_spend_limit_exceeded", "The project has reached its spend limit."
    ),
    Mode.HARD_LIMIT: Failure(
        HTTPStatus.BAD_REQUEST, "billing_hard_limit_reached", "Billing hard limit has been reached."
    ),
    Mode.REFUSED: Failure(
        HTTPStatus.BAD_REQUEST,
        "moderation_blocked",
        "Your request was rejected by the safety system.",
        "image_generation_user_error",
    ),
    Mode.REFUSED_OLD: Failure(
        HTTPStatus.BAD_REQUEST, "content_policy_violation", "Your request was rejected by our safety system."
    ),
    Mode.BAD_REQUEST: Failure(HTTPStatus.BAD_REQUEST, "invalid_value", "Invalid value: 'size'.", param="size"),
    Mode.UNAUTHORIZED: Failure(HTTPStatus.UNAUTHORIZED, "invalid_api_key", "Incorrect API key provided."),
    Mode.FORBIDDEN: Failure(HTTPStatus.FORBIDDEN, None, "Your organization must be verified to use the model."),
    Mode.NOT_FOUND: Failure(
        HTTPStatus.NOT_FOUND, "model_not_found", "The model does not exist or you do not have access to it."
    ),
    Mode.CONFLICT: Failure(HTTPStatus.CONFLICT, None, "The resource was changed by another request."),
    Mode.SERVER_ERROR: Failure(
        HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "The server had an error.", "server_error"
    ),
    Mode.UNAVAILABLE: Failure(
        HTTPStatus.SERVICE_UNAVAILABLE, None, "The engine is currently overloaded.", "service_unavailable_error"
    ),
}

# Gateways answer with a page of their own, not with the provider's JSON.
GATEWAY_PAGES: dict[Mode, HTTPStatus] = {
    Mode.BAD_GATEWAY: HTTPStatus.BAD_GATEWAY,
    Mode.GATEWAY_TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    Mode.HTML: HTTPStatus.OK,
}

# The provider has read the request and may have drawn; no picture, nor anything like one, came back to tell.
MAYBE_BILLED = frozenset(
    {
        Mode.BAD_GATEWAY,
        Mode.GATEWAY_TIMEOUT,
        Mode.HTML,
        Mode.NOT_JSON,
        Mode.HUGE_BODY,
        Mode.HANGS,
        Mode.CLOSES,
        Mode.RESET,
    }
)

# Tokens of one 1024x1024 picture by gpt-image-2.5-flare, whatever the size asked for. `auto` counts as medium.
OUTPUT_TOKENS = {"low": 196, "medium": 433, "high": 1_766, "xhigh": 3_133, "max": 7_033}
CHARACTERS_PER_TOKEN = 4

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

ELSEWHERE = "http://169.254.169.254/latest/meta-data"
# "Endless" stops here, so that a client without a limit of its own fails its test and not the whole machine.
ENDLESS_BYTES = 2**30
CHUNK = 2**16
CLOSING_S = 5.0

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
FLAG_WORD = "flagme"


def billing(mode: Mode) -> Billing:
    """Tell whether a call answered in `mode` is billed: errors are not, a lost answer may be, any other 200 is."""
    if mode in FAILURES:
        return Billing.NO
    return Billing.MAYBE if mode in MAYBE_BILLED else Billing.YES


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


@dataclass
class Switches:
    """What a test may set at any time; `LoopbackProvider.reset` takes all of it back.

    `once` holds the mode of the next call with that prompt, `script` the modes of the next other calls, in order; after
    them `mode` holds. `delay` is in seconds, before every
    image answer; `slow_s` is what SLOW adds; `trickle_s` is the time between two bytes of TRICKLE. `models` gives the
    `shutdown_date` of each model listed. `redirect_to` is where URL_REDIRECT leads, else to the picture.
    """

    mode: Mode = Mode.OK
    once: dict[str, Mode] = field(default_factory=dict)
    script: deque[Mode] = field(default_factory=deque)
    delay: float = 0.0
    slow_s: float = 2.0
    trickle_s: float = 1.0
    usage: bool = True
    key: str | None = None
    retry_after: str | None = "0.2"
    moderation: ModerationMode = "ok"
    redirect_to: str | None = None
    models: dict[str, str | None] = field(
        default_factory=lambda: {
            "gpt-image-2.5-flare": None,
            "gpt-image-2": None,
            "gpt-image-1.5": "2026-12-01",
            "gpt-image-1-mini": "2026-12-01",
            "omni-moderation-latest": None,
        }
    )


class LoopbackProvider(Switches):
    """An image provider on 127.0.0.1, run by threads of its own while the context is open.

    Everything that it counts may be read from any thread. Pictures are numbered through its whole life, so no two are
    the same, even after `reset`.
    """

    def __init__(self, *, port: int = 0, mode: Mode = Mode.OK, delay: float = 0.0, key: str | None = None) -> None:
        """Prepare a provider; it listens on `port` (0: any free one) once the context is entered."""
        super().__init__(mode=mode, delay=delay, key=key)
        self.stopped = threading.Event()
        self._initial = partial(Switches, mode=mode, delay=delay, key=key)
        self._port = port
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._request_numbers = itertools.count(1)
        self._hosted: dict[int, _Hosted] = {}
        self._servers: list[_Server] = []
        self._forget()

    def __enter__(self) -> Self:
        """Start to listen, on `base_url` and on a second port that nobody should call."""
        _allow_many_sockets()
        self.stopped.clear()
        self._servers = [_Server(self, self._port), _Server(self, 0, private=True)]
        for server in self._servers:
            server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Break off what is still being answered, and stop listening."""
        self.stopped.set()
        for server in self._servers:
            server.stop()
        self._servers = []

    @property
    def base_url(self) -> str:
        """What a client is given as the API's base URL; ends in `/v1`."""
        return f"{self.origin}/v1"

    @property
    def origin(self) -> str:
        """The scheme, host and port."""
        return self._servers[0].origin

    @property
    def private_origin(self) -> str:
        """The scheme, host and port of the second listener, to which URL_PRIVATE leads."""
        return self._servers[1].origin

    @property
    def calls(self) -> list[Call]:
        """The image generations asked for so far, in order."""
        with self._lock:
            return list(self._calls)

    @property
    def paid(self) -> int:
        """How many image calls a real provider bills, or may bill because its answer was lost (see `billing`)."""
        return sum(call.billing is not Billing.NO for call in self.calls)

    @property
    def maybe_paid(self) -> int:
        """How many of `paid` are in doubt."""
        return sum(call.billing is Billing.MAYBE for call in self.calls)

    @property
    def moderations(self) -> list[Json]:
        """The bodies of the moderation requests so far, in order."""
        with self._lock:
            return list(self._moderations)

    @property
    def downloads(self) -> int:
        """How many times one of its pictures was asked for by URL, whether it was sent or not."""
        with self._lock:
            return self._downloads

    @property
    def intrusions(self) -> int:
        """How many requests the private port had."""
        with self._lock:
            return self._intrusions

    def reset(self) -> None:
        """Forget the counts and the script, and set every switch to how the provider was built."""
        with self._lock:
            self._forget()
        self.script.clear()
        initial = self._initial()
        for switch in fields(Switches):
            setattr(self, switch.name, getattr(initial, switch.name))

    def set_switches(self, values: Json) -> None:
        """Set switches from JSON, all or none.

        Raises:
            ValueError: for a switch or mode that does not exist.
            TypeError: for a script that is no list.

        """
        known = {switch.name for switch in fields(Switches)}
        if unknown := sorted(values.keys() - known):
            message = f"no such switch: {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
            raise ValueError(message)
        readers: dict[str, Callable[[Any], Any]] = {
            "mode": Mode,
            "script": lambda names: deque(map(Mode, names)),
            "once": lambda modes: {prompt: Mode(mode) for prompt, mode in modes.items()},
        }
        read = {name: readers[name](value) if name in readers else value for name, value in values.items()}
        for name, value in read.items():
            setattr(self, name, value)

    def state(self) -> Json:
        """Return the counts as JSON, for a run in another process."""
        calls = self.calls
        return {
            "base_url": self.base_url,
            "mode": self.mode,
            "delay": self.delay,
            "script": list(self.script),
            "calls": len(calls),
            "paid": self.paid,
            "maybe_paid": self.maybe_paid,
            "prompts": [call.body.get("prompt") for call in calls],
            "moderations": self.moderations,
            "downloads": self.downloads,
            "intrusions": self.intrusions,
        }

    def next_mode(self, prompt: str = "") -> Mode:
        """Take the mode of that prompt's next call, else the next of the script, else the standing one."""
        if prompt in self.once:
            return self.once.pop(prompt)
        try:
            return self.script.popleft()
        except IndexError:
            return self.mode

    def next_number(self) -> int:
        """Return a number that no other picture has."""
        return next(self._numbers)

    def next_request_id(self) -> str:
        """Return an id that no other answer has."""
        return f"req_{next(self._request_numbers)}"

    def record_call(self, call: Call) -> None:
        """Count an image generation."""
        with self._lock:
            self._calls.append(call)

    def record_moderation(self, body: Json) -> None:
        """Count a moderation."""
        with self._lock:
            self._moderations.append(body)

    def record_intrusion(self) -> None:
        """Count a request to the private port."""
        with self._lock:
            self._intrusions += 1

    def host(self, picture: Picture, mode: Mode) -> str:
        """Keep a picture for download and return its path."""
        self._hosted[picture.number] = _Hosted(picture, mode)
        folder = "redirect" if mode is Mode.URL_REDIRECT else "files"
        return f"/{folder}/{picture.number}.{picture.format}"

    def download(self, number: int) -> tuple[_Hosted, int] | None:
        """Count a download; return what is kept under `number`, and how many downloads of it came before."""
        with self._lock:
            self._downloads += 1
            hosted = self._hosted.get(number)
            if hosted is None:
                return None
            hosted.downloads += 1
            return hosted, hosted.downloads - 1

    def _forget(self) -> None:
        self._calls: list[Call] = []
        self._moderations: list[Json] = []
        self._downloads = 0
        self._intrusions = 0


@dataclass(slots=True)
class _Hosted:
    """A picture that can be downloaded."""

    picture: Picture
    mode: Mode
    downloads: int = 0


# Pictures: a flat colour, distinct for each of the first 2^23 numbers, and a rectangle in one of eight places.


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is drawn anew, to the same bytes, whenever they are asked for."""

    number: int
    width: int
    height: int
    format: Format

    @property
    def media_type(self) -> str:
        """The picture's media type."""
        return f"image/{self.format}"

    def data(self) -> bytes:
        """Return the picture's file."""
        return _ENCODERS[self.format](self)


def _colours(number: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return the ground's colour and the rectangle's, which differ in green alone."""
    mixed = number * 0x9E3779B1 % 2**23
    red, green, blue = mixed & 0xFF, mixed >> 16, mixed >> 8 & 0xFF
    return (red, green, blue), (red, green | 0x80, blue)


def _rows(width: int, height: int, place: int) -> Iterator[str]:
    """Yield each row as a text of 0 (ground) and 1 (rectangle)."""
    left, top = width * (1 + place % 4) // 8, height * (1 + 2 * (place // 4)) // 8
    right, bottom = left + max(1, width // 4), top + max(1, height // 4)
    marked = "0" * left + "1" * (right - left) + "0" * (width - right)
    for y in range(height):
        yield marked if top <= y < bottom else "0" * width


def _png(picture: Picture) -> bytes:
    """Write a PNG with a palette of two colours; the pixels are the same for every colour."""
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 1, 3, 0, 0, 0)
    palette = bytes(itertools.chain(*_colours(picture.number)))
    pixels = _png_pixels(picture.width, picture.height, picture.number % 8)
    return _png_file((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels))


def _png_file(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in (*chunks, (b"IEND", b"")):
        parts += [struct.pack(">I", len(data)), name, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))]
    return b"".join(parts)


@lru_cache(maxsize=64)
def _png_pixels(width: int, height: int, place: int) -> bytes:
    length = (width + 7) // 8
    rows = (int(row.ljust(8 * length, "0"), 2).to_bytes(length, "big") for row in _rows(width, height, place))
    return zlib.compress(b"".join(b"\0" + row for row in rows))


def _jpeg(picture: Picture) -> bytes:
    """Encode one of 64 pictures, made distinct by a comment."""
    plain = _jpeg_plain(picture.width, picture.height, picture.number % 64)
    comment = f"picture {picture.number}".encode()
    return plain[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + plain[2:]


@lru_cache(maxsize=512)
def _jpeg_plain(width: int, height: int, number: int) -> bytes:
    ground, mark = _colours(number)
    image = Image.new("RGB", (width, height), ground)
    image.paste(mark, (width // 8, height // 8, width // 2, height // 2))
    return _encoded(image, "JPEG")


def _encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own options
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


# The lossless WebP written here, https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification:
# red, blue and alpha have one symbol each and take no bits; green has two and takes one bit a pixel.
WEBP_HEADER_BITS = 99


def _webp(picture: Picture) -> bytes:
    """Write a WebP of two colours, without an encoder: Pillow takes 130 ms for one."""
    pixels = _webp_pixels(picture.width, picture.height, picture.number % 8)
    size = WEBP_HEADER_BITS // 8 + 1
    start = int.from_bytes(pixels[:size], "little") | _webp_header(picture)
    data = start.to_bytes(size, "little") + pixels[size:]
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _webp_header(picture: Picture) -> int:
    """Return what stands before the pixels, first bit lowest."""
    (red, green, blue), (_, green_mark, _) = _colours(picture.number)
    whole, used = 0, 0
    for value, bits in (
        *((0x2F, 8), (picture.width - 1, 14), (picture.height - 1, 14), (0, 4)),  # signature, size, alpha and version
        (0, 3),  # no transform, no colour cache, no meta codes
        *((0b111, 3), (green, 8), (green_mark, 8)),  # a simple code: two symbols of eight bits
        *((0b101, 3), (red, 8), (0b101, 3), (blue, 8), (0b101, 3), (0xFF, 8)),  # simple codes of one symbol
        (0b0001, 4),  # distances: one symbol, never used
    ):
        whole |= value << used
        used += bits
    return whole


@lru_cache(maxsize=64)
def _webp_pixels(width: int, height: int, place: int) -> bytes:
    bits = "".join(_rows(width, height, place))[::-1]
    length = (WEBP_HEADER_BITS + len(bits) + 7) // 8
    return (int(bits, 2) << WEBP_HEADER_BITS).to_bytes(length + length % 2, "little")


_ENCODERS: dict[Format, Callable[[Picture], bytes]] = {"png": _png, "jpeg": _jpeg, "webp": _webp}


# Files that must not pass for an avatar.


def _truncated(picture: Picture) -> bytes:
    whole = _png(picture)
    return whole[: len(whole) // 2]


def _animated(picture: Picture) -> bytes:
    """Encode two frames: as WebP where that was asked for, else as GIF."""
    frames = [Image.new("RGB", (picture.width, picture.height), colour) for colour in _colours(picture.number)]
    file_format = "WEBP" if picture.format == "webp" else "GIF"
    return _encoded(frames[0], file_format, save_all=True, append_images=frames[1:], duration=100)


def _svg(picture: Picture) -> bytes:
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><script>alert(1)</script></svg>'.encode()


def _not_a_picture(_: Picture) -> bytes:
    return b"This is not a picture."


@lru_cache(maxsize=1)
def _bomb_file() -> bytes:
    """Write a PNG of 30000x30000 pixels, whole and valid: 110 kB that grow to 2.7 GB as RGB."""
    side = 30_000
    row, packer = bytes(1 + side // 8), zlib.compressobj()
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return _png_file((b"IHDR", header), (b"IDAT", pixels))


def _bomb(_: Picture) -> bytes:
    return _bomb_file()


def _oversize(picture: Picture) -> bytes:
    """Write a valid PNG of a little over 9 MiB, most of it a private chunk that decoders skip."""
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 1, 3, 0, 0, 0)
    palette = bytes(itertools.chain(*_colours(picture.number)))
    pixels = _png_pixels(picture.width, picture.height, picture.number % 8)
    padding = bytes(9 * 2**20)
    return _png_file((b"IHDR", header), (b"PLTE", palette), (b"paDd", padding), (b"IDAT", pixels))


_FILES: dict[Mode, Callable[[Picture], bytes]] = {
    Mode.TRUNCATED: _truncated,
    Mode.ANIMATED: _animated,
    Mode.SVG: _svg,
    Mode.NOT_A_PICTURE: _not_a_picture,
    Mode.BOMB: _bomb,
    Mode.OVERSIZE: _oversize,
}

_ODD_DATA: dict[Mode, list[Json]] = {
    Mode.EMPTY_DATA: [],
    Mode.NO_PICTURE: [{"revised_prompt": "A face."}],
    Mode.BAD_BASE64: [{"b64_json": "%%% not * base64 %%%A"}],
}

_URL_MODES = frozenset(mode for mode in Mode if mode.name.startswith("URL"))


# What was asked for, and whether the API takes it.


class _RefusedError(Exception):
    """The request is answered with an error before anything is drawn."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class _Order:
    """An image generation as asked for, with the API's defaults filled in."""

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
            _RefusedError: if OpenAI would answer 400.

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
        drawn = OUTPUT_TOKENS.get(self.quality, OUTPUT_TOKENS["medium"]) * self.count
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
    raise _RefusedError(Failure(HTTPStatus.BAD_REQUEST, code, message, param=param))


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


def _moderation_result(text: str, *, flagged: bool) -> Json:
    """Judge one text."""
    flagged = flagged or FLAG_WORD in text.lower()
    hit = {"violence", "harassment"} if flagged else set()
    return {
        "flagged": flagged,
        "categories": {name: name in hit for name in CATEGORIES},
        "category_scores": {name: 0.98 if name in hit else 0.0001 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }


def _moderated_texts(body: Json) -> list[str]:
    """Return each text to be judged: a text, a list of texts, or the parts of one message."""
    given = body.get("input", "")
    if isinstance(given, str):
        return [given]
    if all(isinstance(part, str) for part in given):
        return list(given)
    return [" ".join(part.get("text", "") for part in given)]


# HTTP.


class _Server(ThreadingHTTPServer):
    """One listening port with a thread for each connection."""

    daemon_threads = True
    request_queue_size = 4096

    def __init__(self, provider: LoopbackProvider, port: int, *, private: bool = False) -> None:
        self.provider = provider
        self.private = private
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, break every connection and wait until their threads have let go of them."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=CLOSING_S)

    # The signatures of socketserver are wider than what a TCP server is handed: always a socket.

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Close without the polite shutdown of the base class, which would send a FIN before an RST."""
        self.close_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    @property
    def provider(self) -> LoopbackProvider:
        return self.server.provider

    def log_message(self, *_: object) -> None:
        """Say nothing: the counts are the log."""

    def handle(self) -> None:
        """Serve until either side ends the connection; a client that leaves is no fault."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        first, _, rest = path.lstrip("/").partition("/")
        if self.server.private:
            self._answer_secret()
        elif path == "/_control/state":
            self._send_json(self.provider.state())
        elif first in {"files", "redirect"}:
            self._answer_download(first, rest)
        elif path.startswith("/v1/models"):
            self._guarded(lambda: self._answer_models(path.removeprefix("/v1/models").strip("/")))
        else:
            self._send_failure(Failure(HTTPStatus.NOT_FOUND, None, f"Invalid URL (GET {path})"))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        routes: dict[str, Callable[[Json], None]] = {
            "/v1/images/generations": self._answer_generation,
            "/v1/moderations": self._answer_moderation,
            "/_control/mode": self._answer_control,
            "/_control/reset": self._answer_reset,
        }
        body = self._read_body()
        if path not in routes or self.server.private:
            self._send_failure(Failure(HTTPStatus.NOT_FOUND, None, f"Invalid URL (POST {path})"))
        elif body is None:
            self._send_failure(Failure(HTTPStatus.BAD_REQUEST, None, "We could not parse the JSON body."))
        else:
            self._guarded(lambda: routes[path](body))

    def _guarded(self, answer: Callable[[], None]) -> None:
        try:
            answer()
        except _RefusedError as error:
            self._send_failure(error.failure)

    def _read_body(self) -> Json | None:
        """Read the whole request; None if it is not a JSON object."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def _check_key(self) -> None:
        if self.provider.key is not None and self.headers.get("Authorization") != f"Bearer {self.provider.key}":
            raise _RefusedError(FAILURES[Mode.UNAUTHORIZED])

    # Image generations.

    def _answer_generation(self, body: Json) -> None:
        call = Call(
            path=self.path,
            body=body,
            headers={name.lower(): value for name, value in self.headers.items()},
            at=time.monotonic(),
        )
        try:
            self._check_key()
            order = _Order.read(body)
        except _RefusedError:
            self.provider.record_call(call)
            raise
        mode = self.provider.next_mode(str(body.get("prompt")))
        self.provider.record_call(Call(call.path, call.body, call.headers, call.at, billing(mode)))
        self._wait(self.provider.delay + (self.provider.slow_s if mode is Mode.SLOW else 0))
        self._play(mode, order)

    def _wait(self, seconds: float) -> None:
        if seconds > 0 and self.provider.stopped.wait(seconds):
            raise ConnectionAbortedError

    def _play(self, mode: Mode, order: _Order) -> None:
        """Answer an order in the way of its mode."""
        if mode in FAILURES:
            retry_after = self.provider.retry_after if mode is Mode.RATE_LIMIT else None
            self._send_failure(FAILURES[mode], retry_after=retry_after)
        elif mode in GATEWAY_PAGES:
            self._send_page(GATEWAY_PAGES[mode])
        elif mode in _BROKEN:
            _BROKEN[mode](self, order)
        else:
            self._send_json(self._drawn(mode, order))

    def _drawn(self, mode: Mode, order: _Order) -> Json:
        """Return the answer that holds the pictures, or what stands for them."""
        data = _ODD_DATA[mode] if mode in _ODD_DATA else [self._datum(mode, order) for _ in range(order.count)]
        return order.answer(data, usage=self.provider.usage)

    def _datum(self, mode: Mode, order: _Order) -> Json:
        picture = Picture(self.provider.next_number(), order.width, order.height, order.format)
        if mode in _URL_MODES or (order.by_url and mode not in _FILES):
            return {"url": self._url(picture, mode)}
        return {"b64_json": base64.b64encode(_FILES.get(mode, Picture.data)(picture)).decode("ascii")}

    def _url(self, picture: Picture, mode: Mode) -> str:
        if mode is Mode.URL_ELSEWHERE:
            return ELSEWHERE
        if mode is Mode.URL_PRIVATE:
            return f"{self.provider.private_origin}/secret.png"
        path = self.provider.host(picture, mode)
        return path if mode is Mode.URL_RELATIVE else f"{self.provider.origin}{path}"

    def _play_not_json(self, _: _Order) -> None:
        self._send(HTTPStatus.OK, b'{"created": 1, "data": [{"b64_json": "iVBOR', "application/json")

    def _play_huge_body(self, _: _Order) -> None:
        self._send_endlessly("application/json", b'{"created": 1, "data": [{"b64_json": "', b"A" * CHUNK)

    def _play_closes(self, _: _Order) -> None:
        self.close_connection = True

    def _play_closes_midway(self, order: _Order) -> None:
        body = json.dumps(self._drawn(Mode.OK, order)).encode()
        self._send_head(HTTPStatus.OK, "application/json", {"Content-Length": str(len(body))})
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _play_reset(self, _: _Order) -> None:
        """Close with an RST, which is what a close without lingering sends."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _play_hangs(self, _: _Order) -> None:
        self._hang()

    def _play_trickle(self, order: _Order) -> None:
        """Send the head at once and the body byte by byte."""
        body = json.dumps(self._drawn(Mode.OK, order)).encode()
        self._send_head(HTTPStatus.OK, "application/json", {"Content-Length": str(len(body))})
        for byte in body:
            self.wfile.write(bytes([byte]))
            self._wait(self.provider.trickle_s)

    def _hang(self) -> None:
        """Say nothing until the client leaves or the server stops, which breaks the connection."""
        while self.connection.recv(1, socket.MSG_PEEK) and not self.provider.stopped.wait(0.2):
            pass
        self.close_connection = True

    # Downloads.

    def _answer_download(self, folder: str, name: str) -> None:
        number = name.partition(".")[0]
        if folder == "redirect":
            self._send_redirect(self.provider.redirect_to or f"{self.provider.origin}/files/{name}")
        elif number.isdecimal() and (found := self.provider.download(int(number))):
            self._send_hosted(*found)
        else:
            self._send(HTTPStatus.NOT_FOUND, b"no such picture", "text/plain")

    def _send_hosted(self, hosted: _Hosted, downloads_before: int) -> None:
        picture, mode = hosted.picture, hosted.mode
        if mode is Mode.URL_HANGS:
            self._hang()
        elif mode is Mode.URL_ENDLESS:
            self._send_endlessly(picture.media_type, picture.data(), bytes(CHUNK))
        elif mode is Mode.URL_BROKEN_ONCE and not downloads_before:
            self._send_page(HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            self._send(HTTPStatus.OK, picture.data(), picture.media_type)

    def _answer_secret(self) -> None:
        """Send a picture that would pass, so that only refusing to ask for it keeps it out."""
        self.provider.record_intrusion()
        self._send(HTTPStatus.OK, Picture(self.provider.next_number(), 1024, 1024, "png").data(), "image/png")

    # Moderations, models, control.

    def _answer_moderation(self, body: Json) -> None:
        self._check_key()
        self.provider.record_moderation(body)
        if self.provider.moderation == "down":
            raise _RefusedError(FAILURES[Mode.UNAVAILABLE])
        if self.provider.moderation == "hangs":
            self._hang()
            return
        flagged = self.provider.moderation == "flagged"
        results = [_moderation_result(text, flagged=flagged) for text in _moderated_texts(body)]
        self._send_json({"id": "modr-1", "model": "omni-moderation-latest", "results": results})

    def _answer_models(self, name: str) -> None:
        self._check_key()
        if not name:
            self._send_json({"object": "list", "data": [self._model(each) for each in self.provider.models]})
        elif name in self.provider.models:
            self._send_json(self._model(name))
        else:
            raise _RefusedError(FAILURES[Mode.NOT_FOUND])

    def _model(self, name: str) -> Json:
        model: Json = {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "system"}
        shutdown_date = self.provider.models[name]
        return model | ({"shutdown_date": shutdown_date} if shutdown_date else {})

    def _answer_control(self, body: Json) -> None:
        try:
            self.provider.set_switches(body)
        except (TypeError, ValueError) as error:
            raise _RefusedError(Failure(HTTPStatus.BAD_REQUEST, None, str(error))) from error
        self._send_json(self.provider.state())

    def _answer_reset(self, _: Json) -> None:
        self.provider.reset()
        self._send_json(self.provider.state())

    # Answers.

    def _send_json(self, body: Json, *, status: HTTPStatus = HTTPStatus.OK, retry_after: str | None = None) -> None:
        headers = {"Retry-After": retry_after} if retry_after else {}
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send_failure(self, failure: Failure, *, retry_after: str | None = None) -> None:
        self._send_json(failure.json(), status=failure.status, retry_after=retry_after)

    def _send_page(self, status: HTTPStatus) -> None:
        page = f"<html><head><title>{status} {status.phrase}</title></head><body>gateway</body></html>"
        self._send(status, page.encode(), "text/html; charset=utf-8")

    def _send_redirect(self, location: str) -> None:
        self._send(HTTPStatus.FOUND, b"", "text/plain", {"Location": location})

    def _send(self, status: HTTPStatus, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        self._send_head(status, content_type, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _send_head(self, status: HTTPStatus, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        everywhere = {"Content-Type": content_type, "x-request-id": self.provider.next_request_id()}
        for name, value in (everywhere | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def _send_endlessly(self, content_type: str, start: bytes, filler: bytes) -> None:
        """Send chunks until the client leaves or the server stops (or ENDLESS_BYTES have gone), and break off."""
        self._send_head(HTTPStatus.OK, content_type, {"Transfer-Encoding": "chunked"})
        self.close_connection = True
        for chunk in itertools.chain([start], itertools.repeat(filler, ENDLESS_BYTES // len(filler))):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))


_BROKEN: dict[Mode, Callable[[_Handler, _Order], None]] = {
    Mode.NOT_JSON: _Handler._play_not_json,  # noqa: SLF001 - the table of the class above
    Mode.HUGE_BODY: _Handler._play_huge_body,  # noqa: SLF001
    Mode.CLOSES: _Handler._play_closes,  # noqa: SLF001
    Mode.CLOSES_MIDWAY: _Handler._play_closes_midway,  # noqa: SLF001
    Mode.RESET: _Handler._play_reset,  # noqa: SLF001
    Mode.HANGS: _Handler._play_hangs,  # noqa: SLF001
    Mode.TRICKLE: _Handler._play_trickle,  # noqa: SLF001
}


def _allow_many_sockets() -> None:
    """Lift the soft limit on open files: a thousand connections need more than the usual 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> None:
    """Run a provider until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.provider", description="An image provider on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free port")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each image answer")
    parser.add_argument("--mode", type=Mode, choices=list(Mode), default=Mode.OK)
    parser.add_argument("--key", help="the API key to insist on (default: any)")
    options = parser.parse_args()
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with LoopbackProvider(port=options.port, mode=options.mode, delay=options.delay, key=options.key) as provider:
        sys.stdout.write(f"{provider.base_url}\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
