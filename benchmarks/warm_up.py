"""The warm-up: fills a service's memory before it is measured."""

from pathlib import Path

from benchmarks.catalogue import SMALL_PICTURE, all_faces, body
from benchmarks.load import Load
from benchmarks.request import Request, write_requests
from benchmarks.server import Server


def every_face(folder: Path) -> Path:
    """Write a file of requests: each face of the catalogue once."""
    return write_requests(folder / "catalogue", (Request.query(body(face)) for face in all_faces()))


def warm_up(service: Server, folder: Path) -> None:
    """Ask for every face and for the picture, until they are in memory."""
    Load(requests=every_face(folder), order="in_order").at_least(service, len(all_faces()))
    service.until(Request("GET", SMALL_PICTURE.ref.path), {200})
