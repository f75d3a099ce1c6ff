"""Servers of other makers, as far as they differ from OpenAI's: what they take, how they send a picture, how they fail.

Each is made after its maker's pages and the reports of its users; none has seen the server itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.fake_provider.images import Picture
from tests.support.fake_provider.scripted import Received, ScriptedServer, redirect, reply

BOM = b"\xef\xbb\xbf"
Json = dict[str, Any]
Item = Callable[[bytes, int, str], Json]
"""Puts a picture into the answer's list: its bytes, its number, the server's origin."""


def error(status: int, code: str | None, message: str, **more: object) -> bytes:
    """Say it as OpenAI does."""
    return reply({"error": {"message": message, "type": "error", "param": None, "code": code, **more}}, status=status)


def in_base64(data: bytes, _number: int, _origin: str) -> Json:
    return {"b64_json": base64.b64encode(data).decode()}


@dataclass(frozen=True, slots=True)
class Shape:
    """One server. Its ``name`` is its heading in the docs; ``refuses`` has the parameters that it does not take."""

    name: str
    calls: str = "/v1/images/generations"
    key_header: str = "authorization"
    query: str = ""
    refuses: frozenset[str] = frozenset()
    needs: Mapping[str, object] = field(default_factory=dict)
    does_not_take: Callable[[str], bytes] = lambda name: error(400, "unknown_parameter", f"Unknown parameter: {name}")
    item: Item = in_base64
    files_want_key: bool = False
    redirects: bool = False
    before_json: bytes = b""
    usage: Json | None = None
    refusal: bytes = error(400, "moderation_blocked", "Your request was rejected by the safety system.")
    no_money: bytes = reply({"error": {"message": "Payment required."}}, status=402)
    rate_limit: bytes = error(429, "rate_limit_exceeded", "Rate limit reached.")
    broken: bytes = reply({"created": 1, "data": []})


class ShapedServer:
    """Answers as its shape does, or with the fault that is set; keeps its pictures for download."""

    def __init__(self, shape: Shape, server: ScriptedServer) -> None:
        self.shape = shape
        self.fault: bytes | None = None
        self._server = server
        self._files: dict[str, bytes] = {}
        server.respond = self._respond

    def _respond(self, request: Received) -> bytes:
        path, _, query = request.path.partition("?")
        has_key = self.shape.key_header in request.headers
        if request.method == "GET":
            return self._download(path, has_key=has_key)
        if path != self.shape.calls or self.shape.query not in query or not has_key:
            return error(404, None, f"there is nothing at {request.path}")
        refused = min(self.shape.refuses & request.json.keys(), default=None)
        if refused is not None:
            return self.shape.does_not_take(refused)
        if any(request.json.get(name) != value for name, value in self.shape.needs.items()):
            return error(400, "missing", f"these are needed: {', '.join(self.shape.needs)}")
        return self.fault or self._drawn()

    def _drawn(self) -> bytes:
        number = len(self._files) + 1
        data = Picture(number, 64, 64, "png").data()
        self._files[f"/files/{number}.png"] = data
        answer: Json = {"created": 1, "data": [self.shape.item(data, number, self._server.origin)]}
        answer |= {} if self.shape.usage is None else {"usage": self.shape.usage}
        return reply(self.shape.before_json + json.dumps(answer).encode())

    def _download(self, path: str, *, has_key: bool) -> bytes:
        if self.shape.redirects and path.startswith("/short"):
            return redirect(path.replace("/short", "/files"))
        if path not in self._files:
            return reply(b"", status=404)
        if self.shape.files_want_key and not has_key:
            return reply({"detail": "unauthorized"}, status=401)
        return reply(self._files[path], media_type="image/png")


OPENAI = Shape(
    "OpenAI",
    refuses=frozenset({"response_format", "style"}),
    usage={"input_tokens": 150, "input_tokens_details": {"text_tokens": 150, "image_tokens": 0}, "output_tokens": 125},
    no_money=error(429, "insufficient_quota", "You exceeded your current quota."),
)
SHAPES = (
    OPENAI,
    Shape(
        "Azure OpenAI",
        calls="/openai/deployments/my-deployment/images/generations",
        key_header="api-key",
        query="api-version=2025-04-01-preview",
        refuses=frozenset({"response_format", "style"}),
        refusal=error(400, "contentFilter", "The prompt triggered the content management policy."),
    ),
    Shape(
        "xAI",
        refuses=frozenset({"size", "quality", "style"}),
        needs={"aspect_ratio": "1:1"},
        does_not_take=lambda name: reply(
            {"code": "Client specified an invalid argument", "error": f"Argument not supported: {name}"}, status=400
        ),
        refusal=reply(
            {"code": "invalid-argument", "error": "Generated image rejected by content moderation."}, status=400
        ),
    ),
    Shape(
        "Together",
        refuses=frozenset({"size", "quality"}),
        needs={"width": 1024, "height": 1024},
        item=lambda _data, number, origin: {"index": 0, "url": f"{origin}/short/{number}.png"},
        redirects=True,
    ),
    Shape(
        "LocalAI",
        item=lambda _data, number, origin: {
            "url": f"{origin.replace('127.0.0.1', 'localhost')}/files/{number}.png",
            "b64_json": "",
        },
        rate_limit=reply({"error": {"code": 429, "message": "too many", "type": ""}}, status=429),
    ),
    Shape(
        "SGLang",
        item=lambda _data, number, _origin: {"url": f"/files/{number}.png"},
        files_want_key=True,
        rate_limit=reply({"object": "error", "message": "overloaded", "code": 503}, status=503),
        broken=reply({"created": 1, "data": [{"b64_json": None, "url": None}]}),
    ),
    Shape(
        "vLLM-Omni",
        rate_limit=reply({"detail": "Too many requests"}, status=429),
        refusal=reply({"detail": [{"loc": ["body", "prompt"], "msg": "blocked by the safety filter"}]}, status=422),
        broken=reply(b"Internal Server Error", media_type="text/plain"),
    ),
    Shape(
        "Ollama",
        item=lambda data, _number, _origin: {"b64_json": base64.b64encode(data).decode().rstrip("=")},
        rate_limit=reply({"error": "server busy, please try again"}, status=503),
        broken=reply({"error": "the model ended"}),
    ),
    Shape(
        "Gemini",
        calls="/v1beta/openai/images/generations",
        refuses=frozenset({"quality", "output_format"}),
        item=lambda data, _number, _origin: {"b64_json": f"data:image/png;base64,{base64.b64encode(data).decode()}"},
        refusal=reply(
            [{"error": {"code": 400, "message": "Blocked by the safety filter.", "status": "INVALID_ARGUMENT"}}],
            status=400,
        ),
        rate_limit=reply([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}], status=429),
    ),
    Shape(
        "LiteLLM",
        calls="/images/generations",
        before_json=BOM,
        refusal=error(400, "400", "litellm.ContentPolicyViolationError: content_policy_violation", type=None),
        no_money=error(
            400, "400", "Budget has been exceeded! Current cost: 5.1, Max budget: 5.0", type="budget_exceeded"
        ),
        rate_limit=error(429, "429", "litellm.RateLimitError", type="throttling_error"),
    ),
)
IN_GZIP = replace(OPENAI, name="OpenAI, errors in gzip")
