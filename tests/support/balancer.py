"""nginx with the configuration of ``deploy/``, in front of services on loopback."""

import getpass
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import httpx

from tests.support.clock import wait_until
from tests.support.service_runner import free_port

CONFIGURATION: Final = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NGINX: Final = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


class Balancer:
    """A running nginx; only addresses and folders differ from the configuration that is handed out."""

    def __init__(self, ports: Sequence[int], folder: Path) -> None:
        """In front of the services on those ports, with its files in the folder."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder / f"nginx-{self.port}"
        self._folder.mkdir()
        self._ports = list(ports)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Listen."""
        assert NGINX is not None, "there is no nginx"
        self._write(self._ports)
        with (self._folder / "log").open("wb") as log:
            command = [
                NGINX,
                "-c",
                str(self._configuration),
                "-e",
                str(self._folder / "error.log"),
                "-g",
                f"daemon off; user {getpass.getuser()};",
            ]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        wait_until(self._listens)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop at once."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def send_to(self, ports: Sequence[int]) -> None:
        """From now on send new requests to these alone; those that are under way end where they are."""
        assert self._process is not None
        self._write(ports)
        self._process.send_signal(signal.SIGHUP)

    @property
    def workers(self) -> list[int]:
        """The processes that pass requests on."""
        assert self._process is not None
        return [
            int(pid) for pid in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        ]

    def log(self) -> str:
        """What it has said."""
        return "".join(path.read_text() for path in self._folder.glob("*log"))

    @property
    def _configuration(self) -> Path:
        return self._folder / "nginx.conf"

    def _write(self, ports: Sequence[int]) -> None:
        (self._folder / "cache").mkdir(exist_ok=True)
        self._configuration.write_text(self._text(ports))

    def _text(self, ports: Sequence[int]) -> str:
        text = CONFIGURATION.read_text()
        servers = "\n".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;" for port in ports)
        text, replaced = re.subn(r"(\s*server api-\d:8000 [^;]*;)+", f"\n{servers}", text)
        assert replaced == 1, "deploy/nginx.conf names its replicas in another way"
        for there, here in (
            ("listen 8080;", f"listen 127.0.0.1:{self.port};"),
            ("/tmp/nginx.pid", f"{self._folder}/pid"),
            ("/var/cache/nginx", f"{self._folder}/cache"),
            ("/dev/stderr", f"{self._folder}/error.log"),
            ("/dev/stdout", f"{self._folder}/access.log"),
        ):
            assert there in text, there
            text = text.replace(there, here)
        return text

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        try:
            httpx.get(f"{self.url}/metrics", timeout=5)
        except httpx.TransportError:
            return False
        return True


class PlainProxy(Balancer):
    """nginx as many set it up: one ``proxy_pass`` to this machine, and not a word of who asks."""

    def _text(self, ports: Sequence[int]) -> str:
        (port,) = ports
        folders = "".join(
            f"{kind}_temp_path {self._folder}/cache/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        location = f"location / {{ proxy_pass http://127.0.0.1:{port}; }}"
        server = f"server {{ listen 127.0.0.1:{self.port}; {location} }}"
        return f"pid {self._folder}/pid; events {{}} http {{ access_log off; {folders} {server} }}\n"
