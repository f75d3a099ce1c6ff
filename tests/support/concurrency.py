"""Crowds: many requests at the same moment, spread over several services."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, product
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

from avatars_as_a_service.domain.features import VALUES

Json: TypeAlias = dict[str, Any]
Caller: TypeAlias = dict[str, str]
"""The headers by which somebody says who they are."""

_PATIENCE_S: Final = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, and the body's JSON."""

    status: int
    body: Json

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From all bytes of an HTTP answer."""
        head, body = raw.split(b"\r\n\r\n", 1)
        return cls(int(head.split(b" ", 2)[1]), json.loads(body))

    @property
    def image_hash(self) -> str:
        """The key of the face."""
        return str(self.body["data"]["image_hash"])

    @property
    def picture(self) -> str:
        """The name of the picture: its digest and format, without the host."""
        return str(self.body["data"]["image_url"]).rpartition("/")[2]


def different_faces(count: int, *, seed: int = 1) -> list[Json]:
    """So many bodies of ``POST /query``, no two for the same face; the same ones for the same seed."""
    everyone = list(product(*VALUES.values()))
    chosen = random.Random(seed).sample(everyone, count)
    return [{"properties": dict(zip(VALUES, face, strict=True))} for face in chosen]


def ask_all(urls: Sequence[str], bodies: Sequence[Json], *, headers: Sequence[Caller] = ({},)) -> list[Reply]:
    """What ``POST /query`` answers to each of the bodies, asked of the services and by the callers in turn, at once."""
    return asyncio.run(_ask_all(urls, bodies, headers))


async def _ask_all(urls: Sequence[str], bodies: Sequence[Json], headers: Sequence[Caller]) -> list[Reply]:
    asked = zip(cycle(urls), bodies, cycle(headers), strict=False)
    async with asyncio.timeout(_PATIENCE_S):
        return await asyncio.gather(*(_ask(url, body, caller) for url, body, caller in asked))


async def _ask(url: str, body: Json, caller: Caller) -> Reply:
    """One request on a connection of its own; a client library would take longer than the service."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    payload = json.dumps(body).encode()
    head = f"POST /query HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in caller.items())
    writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(payload) + payload)
    try:
        return Reply.parse(await reader.read())
    finally:
        writer.close()
