"""Known hosts: the names under which a client on this machine may have faces paid for while there is no API key.

A page elsewhere can send requests to a service on its visitor's machine. It can also point a name of its own at
127.0.0.1, and then read the answers. In both cases the browser sends the page's name in ``Host`` or ``Origin``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import structlog

from avatars_as_a_service.errors import UnknownHost
from avatars_as_a_service.settings import variable

_PORT: Final = re.compile(r":\d*$")
_THIS_MACHINE: Final = ("localhost", "*.localhost", "127.0.0.1", "[::1]")
_PAGE_SCHEMES: Final = {"http", "https"}
_MAX_LOGGED: Final = 255
"""Characters of a host or an origin in the log."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The names of this machine and the hosts and origins that the operator has set."""

    exact: frozenset[str]
    endings: tuple[str, ...]
    origins: frozenset[str]

    @classmethod
    def of(cls, hosts: Iterable[str], *, origins: Iterable[str]) -> Self:
        """This machine's names and these ``hosts`` (``*.example.org``: all below a name); pages of these origins."""
        names = [name_of(host) for host in (*_THIS_MACHINE, *hosts)]
        return cls(
            exact=frozenset(name for name in names if not name.startswith("*.")),
            endings=tuple(name[1:] for name in names if name.startswith("*.")),
            origins=frozenset(origins),
        )

    def problem(self, hosts: frozenset[str], origin: str | None) -> UnknownHost | None:
        """The error for a request from this machine to these hosts by a page of this origin; ``None``: all are known.

        The error and a line in the log name the setting that would allow the request.
        """
        if not all(map(self._has_host, hosts)):
            settings = f"{variable('public_url')} or {variable('allowed_hosts')}"
        elif hosts and origin is not None and not self._has_origin(origin):
            settings = variable("cors_origins")
        else:
            return None
        log.warning(
            "a request from this machine is not paid for: its host or its page is not known",
            hosts=sorted(host[:_MAX_LOGGED] for host in hosts),
            origin=None if origin is None else origin[:_MAX_LOGGED],
            settings=settings,
        )
        return UnknownHost(settings)

    def _has_host(self, host: str) -> bool:
        name = name_of(host)
        return name in self.exact or name.endswith(self.endings)

    def _has_origin(self, origin: str) -> bool:
        scheme, _, host = origin.partition("://")
        return "*" in self.origins or origin in self.origins or (scheme in _PAGE_SCHEMES and self._has_host(host))


def name_of(host: str) -> str:
    """A host without its port, in lower case, without the dot that ends a full name."""
    return _PORT.sub("", host.strip()).lower().removesuffix(".")
