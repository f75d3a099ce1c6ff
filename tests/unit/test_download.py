"""A picture's address from a provider: nothing inside the operator's network is fetched, whatever the names say."""

import asyncio
import socket
from typing import Any, Final

import httpx2
import pytest

from avatars_as_a_service.providers.download import Downloader, DownloadFailed

PROVIDER: Final = httpx2.URL("https://api.openai.example/v1/")
PUBLIC: Final = "93.184.215.14"
Answers = dict[str, list[list[str]]]


class Network:
    """Answers names as it is told, each time with the next answer, and notes where anybody would connect to."""

    def __init__(self) -> None:
        self.names: Answers = {}
        self.asked: list[str] = []
        self.reached: list[str] = []

    async def getaddrinfo(self, _loop: object, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        told = self.names.get(host)
        if told is None:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        addresses = told.pop(0) if len(told) > 1 else told[0]
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    async def connect(self, _loop: object, _socket: object, address: tuple[Any, ...]) -> None:
        self.reached.append(address[0])
        raise ConnectionRefusedError


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()
    loop = asyncio.SelectorEventLoop

    async def getaddrinfo(self: object, host: str, port: int, **more: object) -> list[tuple[Any, ...]]:
        return await network.getaddrinfo(self, host, port, **more)

    async def sock_connect(self: object, connection: object, address: tuple[Any, ...]) -> None:
        await network.connect(self, connection, address)

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(loop, "sock_connect", sock_connect)
    monkeypatch.setattr("avatars_as_a_service.providers.download._PAUSE_S", 0)
    return network


def fetch(address: str) -> str:
    """The words of the failure."""
    downloader = Downloader(provider=PROVIDER, key={})
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner, pytest.raises(DownloadFailed) as failed:
        runner.run(downloader.download(address))
    return str(failed.value)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[::127.0.0.1]",
        "[::]",
        "[ff02::1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f000001",
    ],
)
def test_an_address_inside_is_not_fetched(network: Network, host: str) -> None:
    assert "public internet" in fetch(f"http://{host}/picture.png")
    assert network.reached == []


@pytest.mark.parametrize("answers", [["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1", PUBLIC]])
def test_a_name_that_leads_inside_is_not_fetched(network: Network, answers: list[str]) -> None:
    network.names["pictures.example"] = [answers]

    assert "public internet" in fetch("https://pictures.example/picture.png")
    assert network.reached == []


def test_a_name_that_changes_its_mind_is_fetched_where_it_was_checked(network: Network) -> None:
    """DNS rebinding: public while it is checked, the operator's own network whenever it is asked again."""
    network.names["pictures.example"] = [[PUBLIC], ["10.0.0.1"]]

    assert "public internet" in fetch("http://pictures.example/picture.png")
    assert network.reached == [PUBLIC]
    assert network.asked == ["pictures.example"] * 2


@pytest.mark.parametrize("address", ["ftp://pictures.example/x", "file:///etc/passwd", "gopher://x/", "data:,x"])
def test_other_schemes_are_not_fetched(network: Network, address: str) -> None:
    assert "neither http nor https" in fetch(address)
    assert network.reached == network.asked == []


def test_the_provider_s_own_host_may_be_inside_and_its_other_ports_may_not(network: Network) -> None:
    network.names["api.openai.example"] = [["10.0.0.1"]]

    fetch("/pictures/1.png")
    assert network.reached == ["10.0.0.1"] * 3
    assert "public internet" in fetch("https://api.openai.example:8443/pictures/1.png")
    assert len(network.reached) == 3
