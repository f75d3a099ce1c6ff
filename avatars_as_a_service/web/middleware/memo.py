"""A bounded memo: what is asked for all day is computed once."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

MAX_ENTRIES: Final = 16_384
"""More than there are faces in the whole catalogue."""


def remember(memo: dict[_K, _V], key: _K, value: _V) -> None:
    """Put an entry into the memo; a full memo starts anew, and what is asked for often soon comes back."""
    if len(memo) >= MAX_ENTRIES:
        memo.clear()
    memo[key] = value


class ByteBoundMemo(Generic[_K, _V]):
    """A memo of at most so many bytes; what was put into it first makes room for what is new.

    It keeps no order of use: noting each look-up takes longer than computing again what is dropped too early.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[_K, tuple[_V, int]] = OrderedDict()
        self._size = 0

    def get(self, key: _K) -> _V | None:
        """Return the entry under that key, or ``None``."""
        found = self._entries.get(key)
        return None if found is None else found[0]

    def put(self, key: _K, value: _V, size: int) -> None:
        """Put an entry of so many bytes into the memo, unless it alone is larger than the bound."""
        if size > self._max_bytes:
            return
        replaced = self._entries.pop(key, None)
        self._entries[key] = value, size
        self._size += size - (0 if replaced is None else replaced[1])
        while self._size > self._max_bytes:
            _, (_, dropped) = self._entries.popitem(last=False)
            self._size -= dropped

    def clear(self) -> None:
        """Drop all entries."""
        self._entries.clear()
        self._size = 0
