"""Odd requests: well-formed ones with bytes changed, cut and doubled at random, sent over connections of their own."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from typing import Final

_CONNECTIONS: Final = 32
_WAIT_S: Final = 0.5
_SEEDS: Final = (
    b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /query HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"GET /avatar?mood=official&size=64&seed=me HTTP/1.1\r\nHost: x\r\nAccept: image/webp;q=0.3,*/*\r\n\r\n",
    b"GET /images/" + b"a" * 64 + b'.webp?size=64 HTTP/1.1\r\nHost: x\r\nIf-None-Match: W/"x", *\r\n\r\n',
    b"GET /stats HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n",
    b"DELETE /admin/faces/" + b"0" * 32 + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n",
    b"OPTIONS /query HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n\r\n",
)


def mutated(chance: random.Random) -> bytes:
    """Half of them changed anywhere; half well-formed HTTP whose body, path and headers are changed."""
    seed = chance.choice(_SEEDS)
    if chance.random() < 0.5:
        return _changed(seed, chance)
    words = _changed(b"/query?mood=fun&size=64", chance).translate(None, b"\r\n \0")
    path = chance.choice((b"/query", b"/avatar?", b"/images/", b"/admin/faces/", b"/docs")) + words
    body = _changed(b'{"properties": {"mood": "fun", "variant": 7, "description": null}}', chance)
    value = _changed(b"application/json", chance).translate(None, b"\r\n\0")
    name = chance.choice(
        (b"Content-Type", b"Authorization", b"Idempotency-Key", b"If-None-Match", b"Prefer", b"Origin")
    )
    method = chance.choice((b"POST", b"POST", b"GET", b"PUT", b"HEAD", b"OPTIONS"))
    target = chance.choice((b"/query", path))
    head = b"%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s: %s\r\n" % (method, target, name, value)
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _changed(text: bytes, chance: random.Random) -> bytes:
    request = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        at, kind = chance.randrange(len(request) + 1), chance.randrange(5)
        if kind == 0:
            request[at : at + 1] = chance.randbytes(1)
        elif kind == 1:
            request[at:at] = chance.randbytes(chance.randint(1, 40))
        elif kind == 2:
            del request[at : at + chance.randint(1, 10)]
        elif kind == 3:
            request[at:at] = request[at : at + chance.randint(1, 300)] * chance.randint(1, 8)
        else:
            request[at:at] = chance.choice((b"\r\n", b"%00", b"\xff", b"9" * 30, b'"', b"[" * 300, b"\\ud800", b"NaN"))
    return bytes(request)


async def send_all(port: int, requests: Iterable[bytes]) -> Counter[int]:
    """How often each status came; 0 for no answer within a moment: what was sent is no whole request."""
    statuses: Counter[int] = Counter()
    waiting = iter(requests)

    async def work() -> None:
        for request in waiting:
            statuses[await _send(port, request)] += 1

    await asyncio.gather(*(work() for _ in range(_CONNECTIONS)))
    return statuses


async def _send(port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        writer.write_eof()
        async with asyncio.timeout(_WAIT_S):
            return status(await reader.readline())
    except (TimeoutError, OSError):
        return 0
    finally:
        writer.close()


def status(line: bytes) -> int:
    """The status in the first line of an answer; 0 where there is none."""
    parts = line.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 else 0
