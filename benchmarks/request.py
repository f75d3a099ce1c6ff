"""A request: what the load generator and the probes send, byte for byte the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

HOST: Final = "avatars.example.com"


@dataclass(frozen=True, slots=True)
class Request:
    """A request with the Host of a real site, so that all servers are sent the same bytes."""

    method: str
    path: str
    body: bytes = b""
    more: tuple[tuple[str, str], ...] = ()

    @classmethod
    def query(cls, body: bytes) -> Self:
        """``POST /query`` with that body."""
        return cls("POST", "/query", body, (("Content-Type", "application/json"),))

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers but the length."""
        return [("Host", HOST), *self.more]

    @property
    def raw(self) -> bytes:
        """As it goes over the wire."""
        length = [("Content-Length", str(len(self.body)))] if self.body else []
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {said}" for name, said in self.headers + length)]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def write_requests(path: Path, requests: Iterable[Request]) -> Path:
    """The file that ``requests.lua`` reads: of each its length in decimal, a line's end, its bytes."""
    with path.open("wb") as file:
        for request in requests:
            raw = request.raw
            file.write(b"%d\n%s" % (len(raw), raw))
    return path
