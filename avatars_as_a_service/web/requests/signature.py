"""Verifies the signature of a request's URL, once for a request."""

import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Scope

from avatars_as_a_service.domain.signing import Verdict, verdict
from avatars_as_a_service.web.requests.embed_path import EmbedPath
from avatars_as_a_service.web.schemas.requests import EmbedRequest

_VERDICT: Final = "avatars.signature"
_OURS: Final = frozenset(EmbedRequest.model_fields)
_SEED: Final = "seed"


def verify_signature(scope: Scope, signing_key: str | None) -> Verdict | None:
    """The verdict on the URL's signature, or ``None`` where the URL has no signature."""
    if _VERDICT not in scope:
        query: bytes = scope["query_string"]
        may_be_signed = b"sig" in query or b"%" in query  # a name may be percent-encoded too
        parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if may_be_signed else []
        path = EmbedPath.parse(scope["path"]) or EmbedPath()
        scope[_VERDICT] = verdict(_signed(parameters, path), signing_key, now=time.time())
    found: Verdict | None = scope[_VERDICT]
    return found


def _signed(parameters: Iterable[tuple[str, str]], path: EmbedPath) -> list[tuple[str, str]]:
    """The parameters that are ours; the seed in a path counts as one, and a ``seed`` beside it says nothing."""
    ours = [(name, value) for name, value in parameters if name in _OURS]
    if path.seed is None:
        return ours
    return [(_SEED, path.seed), *((name, value) for name, value in ours if name != _SEED)]
