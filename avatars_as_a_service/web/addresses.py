"""Addresses of pictures, as browsers reach them."""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from starlette.types import Scope

from avatars_as_a_service.features import Features
from avatars_as_a_service.picture import PictureFormat, PictureRef, picture_path
from avatars_as_a_service.service.conversation import Answer

_PLAIN: Final = Features()
_HOST: Final = re.compile(rb"[A-Za-z0-9._\[\]:-]+")
_LONGEST_HOST: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """How pictures are pointed to: under which address of ours, where one is set, and in which format and size.

    ``images_url`` stands before kept pictures alone, such as a CDN's.
    """

    public_url: str | None
    images_url: str | None = None
    default_format: PictureFormat
    default_size: int

    def base(self, scope: Scope, host: bytes | None, *, kept: bool) -> str:
        """What stands before the path of a kept picture or stand-in, without a slash at its end: as set, or as asked.

        A host that cannot be one is not repeated; then it is the address that the server listens on.
        """
        if self.images_url is not None and kept:
            return self.images_url
        if self.public_url is not None:
            return self.public_url
        if host is not None and len(host) > _LONGEST_HOST:
            host = None
        return _base_url(scope["scheme"], host, scope.get("server"), scope.get("root_path", ""))

    def path(self, answer: Answer) -> str:
        """The picture's path; for a stand-in the face's own address, which shows the real face once there is one."""
        if answer.picture is not None:
            return self.picture(answer.picture)
        return avatar_path(answer.features or _PLAIN)

    def picture(self, picture: PictureRef) -> str:
        """The path of a kept picture in the usual format and size."""
        return picture_path(picture.digest, self.default_format, self.default_size)


@lru_cache(1024)
def _base_url(scheme: str, host: bytes | None, server: tuple[str, int | None] | None, root_path: str) -> str:
    if host is None or _HOST.fullmatch(host) is None:
        name, port = server or ("127.0.0.1", None)
        host = f"{name}:{port}".encode() if port else name.encode()
    return f"{scheme}://{host.decode()}{root_path}"


def avatar_path(features: Features) -> str:
    """The address of the face with these features, with nothing of what was not asked for but its mood."""
    asked = {"mood": str(features.mood)}
    for field in fields(features):
        value = getattr(features, field.name)
        if value != getattr(_PLAIN, field.name):
            asked[field.name] = "true" if value is True else str(value)
    return f"/avatar?{urlencode(asked)}"
