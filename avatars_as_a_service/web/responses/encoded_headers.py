"""Encoded headers: encoded once for many responses, in pairs for middlewares and in lines for the socket."""

from collections.abc import Iterable
from typing import Final, Self

Header = tuple[bytes, bytes]

_LINE: Final = b"%b: %b\r\n"


def lines_of(headers: Iterable[Header]) -> bytes:
    """The headers as the server sends them."""
    return b"".join([_LINE % header for header in headers])


class EncodedHeaders(list[Header]):
    """The headers of a response with a body in one piece, and ``lines``, their text.

    Responses share them, so they are never changed. The server sends ``lines`` without a check: a value from outside
    must be checked before.
    """

    __slots__ = ("lines",)
    lines: bytes

    @classmethod
    def of(cls, headers: Iterable[Header]) -> Self:
        """Encode these headers."""
        encoded = cls(headers)
        encoded.lines = lines_of(encoded)
        return encoded

    def extended(self, headers: Iterable[Header]) -> Self:
        """Return these headers and some more."""
        more = list(headers)
        longer = type(self)([*self, *more])
        longer.lines = self.lines + lines_of(more)
        return longer

    def plus(self, name: bytes, value: bytes) -> Self:
        """Return these headers and one more."""
        more = type(self)(self)
        more.append((name, value))
        more.lines = self.lines + _LINE % (name, value)
        return more
