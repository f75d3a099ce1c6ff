"""Redaction: takes the prompt and secrets out of what a provider says. Pure."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

_READ: Final = 2000
"""Characters of a message that are looked at."""
_KEPT: Final = 200
_GAP: Final = "…"
_SHORTEST_PIECE: Final = 12
"""Shorter pieces that a message and a prompt have in common are words of the language."""
_SHORTEST_SECRET: Final = 6
"""A shorter one is replaced where it is a word of its own; its pieces are everywhere."""
_SECRETIVE: Final = re.compile(
    r"\S*\*{3,}\S*"  # a key that the provider has masked itself, all but its ends
    r"|\bsk-[\w-]{4,}"
    r"|(?i:\b(?:bearer|basic|api[-_]key)\s*[:= ]\s*\S+)"
    r"|\b[\w.+-]+@[\w-]+\.[\w.-]+"  # an e-mail address
    r"|(?<=://)[^/\s@]+@"  # the user of a URL
    r"|\?\S+"  # the query of a URL, such as a signature
)


def redacted(message: str, *, prompt: str, secrets: Iterable[str]) -> str:
    """Return the message in one line of at most 200 characters, without pieces of the prompt and without secrets."""
    text = _one_line(message[:_READ])
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        if len(secret) < _SHORTEST_SECRET:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", _GAP, text, flags=re.IGNORECASE)
        else:
            text = _without(text, secret, shortest=max(_SHORTEST_SECRET, len(secret) // 2))
    text = _SECRETIVE.sub(_GAP, text)
    text = _without(text, _one_line(prompt), shortest=_SHORTEST_PIECE)
    text = re.sub(rf"{_GAP}[\s{_GAP}]*{_GAP}", _GAP, text)
    return text if len(text) <= _KEPT else text[: _KEPT - 1] + _GAP


def _one_line(text: str) -> str:
    """Return the printable characters, with single blanks between words."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    return " ".join(words)


def _without(text: str, hidden: str, *, shortest: int) -> str:
    """Replace each piece that both have in common, if it has so many characters or is all that is hidden."""
    if not hidden or not text:
        return text
    shortest = min(shortest, len(hidden))
    while True:
        match = SequenceMatcher(None, text.lower(), hidden.lower(), autojunk=False).find_longest_match()
        if match.size < shortest:
            return text
        text = f"{text[: match.a]}{_GAP}{text[match.a + match.size :]}"
