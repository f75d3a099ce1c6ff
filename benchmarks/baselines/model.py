"""The image model: answers in OpenAI's form after a fixed time, with a picture of real size, each time another one."""

import asyncio
import base64
import json
from io import BytesIO
from itertools import count
from typing import Final

from PIL import Image, ImageFilter, ImageOps
from starlette.types import ASGIApp, Receive, Scope, Send

DELAY_S: Final = 0.2
_SIDE: Final = 1024
_MARK: Final = b"picture 0000000000"
_USAGE: Final = {"input_tokens": 120, "output_tokens": 196, "input_tokens_details": {"text_tokens": 120}}


def model() -> ASGIApp:
    """Answers everything."""
    picture, numbers = _picture(), count(1)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
            await asyncio.sleep(DELAY_S)
        drawn = picture.replace(_MARK, b"picture %010d" % next(numbers))
        item = {"b64_json": base64.b64encode(drawn).decode()}
        body = json.dumps({"created": 1, "data": [item], "usage": _USAGE}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _picture() -> bytes:
    """A WebP of 1024 by 1024 with as much in it as a drawing has; ``_MARK`` stands in its metadata."""
    grain = [Image.effect_noise((_SIDE, _SIDE), 90).filter(ImageFilter.GaussianBlur(1)) for _ in range(3)]
    disc = Image.radial_gradient("L").resize((_SIDE, _SIDE))
    slope = Image.linear_gradient("L").resize((_SIDE, _SIDE))
    drawing = Image.blend(Image.merge("RGB", (disc, slope, ImageOps.invert(disc))), Image.merge("RGB", grain), 0.35)
    file = BytesIO()
    drawing.save(file, "WEBP", quality=85, xmp=_MARK)
    return file.getvalue()
