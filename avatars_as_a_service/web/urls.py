"""The URLs of pictures, as browsers reach them."""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.types import Scope

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.picture import PictureFormat, PictureRef, picture_path
from avatars_as_a_service.domain.query import Answer

_PLAIN: Final = Features()
_HOST: Final = re.compile(rb"[A-Za-z0-9._\[\]:-]+")
_LONGEST_HOST: Final = 255
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_ROOT_PATH: Final = "avatars.root_path"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureUrls:
    """Builds the URLs of pictures: from the service's own URL, where one is set, in the default format and size.

    ``images_url`` is the base of kept pictures only, such as a CDN's.
    """

    public_url: str | None
    images_url: str | None = None
    default_format: PictureFormat
    default_size: int

    def base(self, scope: Scope, host: bytes | None, *, kept: bool) -> str:
        """The URL before the path of a kept picture or a stand-in, without a final slash: as set, or as requested.

        An invalid host is replaced by the address that the server listens on.
        """
        if self.images_url is not None and kept:
            return self.images_url
        if self.public_url is not None:
            return self.public_url
        if host is not None and len(host) > _LONGEST_HOST:
            host = None
        return _base_url(scope["scheme"], host, scope.get("server"), root_path_of(scope))

    def path(self, answer: Answer) -> str:
        """The picture's path; for a stand-in the face's ``/avatar`` path, which shows the kept face once it exists."""
        if answer.picture is not None:
            return self.picture_path(answer.picture)
        return avatar_path(answer.features or _PLAIN, size=self.default_size)

    def picture_path(self, picture: PictureRef) -> str:
        """The path of a kept picture in the default format and size."""
        return picture_path(picture.digest, self.default_format, self.default_size)


@lru_cache(1024)
def _base_url(scheme: str, host: bytes | None, server: tuple[str, int | None] | None, root_path: str) -> str:
    if host is None or _HOST.fullmatch(host) is None:
        name, port = server or ("127.0.0.1", None)
        host = f"{name}:{port}".encode() if port else name.encode()
    return f"{scheme}://{host.decode()}{root_path}"


def origin_of(url: str) -> str:
    """The origin of pages under this URL, as browsers write it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{host}"


def root_path_of(scope: Scope) -> str:
    """The path below which the client sees the service; empty if a host is the service's own."""
    root_path: str = scope.get(_ROOT_PATH, "")
    return root_path


def set_root_path(scope: Scope, root_path: str) -> None:
    """Set the path below which the client sees the service."""
    scope[_ROOT_PATH] = root_path


def face_path(image_hash: str) -> str:
    """The path that tells whether the face with this key is kept or drawn."""
    return f"/faces/{image_hash}"


def avatar_path(features: Features, *, size: int) -> str:
    """The ``/avatar`` path of the face with these features: its mood, each feature that is not the default, a size."""
    parameters = {"mood": str(features.mood)}
    for field in fields(features):
        value = getattr(features, field.name)
        if value != getattr(_PLAIN, field.name):
            parameters[field.name] = "true" if value is True else str(value)
    return f"/avatar?{urlencode(parameters | {'size': str(size)})}"
