"""Signed URLs: the holder of the signing key can publish URLs that have a face drawn, and no client can change them.

The signed text has each parameter but ``size``, ``format`` and ``sig``, as ``name=value``, both percent-encoded by
RFC 3986 (all but letters, digits and ``-._~``, from UTF-8, in capitals), sorted, joined by ``&``. The signature is the
text's HMAC-SHA256 under the key's UTF-8, in lower-case hex. The parameter ``exp`` is the time of expiry, in seconds
since 1970. A seed that stands in the path is signed as the parameter ``seed``.

White space around a key is stripped: a file or a copied line may add it. Signatures that were made under the key with
its line end, or with quotes around it, stay valid, also when those have been removed.
"""

import hmac
from collections.abc import Iterable
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode

MIN_KEY: Final = 16
"""The fewest characters of a key."""
SIGNATURE: Final = "sig"
EXPIRES: Final = "exp"
UNSIGNED: Final = frozenset({"size", "format", SIGNATURE})
"""The parameters that a client may change: they affect the rendition and not the face."""

_DAY_S: Final = 86_400
_MAX_DIGITS: Final = 12
"""The most digits of ``exp``; a longer one is no real date."""

Parameters = Iterable[tuple[str, str]]


class Verdict(StrEnum):
    """The validity of a signature."""

    VALID = "valid"
    WRONG = "wrong"
    EXPIRED = "expired"


def sign(parameters: Parameters, key: str) -> str:
    """Sign these decoded parameters; ``exp`` should be one of them."""
    return _signature(_signed_text(parameters), key.strip())


def signed_query(parameters: Parameters, key: str, *, expires: int) -> str:
    """Return the query string of a signed URL; ``expires`` is in seconds since 1970."""
    pairs = [*parameters, (EXPIRES, str(expires))]
    return urlencode([*pairs, (SIGNATURE, sign(pairs, key))])


def end_of_day(moment: float) -> int:
    """The moment, in seconds since 1970, rounded up to a whole UTC day: a URL is the same all day."""
    return -int(-moment // _DAY_S) * _DAY_S


def verdict(parameters: Parameters, key: str | None, *, now: float) -> Verdict | None:
    """Check the signature among these decoded parameters; ``now`` is in seconds since 1970. ``None`` without one.

    It is wrong without a key, without a whole number as ``exp``, and with a repeated parameter, which is ambiguous. The
    comparison takes constant time.
    """
    pairs = list(parameters)
    values = dict(pairs)
    if SIGNATURE not in values:
        return None
    expires = values.get(EXPIRES, "")
    if key is None or len(values) < len(pairs) or not _is_timestamp(expires):
        return Verdict.WRONG
    text, signature = _signed_text(pairs), values[SIGNATURE].encode()
    if not any(hmac.compare_digest(_signature(text, form).encode(), signature) for form in _forms(key)):
        return Verdict.WRONG
    return Verdict.EXPIRED if int(expires) < now else Verdict.VALID


def _forms(key: str) -> set[str]:
    """The key, as it is set, and as it may have been set."""
    plain = key.strip()
    return {plain, key, f"{plain}\n", f"{plain}\r\n", f"'{plain}'", f'"{plain}"'}


def _signature(text: str, key: str) -> str:
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()


def _is_timestamp(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def _signed_text(parameters: Parameters) -> str:
    return "&".join(sorted(f"{_encoded(name)}={_encoded(value)}" for name, value in parameters if name not in UNSIGNED))


def _encoded(text: str) -> str:
    return quote(text, safe="")
