"""Encoded headers: encoded once for many responses, in pairs for middlewares and in lines for the socket."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Self

Header = tuple[bytes, bytes]
WholeReply = tuple[int, bytes, bytes]
"""The status, the lines of the headers, and the body."""

_LINE: Final = b"%b: %b\r\n"


def lines_of(headers: Iterable[Header]) -> bytes:
    """The headers as the server sends them."""
    return b"".join([_LINE % header for header in headers])


class EncodedHeaders:
    """The headers of a response with a body in one piece, and ``lines``, their text.

    Responses share them, so they are never changed: longer ones refer to those that they begin with. The server sends
    ``lines`` without a check: a value from outside must be checked before.
    """

    __slots__ = ("_first", "_more", "lines")

    def __init__(self, first: Iterable[Header], more: Sequence[Header], lines: bytes) -> None:
        self._first = first
        self._more = more
        self.lines = lines

    @classmethod
    def of(cls, headers: Sequence[Header]) -> Self:
        """Encode these headers."""
        return cls((), tuple(headers), lines_of(headers))

    def __iter__(self) -> Iterator[Header]:
        """Yield all pairs."""
        yield from self._first
        yield from self._more

    def plus(self, name: bytes, value: bytes) -> "EncodedHeaders":
        """Return these headers and one more."""
        return EncodedHeaders(self, ((name, value),), self.lines + _LINE % (name, value))

    def plus_all(self, others: Sequence[Header]) -> "EncodedHeaders":
        """Return these headers and others."""
        return EncodedHeaders(self, tuple(others), self.lines + lines_of(others))
