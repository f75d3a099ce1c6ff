"""The path of a face for an ``<img>`` element: ``/avatar``, or ``/avatar/{text}`` with or without an extension."""

import re
from dataclasses import dataclass
from typing import Final, Self

from avatars_as_a_service.domain.picture import PictureFormat

AVATAR: Final = "/avatar"
BY_TEXT: Final = f"{AVATAR}/{{text}}"
"""The template of the paths that end in a text. It stands for each of them in logs and metrics."""
_PREFIX: Final = f"{AVATAR}/"
_BY_TEXT: Final = re.compile(rf"{_PREFIX}([^/\x00-\x1f\x7f]+)")
_GIF: Final = "gif"
_GRAVATAR: Final = re.compile(r"[0-9A-Fa-f]{32}(?:[0-9A-Fa-f]{32})?")


@dataclass(frozen=True, slots=True)
class EmbedPath:
    """The seed in a path, the format of its extension, and whether it is a Gravatar or Libravatar URL."""

    seed: str | None = None
    format: PictureFormat | None = None
    is_gravatar: bool = False

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Read the last part of a path, decoded. An unknown extension is part of the seed."""
        seed, dot, extension = text.rpartition(".")
        kind = PictureFormat.PNG if extension.lower() == _GIF else PictureFormat.named(extension)
        if not dot or kind is None:
            seed, kind = text, None
        is_gravatar = _GRAVATAR.fullmatch(seed) is not None
        return cls(seed.lower() if is_gravatar else seed, kind, is_gravatar)

    @classmethod
    def parse(cls, path: str) -> Self | None:
        """Read a decoded path; ``None`` for one that shows no face."""
        if path == AVATAR:
            return cls()
        named = _BY_TEXT.fullmatch(path)
        return None if named is None else cls.of_text(named[1])


def is_by_text(path: str) -> bool:
    """Whether the path may hold a seed, which belongs in no log."""
    return path.startswith(_PREFIX)
