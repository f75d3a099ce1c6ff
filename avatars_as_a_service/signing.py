"""Signatures of addresses: who holds the key may hand out addresses that have a face drawn, and nobody can change them.

The text that is signed is each parameter but ``size``, ``format`` and ``sig``, as ``name=value``, both percent-encoded
as RFC 3986 says (all but letters, digits and ``-._~``, from UTF-8, in capitals), sorted, joined by ``&``. The signature
is its HMAC-SHA256 under the key's UTF-8, in lower-case hex. ``exp`` is among the parameters: until when, in seconds
since 1970.
"""

import hmac
from collections.abc import Iterable
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode

MIN_KEY: Final = 16
"""Characters in the shortest key."""
SIGNATURE: Final = "sig"
EXPIRES: Final = "exp"
UNSIGNED: Final = frozenset({"size", "format", SIGNATURE})
"""Parameters that anybody may change: they change what is shown, and not what is drawn."""

_LONGEST: Final = 12
"""Digits in the latest ``exp``; more are no moment that anybody means."""

Parameters = Iterable[tuple[str, str]]


class Verdict(StrEnum):
    """What a signature is worth."""

    VALID = "valid"
    WRONG = "wrong"
    EXPIRED = "expired"


def sign(parameters: Parameters, key: str) -> str:
    """The signature of these decoded parameters; ``exp`` should be one of them."""
    return hmac.new(key.encode(), _signed_text(parameters).encode(), "sha256").hexdigest()


def signed_query(parameters: Parameters, key: str, *, expires: int) -> str:
    """What stands after the ``?`` of a signed address; it expires so many seconds after the beginning of 1970."""
    pairs = [*parameters, (EXPIRES, str(expires))]
    return urlencode([*pairs, (SIGNATURE, sign(pairs, key))])


def verdict(parameters: Parameters, key: str | None, *, now: float) -> Verdict | None:
    """What the signature among these decoded parameters is worth at that moment, in seconds since 1970.

    ``None`` where there is none. It is wrong where there is no key, no or no whole ``exp``, or a parameter that comes
    twice, of which nobody knows which one was meant. The comparison takes as long for a near miss as for nonsense.
    """
    pairs = list(parameters)
    said = dict(pairs)
    if SIGNATURE not in said:
        return None
    expires = said.get(EXPIRES, "")
    if key is None or len(said) < len(pairs) or not _is_moment(expires):
        return Verdict.WRONG
    if not hmac.compare_digest(sign(pairs, key).encode(), said[SIGNATURE].encode()):
        return Verdict.WRONG
    return Verdict.EXPIRED if int(expires) < now else Verdict.VALID


def _is_moment(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST


def _signed_text(parameters: Parameters) -> str:
    return "&".join(sorted(f"{_encoded(name)}={_encoded(value)}" for name, value in parameters if name not in UNSIGNED))


def _encoded(text: str) -> str:
    return quote(text, safe="")
