"""Object stores on loopback: a folder, and a bucket of an S3 server that can be cut off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
from moto.server import ThreadedMotoServer
from obstore.store import LocalStore, ObjectStore, S3Store

from tests.support import patient
from tests.support.fault_proxy import FaultProxy

SECRET: Final = "planted-secret-of-the-bucket"
_BUCKET: Final = "faces"
_PREFIX: Final = "of/everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where a service keeps its pictures: its environment, the store as others see it, how it goes and comes back."""

    environment: dict[str, str]
    store: ObjectStore
    begin_outage: Callable[[], None]
    end_outage: Callable[[], None]
    freeze: Callable[[], None] | None = None


@contextmanager
def folder(parent: Path) -> Iterator[Bucket]:
    """A folder; in an outage a file stands in its place."""
    place = parent / "pictures with a space"
    away = parent / "away"

    def begin() -> None:
        place.rename(away)
        place.touch()

    def end() -> None:
        place.unlink()
        away.rename(place)

    yield Bucket(
        environment={"AVATARS_IMAGE_STORE": f"file://{place}".replace(" ", "%20")},
        store=LocalStore(place, mkdir=True),
        begin_outage=begin,
        end_outage=end,
    )


@contextmanager
def bucket() -> Iterator[Bucket]:
    """A bucket of moto's S3 server, behind a proxy."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        address = "http://{}:{}".format(*server.get_host_and_port())
        with FaultProxy("127.0.0.1", urlsplit(address).port or 0) as proxy:
            patient.post(
                f"{address}/moto-api/reset"
            ).raise_for_status()  # what is kept belongs to the process, not to it
            make_bucket(address)
            yield Bucket(
                environment=s3_environment(f"http://127.0.0.1:{proxy.port}"),
                store=S3Store(
                    _BUCKET,
                    prefix=_PREFIX,
                    endpoint=address,
                    access_key_id="key",
                    secret_access_key=SECRET,
                    region="us-east-1",
                    client_options={"allow_http": True},
                ),
                begin_outage=proxy.cut,
                end_outage=proxy.restore,
                freeze=proxy.freeze,
            )
    finally:
        server.stop()


def make_bucket(address: str) -> None:
    """Make the bucket that ``s3_environment`` names on the S3 server at that address."""
    httpx.put(f"{address}/{_BUCKET}", timeout=120).raise_for_status()


def s3_environment(endpoint: str) -> dict[str, str]:
    """The environment of a service that keeps its pictures in that server's bucket."""
    return {
        "AVATARS_IMAGE_STORE": f"s3://{_BUCKET}/{_PREFIX}/",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
