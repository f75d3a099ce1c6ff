"""Headers that come all day: encoded once, in pairs for whoever reads them and in lines for whoever sends them."""

from collections.abc import Iterable
from typing import Final, Self

Header = tuple[bytes, bytes]

_LINE: Final = b"%b: %b\r\n"


def lines_of(headers: Iterable[Header]) -> bytes:
    """The headers as they are sent."""
    return b"".join([_LINE % header for header in headers])


class EncodedHeaders(list[Header]):
    """The headers of an answer whose body comes in one piece, and ``lines``, their text.

    Answers share them, so they are never changed. Nothing in them comes from outside unchecked: nobody looks again.
    """

    __slots__ = ("lines",)
    lines: bytes

    @classmethod
    def of(cls, headers: Iterable[Header]) -> Self:
        """These."""
        encoded = cls(headers)
        encoded.lines = lines_of(encoded)
        return encoded

    def plus(self, name: bytes, value: bytes) -> Self:
        """These and one more."""
        more = type(self)(self)
        more.append((name, value))
        more.lines = self.lines + _LINE % (name, value)
        return more
