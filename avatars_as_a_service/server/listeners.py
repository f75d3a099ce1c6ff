"""The listening sockets, opened before any other part of the service starts."""

import errno
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from avatars_as_a_service.settings import WrongSetting, variable

_PORT_WAIT_S: Final = 5.0
"""How long a busy port is waited for: the workers of a killed supervisor release it within that time."""
_RETRY_S: Final = 0.1
_ABSENT: Final = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class PortBusy(Exception):
    """Another process listens on the port; the message is one line that names the variable."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"{variable('port')}: port {port} of {host}: address already in use; "
            "choose another port, or end the program that listens on it"
        )


class Listeners:
    """The sockets of one port, on all IP addresses of the host."""

    def __init__(self, host: str, port: int) -> None:
        """Bind the port. Raises ``PortBusy`` while another process listens there, and ``WrongSetting``."""
        self._host, self._port = host, port
        self.sockets = self._bind_when_free(_addresses(host, port))

    def listen(self) -> None:
        """Listen; connections wait until they are accepted.

        Raises ``PortBusy`` where another process bound the port at the same moment and listened first.
        """
        try:
            for each in self.sockets:
                each.listen()
        except OSError as refused:
            raise PortBusy(self._host, self._port) from refused

    @property
    def urls(self) -> list[str]:
        """The URLs of the service, one for each socket."""
        names = [each.getsockname()[:2] for each in self.sockets]
        return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}" for host, port in names]

    def _bind_when_free(self, addresses: Sequence["_Address"]) -> list[socket.socket]:
        deadline = time.monotonic() + _PORT_WAIT_S
        while True:
            try:
                return _bind(addresses)
            except OSError as refused:
                if refused.errno != errno.EADDRINUSE:
                    name = "port" if refused.errno == errno.EACCES else "host"
                    problem = f"port {self._port} of {self._host}: {refused.strerror}"
                    raise WrongSetting(variable(name), problem) from refused
                if time.monotonic() >= deadline:
                    raise PortBusy(self._host, self._port) from refused
            time.sleep(_RETRY_S)


_Address = tuple[socket.AddressFamily, tuple[str | int, ...] | tuple[int, bytes]]


def _addresses(host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as unknown:
        raise WrongSetting(variable("host"), f"{host!r} is neither an IP address nor a known host name") from unknown
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _bind(addresses: Sequence[_Address]) -> list[socket.socket]:
    """Bind all addresses or none, but skip those that this machine lacks, such as ``::1`` where IPv6 is off."""
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        absent: OSError | None = None
        for family, address in addresses:
            try:
                listener = opened.enter_context(socket.socket(family))
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, len(addresses) > 1)
                listener.bind(address)
            except OSError as refused:
                if refused.errno not in _ABSENT:
                    raise
                absent = refused
                continue
            sockets.append(listener)
        if absent is not None and not sockets:
            raise absent
        opened.pop_all()
    return sockets
