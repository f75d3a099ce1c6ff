"""The object store: keeps picture bytes in a bucket or a folder, under names that never change."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import anyio.to_thread
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url

from avatars_as_a_service.domain.picture import Picture, PictureRef
from avatars_as_a_service.errors import ImageStoreUnavailable, PictureInAnotherStore

CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
_CONNECT: Final = timedelta(seconds=2)
_REQUEST: Final = timedelta(seconds=8)
_RETRIES: Final = 2
_READ_S: Final = 4
_MAX_MESSAGE: Final = 300
_STORE_ERRORS: Final = (BaseError, OSError, ValueError)
"""All that a store raises; a missing bucket and a full disk raise an ``OSError``."""


class ObjectStore:
    """Stores one object for each picture, written once and named like its URL: ``images/<digest>.<format>``.

    The store's URL is ``s3://bucket/prefix``, ``gs://…``, ``az://…`` or ``file:///folder``. Endpoint, region and
    credentials come from the environment variables of each cloud's own tools. All methods raise
    ``ImageStoreUnavailable`` if the store cannot be reached or refuses, within 25 s; a read within 4 s.
    """

    def __init__(self, url: str) -> None:
        """Connect nothing yet. Raises ``ValueError`` for a malformed URL or malformed credentials."""
        self._folder = Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None
        try:
            self._store = _from_folder(self._folder) if self._folder else _from_cloud(url)
        except _STORE_ERRORS as wrong:
            raise ValueError(_message(wrong)) from None

    async def get(self, ref: PictureRef) -> bytes:
        """Return the object's bytes.

        Raises ``PictureInAnotherStore`` if the store answers and has no such object.
        """
        try:
            async with asyncio.timeout(_READ_S):
                return bytes(await (await obstore.get_async(self._store, _name(ref))).bytes_async())
        except TimeoutError as late:
            raise ImageStoreUnavailable(f"no answer in {_READ_S} s") from late
        except FileNotFoundError as missing:
            raise PictureInAnotherStore(_message(missing)) from missing
        except _STORE_ERRORS as refused:
            raise ImageStoreUnavailable(_message(refused)) from refused

    async def has(self, ref: PictureRef) -> bool:
        """Whether the store has this object."""
        try:
            async with asyncio.timeout(_READ_S):
                await obstore.head_async(self._store, _name(ref))
        except TimeoutError as late:
            raise ImageStoreUnavailable(f"no answer in {_READ_S} s") from late
        except FileNotFoundError:
            return False
        except _STORE_ERRORS as refused:
            raise ImageStoreUnavailable(_message(refused)) from refused
        return True

    async def put(self, picture: Picture) -> None:
        """Write the object; an existing one stays as it is."""
        await anyio.to_thread.run_sync(self.put_now, picture)

    def put_now(self, picture: Picture) -> None:
        """Do what ``put`` does, in the calling thread."""
        try:
            self._create(_name(picture.ref), picture)
        except _STORE_ERRORS as refused:
            raise ImageStoreUnavailable(_message(refused)) from refused

    async def delete(self, ref: PictureRef) -> None:
        """Delete the object; a missing one is no error."""
        try:
            await obstore.delete_async(self._store, _name(ref))
        except FileNotFoundError:
            pass
        except _STORE_ERRORS as refused:
            raise ImageStoreUnavailable(_message(refused)) from refused

    def _create(self, name: str, picture: Picture) -> None:
        # A CDN may read a bucket directly, so its objects carry HTTP headers. A folder stores none.
        headers = {} if self._folder else {"Content-Type": picture.format.media_type, "Cache-Control": CACHE_CONTROL}
        try:
            obstore.put(self._store, name, picture.data, mode="create", attributes=headers or None)
        except AlreadyExistsError:
            if bytes(obstore.get(self._store, name).bytes()) != picture.data:  # replace a damaged object
                obstore.put(self._store, name, picture.data, attributes=headers or None)
        if self._folder:
            _sync(self._folder / name)


def _from_folder(folder: Path) -> LocalStore:
    """Open the store in this folder; create the folder if it is missing."""
    store = LocalStore(folder, mkdir=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder} may not be written")
    return store


def _from_cloud(url: str) -> obstore.store.ObjectStore:
    """Open the bucket of this URL. An endpoint variable with ``http://`` switches to plain HTTP."""
    return from_url(
        url,
        client_options={"connect_timeout": _CONNECT, "timeout": _REQUEST, "allow_http": True},
        retry_config={"max_retries": _RETRIES, "retry_timeout": _REQUEST},
    )


def _name(ref: PictureRef) -> str:
    return ref.path.removeprefix("/")


def _sync(path: Path) -> None:
    """Flush the file and its folder to the disk, before a row promises them."""
    for target in (path, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _message(refused: Exception) -> str:
    """Return the first line of the store's message; the next ones repeat the request."""
    first = (str(refused).splitlines() or [""])[0]
    return f"{type(refused).__name__}: {first}"[:_MAX_MESSAGE]
