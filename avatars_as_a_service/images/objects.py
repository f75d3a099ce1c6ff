"""Objects: pictures' bytes outside the database, in a bucket or a folder, under names that never change."""

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

from avatars_as_a_service.errors import ImageStoreUnavailable
from avatars_as_a_service.picture import Picture, PictureRef

CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
_CONNECT: Final = timedelta(seconds=2)
_REQUEST: Final = timedelta(seconds=8)
_RETRIES: Final = 2
_READ_S: Final = 4
_MOST_WORDS: Final = 300
_REFUSALS: Final = (BaseError, OSError, ValueError)
"""Whatever a store says no with; a missing bucket and a full disk are an OSError."""


class Objects:
    """One object for each picture, written once and named like its address: ``images/<digest>.<format>``.

    The address is ``s3://bucket/prefix``, ``gs://…``, ``az://…`` or ``file:///folder``; endpoint, region and
    credentials come from the variables that those clouds' own tools read. All methods raise ``ImageStoreUnavailable``
    where the store cannot be reached or refuses, within 25 s; a read within 4.
    """

    def __init__(self, address: str) -> None:
        """Nothing is connected yet. Raises ``ValueError`` for an address or credentials that cannot be meant."""
        self._folder = Path(unquote(urlsplit(address).path)) if address.startswith("file:") else None
        try:
            self._store = _from_folder(self._folder) if self._folder else _from_cloud(address)
        except _REFUSALS as wrong:
            raise ValueError(_words(wrong)) from None

    async def get(self, ref: PictureRef) -> bytes:
        """The bytes as they were put. That they are not there is a fault of the store: somebody promised them."""
        try:
            async with asyncio.timeout(_READ_S):
                return bytes(await (await obstore.get_async(self._store, _name(ref))).bytes_async())
        except TimeoutError as late:
            raise ImageStoreUnavailable(f"no answer in {_READ_S} s") from late
        except _REFUSALS as refused:
            raise ImageStoreUnavailable(_words(refused)) from refused

    async def put(self, picture: Picture) -> None:
        """Put it there for good; where it is already, nothing changes."""
        await anyio.to_thread.run_sync(self.put_now, picture)

    def put_now(self, picture: Picture) -> None:
        """What ``put`` does, in the thread that calls it."""
        try:
            self._create(_name(picture.ref), picture)
        except _REFUSALS as refused:
            raise ImageStoreUnavailable(_words(refused)) from refused

    async def delete(self, ref: PictureRef) -> None:
        """Take it away; where it is gone already, nothing changes."""
        try:
            await obstore.delete_async(self._store, _name(ref))
        except FileNotFoundError:
            pass
        except _REFUSALS as refused:
            raise ImageStoreUnavailable(_words(refused)) from refused

    def _create(self, name: str, picture: Picture) -> None:
        # A folder knows no media type; the database does. In a bucket both are for a CDN that reads it by itself.
        said = {} if self._folder else {"Content-Type": picture.format.media_type, "Cache-Control": CACHE_CONTROL}
        try:
            obstore.put(self._store, name, picture.data, mode="create", attributes=said or None)
        except AlreadyExistsError:
            if bytes(obstore.get(self._store, name).bytes()) != picture.data:  # the name says what belongs there
                obstore.put(self._store, name, picture.data, attributes=said or None)
        if self._folder:
            _sync(self._folder / name)


def _from_folder(folder: Path) -> LocalStore:
    """The store in that folder, which is made where there is none."""
    store = LocalStore(folder, mkdir=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder} may not be written")
    return store


def _from_cloud(address: str) -> obstore.store.ObjectStore:
    """The store behind that address. Plain HTTP is spoken where the endpoint's own variable says ``http://``."""
    return from_url(
        address,
        client_options={"connect_timeout": _CONNECT, "timeout": _REQUEST, "allow_http": True},
        retry_config={"max_retries": _RETRIES, "retry_timeout": _REQUEST},
    )


def _name(ref: PictureRef) -> str:
    return ref.path.removeprefix("/")


def _sync(path: Path) -> None:
    """See to it that the file outlives a power cut: its row is about to promise that."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _words(refused: Exception) -> str:
    """The store's first line; what follows repeats the request."""
    first = (str(refused).splitlines() or [""])[0]
    return f"{type(refused).__name__}: {first}"[:_MOST_WORDS]
