"""Answers: reads the picture and the usage out of a successful answer, however a server wraps them."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from pydantic import BaseModel, ValidationError

from avatars_as_a_service.domain.pricing import Usage
from avatars_as_a_service.imaging.inspection import NotAPicture
from avatars_as_a_service.providers.base import BilledWithoutPicture

_BOM: Final = b"\xef\xbb\xbf"
_DATA_URI: Final = re.compile(r"\s*data:([^,]*),", re.IGNORECASE)
_BLANKS: Final = str.maketrans("", "", " \t\r\n\f\v")
_TO_STANDARD: Final = str.maketrans("-_", "+/")
"""The two letters in which the URL-safe alphabet differs."""


class _Item(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class _Answer(BaseModel):
    data: list[_Item]
    usage: Any = None


class PaidAnswer:
    """The answer of a call that is billed: the usage, and the bytes or the link of its first picture."""

    def __init__(self, body: bytes, request_id: str | None) -> None:
        """Read the body. Raises ``BilledWithoutPicture`` if it is not the JSON of a picture."""
        self.request_id = request_id
        try:
            answer = _Answer.model_validate_json(body.removeprefix(_BOM))
        except ValidationError as wrong:
            reason = "it is not the JSON of a picture"
            raise BilledWithoutPicture("unreadable_answer", reason=reason, usage=None, request_id=request_id) from wrong
        self.usage = _usage(answer.usage)
        if not answer.data:
            raise self.failure("it holds no picture")
        self._item = answer.data[0]

    def failure(self, reason: str) -> BilledWithoutPicture:
        """Return the failure of an answer without a usable picture."""
        return BilledWithoutPicture("no_picture", reason=reason, usage=self.usage, request_id=self.request_id)

    def picture(self) -> bytes | str:
        """Return the picture's bytes, or the link under which it is. Raises ``NotAPicture``."""
        inline, link = self._item.b64_json, self._item.url
        if inline:
            return _decoded(inline)
        if not link:
            raise NotAPicture("it has neither bytes nor a URL")
        return _decoded(link) if _DATA_URI.match(link) else link


def _decoded(text: str) -> bytes:
    """Decode base64 in either alphabet, with blanks and without padding too, bare or in a ``data:`` URI."""
    uri = _DATA_URI.match(text)
    if uri is not None:
        if not uri[1].lower().rstrip().endswith("base64"):
            raise NotAPicture("its data URI is not in base64")
        text = unquote(text[uri.end() :])
    letters = text.translate(_BLANKS).rstrip("=").translate(_TO_STANDARD)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NotAPicture("it is no base64") from wrong


def _usage(usage: Any) -> Usage | None:  # noqa: ANN401 - a compatible server may send any JSON
    """Return the tokens if the provider reports them in OpenAI's form."""
    if not isinstance(usage, Mapping):
        return None
    details = usage.get("input_tokens_details")
    details = details if isinstance(details, Mapping) else {}
    text_in = details.get("text_tokens", usage.get("input_tokens"))
    tokens = [text_in, details.get("image_tokens", 0), usage.get("output_tokens")]
    return Usage(*tokens) if all(isinstance(number, int) for number in tokens) else None
