"""The replicas: services with ports, folders and spools of their own, behind nginx."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.balancer import Balancer
from tests.support.service_runner import ServiceProcess


class Replica:
    """One of them; it keeps its port and its folder when it is started again."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        folder.mkdir()
        self._environment = environment
        self._folder = folder
        self.service = ServiceProcess(environment, folder)
        self.port = self.service.port

    def start(self) -> None:
        """Start it again, and wait until it is ready."""
        self.service = ServiceProcess(self._environment, self._folder, port=self.port)
        self.service.wait_until_ready()

    def stop(self) -> None:
        """Tell it to stop, as an orchestrator does, and wait for its end."""
        if self.service.stop() != 0:
            raise RuntimeError(f"it ended badly:\n{self.service.log()[-2000:]}")

    def waiting(self) -> int:
        """How many paid pictures wait in its spool."""
        return len(list(self._folder.glob("data/spool/*.spooled")))


class Fleet:
    """All replicas and what stands in front of them."""

    def __init__(self, replicas: list[Replica], balancer: Balancer) -> None:
        self.replicas = replicas
        self.balancer = balancer

    @property
    def url(self) -> str:
        """Where clients ask."""
        return self.balancer.url

    def roll(self) -> None:
        """Restart each in turn as an orchestrator does: out of the balancer, SIGTERM, start, ready, back in."""
        ports = [replica.port for replica in self.replicas]
        for replica in self.replicas:
            self.balancer.send_to([port for port in ports if port != replica.port])
            replica.stop()
            replica.start()
            self.balancer.send_to(ports)


@contextmanager
def fleet(environments: list[Mapping[str, str]], folder: Path) -> Iterator[Fleet]:
    """A replica for each environment, ready, behind nginx; killed at the end."""
    replicas = [Replica(environment, folder / f"replica-{n}") for n, environment in enumerate(environments)]
    try:
        for replica in replicas:
            replica.service.wait_until_ready()
        with Balancer([replica.port for replica in replicas], folder) as balancer:
            yield Fleet(replicas, balancer)
    finally:
        for replica in replicas:
            replica.service.kill()
