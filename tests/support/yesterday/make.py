"""Makes the data of yesterday: what the code of one commit leaves behind, on each kind of database.

    git checkout a5ec675 -- avatars_as_a_service
    python -m tests.support.yesterday.make

That commit's code made it once, on 2026-11-26, and it is not made again: from then on every change is tried against
what is kept here. It is here to be read. Only `avatars serve` and the other commands write into the databases, with the
settings of ``settings.env``, and a provider on loopback draws, so that pictures, digests and costs are the same on all.
Two things that chance decides are replaced, so that no dump holds what looks like a secret or names a machine: an API
key's text, and the host in the owner of a claim.

It leaves ``dump.sql`` and ``spool/`` in a folder for each kind of database; and for all of them ``truth.json``, which
is what was asked and what the answer was, and ``pictures.json``, whose bytes the dumps name by their digest. It wants
the servers of ``tests/support/databases.py``, and ``pg_dump`` and ``mariadb-dump``.
"""

import base64
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.support.clock import wait_until
from tests.support.databases import BACKENDS, fresh_database
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import ServiceProcess, processes

Json = dict[str, Any]

HERE: Final = Path(__file__).parent
PROJECT: Final = HERE.parent.parent
SHOP: Final = "planted-yesterday-shop"
"""Stands in the settings; the others are made by the command."""
API_KEYS: Final[dict[str, list[str]]] = {
    "website": ["--daily-usd", "1", "--monthly-usd", "10", "--per-minute", "600"],
    "page": ["--origin", "https://shop.example"],
    "gravatar": [],
    "former": [],
}
EXPIRES: Final = 4_102_448_461
"""A second in 2100, at which no day begins."""

LOOKS: Final = ("webp?size=256", "png")

DEFAULT: Final[Json] = {}
OFFICIAL: Final[Json] = {
    "properties": {
        "skin_tone": "fair",
        "head_shape": "oval",
        "eye_color": "blue",
        "smile_type": "closed-lip",
        "nose_type": "button",
        "glasses": True,
        "mood": "official",
    }
}
VARIANT: Final[Json] = {"properties": {"mood": "fun", "skin_tone": "dark", "variant": 7}}
PARTIAL: Final[Json] = {"properties": {"eye_color": "GREY", "smile_type": "TEETH_BARING", "glasses": None}}
RETRIED: Final[Json] = {"properties": {"nose_type": "snub"}}
REDRAWN: Final[Json] = {"properties": {"head_shape": "heart", "mood": "official"}}
PURGED: Final[Json] = {"properties": {"head_shape": "square"}}
REFUSED: Final[Json] = {"properties": {"head_shape": "triangular"}}
UNUSABLE: Final[Json] = {"properties": {"head_shape": "round"}}
NOT_BILLED: Final[Json] = {"properties": {"skin_tone": "medium"}}
SPOOLED: Final[Json] = {"properties": {"eye_color": "amber", "nose_type": "roman"}}
ABANDONED: Final[Json] = {"properties": {"eye_color": "hazel"}}
LOCAL: Final[list[Json]] = [OFFICIAL, {"properties": {"mood": "fun", "variant": 3}}]
PIRATE: Final[Json] = {"properties": {"description": "a pirate with a parrot"}}
ASTRONAUT: Final[Json] = {"properties": {"description": "an astronaut; her name is \"Zoë\" \\ 'O''Hara'\n"}}
DIVER: Final[Json] = {"properties": {"description": "a diver"}}
PURGED_DESCRIPTION: Final[Json] = {"properties": {"description": "somebody who asked to be forgotten"}}


def main() -> None:
    """Make all of it."""
    os.environ["PYTHONPATH"] = str(PROJECT)
    truths: list[Json] = []
    pictures: dict[str, str] = {}
    made_at: dict[str, str] = {}
    for backend in BACKENDS:
        with tempfile.TemporaryDirectory() as folder, fresh_database(backend, Path(folder)) as address:
            maker = Maker(backend, address, Path(folder))
            maker.make()
        truths.append(maker.truth)
        pictures |= maker.pictures
        made_at[backend] = datetime.now(UTC).isoformat(timespec="seconds")
    assert all(truth == truths[0] for truth in truths), "the databases do not tell the same story"
    _write("truth.json", {"made_at": made_at} | truths[0])
    _write("pictures.json", pictures)


def _write(name: str, content: Json) -> None:
    (HERE / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


class Maker:
    """One database's past."""

    def __init__(self, backend: str, address: str, folder: Path) -> None:
        self._backend = backend
        self._address = address
        self._folder = folder
        self._kept_in = HERE / backend
        self.pictures: dict[str, str] = {}
        self.truth: Json = {"faces": [], "descriptions": [], "failed": [], "idempotent": [], "pictures": {}}

    def make(self) -> None:
        """Live through it, then write down what is left."""
        os.chdir(self._folder)
        shutil.copy(HERE / "settings.env", self._folder / ".env")
        with LoopbackProvider() as provider:
            self._provider = provider
            self._environment = {"DB_STRING": self._address, "OPENAI_BASE_URL": provider.base_url}
            self._keys = {"shop": SHOP} | {name: self._new_key(name, *said) for name, said in API_KEYS.items()}
            with self._service() as service:
                self._draw(service)
                self._fail(service)
            self._take_away()
            with self._service() as service:
                self._look(service)
            with self._service(AVATARS_PROVIDER="local") as service:
                self._draw_locally(service)
            self._die()
        self._write()

    # --- a good day ---

    def _draw(self, service: ServiceProcess) -> None:
        self._face(service, DEFAULT, "shop", looks=("webp?size=256", "png", "jpeg?size=64", "avif?size=32"))
        self._face(service, OFFICIAL, "website")
        self._face(service, VARIANT, "gravatar")
        self._face(service, PARTIAL, "page", Origin="https://shop.example")
        self._provider.script.append(Mode.RATE_LIMIT)
        self._face(service, RETRIED, "website")
        self._before = self._face(service, REDRAWN, "shop", keep=False)
        self._purged = self._face(service, PURGED, "shop", keep=False)
        self._signed(service)
        self.truth["descriptions"].append(self._described(service, PIRATE, "shop"))
        self._purged_description = self._described(service, PURGED_DESCRIPTION, "shop")
        self._idempotent(service, ASTRONAUT, "website", "order-17")
        self._idempotent(service, OFFICIAL | {"disable_cache": True}, "shop", "order-18")

    def _face(
        self,
        service: ServiceProcess,
        body: Json,
        key: str,
        *,
        keep: bool = True,
        looks: tuple[str, ...] = LOOKS,
        **headers: str,
    ) -> Json:
        """Have a face drawn, and ask for it once more."""
        drawn, again = (self._ask(service, body, key, **headers).raise_for_status().json() for _ in range(2))
        assert (drawn["cache_hit"], drawn["provisional"], again["cache_hit"]) == (False, False, True), drawn
        self._fetch(service, again["data"]["image_url"], looks)
        face = {"body": body, "answer": again}
        if keep:
            self.truth["faces"].append(face)
        return face

    def _signed(self, service: ServiceProcess) -> None:
        arguments = ["--seed", "Zoë & co", "--mood", "official", "--size", "64", "--exp", str(EXPIRES)]
        address = urlsplit(self._command("sign", *arguments).strip())
        path = f"{address.path}?{address.query}"

        def is_kept() -> bool:
            return bool(httpx.get(service.url + path, timeout=120).headers["X-Avatar-Status"] == "kept")

        wait_until(is_kept)
        picture = httpx.get(service.url + path, headers={"Accept": "image/webp"}, timeout=120)
        self.truth["signed"] = [{"path": path, "etag": picture.headers["ETag"]}]

    def _described(self, service: ServiceProcess, body: Json, key: str) -> Json:
        answer = self._ask(service, body, key).raise_for_status().json()
        self._fetch(service, answer["data"]["image_url"])
        return {"body": body, "answer": answer}

    def _idempotent(self, service: ServiceProcess, body: Json, key: str, name: str) -> None:
        answer = self._ask(service, body, key, **{"Idempotency-Key": name})
        if answer.is_success:
            self._fetch(service, answer.json()["data"]["image_url"])
        self.truth["idempotent"].append(
            {
                "api_key": key,
                "idempotency_key": name,
                "body": body,
                "status": answer.status_code,
                "answer": answer.json(),
            }
        )

    def _fetch(self, service: ServiceProcess, url: str, looks: tuple[str, ...] = LOOKS) -> None:
        """Have the picture's renditions made, and note what their bytes are."""
        before = urlsplit(url).path.rpartition(".")[0]
        for rest in looks:
            picture = httpx.get(f"{service.url}{before}.{rest}", timeout=120).raise_for_status()
            told = {"sha256": sha256(picture.content).hexdigest(), "etag": picture.headers["ETag"]}
            self.truth["pictures"][f"{before}.{rest}"] = told

    # --- a bad day ---

    def _fail(self, service: ServiceProcess) -> None:
        for body, mode in ((REFUSED, Mode.REFUSED), (UNUSABLE, Mode.NOT_A_PICTURE), (NOT_BILLED, Mode.BAD_REQUEST)):
            self._provider.script.append(mode)
            answer = self._ask(service, body, "shop")
            if body is not NOT_BILLED:  # which may be tried again at once
                self.truth["failed"].append({"body": body, "status": answer.status_code, "answer": answer.json()})
        self._provider.script.append(Mode.CLOSES)
        self._idempotent(service, DIVER, "website", "order-19")

    def _take_away(self) -> None:
        digest = urlsplit(self._purged_description["answer"]["data"]["image_url"]).path.rpartition("/")[2][:64]
        self._command("purge", self._purged["answer"]["data"]["image_hash"], digest)
        self._command("redraw", self._before["answer"]["data"]["image_hash"])
        self._command("keys", "revoke", "former")
        gone = [self._purged["answer"]["data"]["image_url"], self._purged_description["answer"]["data"]["image_url"]]
        self.truth["purged"] = [urlsplit(url)._replace(scheme="", netloc="").geturl() for url in gone]
        for path in list(self.truth["pictures"]):
            if any(urlsplit(url).path[:70] in path for url in gone):
                del self.truth["pictures"][path]

    def _look(self, service: ServiceProcess) -> None:
        """What the redrawn face is now; its first picture stays where it was. And what all of it came to."""
        answer = self._ask(service, REDRAWN, "shop").raise_for_status().json()
        assert answer["cache_hit"]
        assert answer["data"]["image_url"] != self._before["answer"]["data"]["image_url"]
        self._fetch(service, answer["data"]["image_url"])
        self.truth["faces"].append({"body": REDRAWN, "answer": answer})
        admin = {"Authorization": "Bearer planted-yesterday-admin-token"}
        stats = httpx.get(f"{service.url}/stats", headers=admin, timeout=120).raise_for_status().json()
        self.truth["stats"] = {name: stats[name] for name in ("paid_calls", "spent_usd")}

    def _draw_locally(self, service: ServiceProcess) -> None:
        self.truth["local_faces"] = []
        for body in LOCAL:
            self._ask(service, body, "shop").raise_for_status()
            answer = self._ask(service, body, "shop").raise_for_status().json()
            assert (answer["cache_hit"], answer["provisional"]) == (True, False)
            self._fetch(service, answer["data"]["image_url"], ("webp?size=128", "svg"))
            self.truth["local_faces"].append({"body": body, "answer": answer})

    # --- its end ---

    def _die(self) -> None:
        """Killed while one call is under way, and while another one's picture waits in the spool."""
        spool = self._folder / "data/spool"
        with processes(self._environment, self._folder) as [service]:
            self._provider.mode = Mode.HANGS
            calls = len(self._provider.calls)
            self._ask_and_leave(service, ABANDONED)
            wait_until(lambda: len(self._provider.calls) == calls + 1)
            self._provider.mode, self._provider.delay = Mode.OK, 1.0
            self._ask_and_leave(service, SPOOLED)
            wait_until(lambda: len(self._provider.calls) == calls + 2)
            with self._nobody_writes_pictures():
                wait_until(lambda: any(spool.glob("*.spooled")))
                service.kill()
        [path] = spool.glob("*.spooled")
        note = json.loads(path.read_bytes().partition(b"\n")[0])
        self.truth["spooled"] = {
            "body": SPOOLED,
            "image_hash": note["avatar"]["image_hash"],
            "path": f"/images/{path.name.partition('-')[0]}.png",
        }
        self.truth["abandoned"] = {"body": ABANDONED}

    def _ask_and_leave(self, service: ServiceProcess, body: Json) -> None:
        def ask() -> None:
            with suppress(httpx.HTTPError):
                self._ask(service, body, "shop")

        threading.Thread(target=ask, daemon=True).start()

    @contextmanager
    def _nobody_writes_pictures(self) -> Iterator[None]:
        statement = {
            "sqlite": "BEGIN IMMEDIATE",
            "postgresql": "LOCK TABLE images IN SHARE MODE",
            "mysql": "LOCK TABLES images READ",
        }[self._backend]
        engine = create_engine(self._address, poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))
            yield
            connection.invalidate()

    # --- asking ---

    @contextmanager
    def _service(self, **more: str) -> Iterator[ServiceProcess]:
        """One that ends politely, so that all its counts are written."""
        with processes(self._environment | more, self._folder) as [service]:
            yield service
            assert service.stop() == 0, service.log()

    def _ask(self, service: ServiceProcess, body: Json, key: str, **headers: str) -> httpx.Response:
        return httpx.post(
            f"{service.url}/query", json=body, headers={"X-API-Key": self._keys[key], **headers}, timeout=60
        )

    def _new_key(self, name: str, *options: str) -> str:
        """The command, but for the random text of what it makes."""
        secret = f"planted-yesterday-{name}"
        shown = self._command("keys", "add", name, *options, before=f"keys.new_secret = lambda: {secret!r}")
        assert shown.strip() == secret
        return secret

    def _command(self, *arguments: str, before: str = "") -> str:
        program = f"from avatars_as_a_service.commands import keys\n{before}\n"
        program += "from avatars_as_a_service.cli import main\nmain()"
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    # --- writing it down ---

    def _write(self) -> None:
        shutil.rmtree(self._kept_in, ignore_errors=True)
        self._kept_in.mkdir()
        self.truth["api_keys"] = self._keys
        (self._kept_in / "dump.sql").write_text(self._without_pictures(_without_host(self._dump())))
        (self._kept_in / "spool").mkdir()
        for path in (self._folder / "data/spool").glob("*.spooled"):
            note, _, picture = path.read_bytes().partition(b"\n")
            (self._kept_in / "spool" / path.name).write_bytes(_without_host(note.decode()).encode() + b"\n" + picture)

    def _without_pictures(self, dump: str) -> str:
        engine = create_engine(self._address, poolclass=NullPool)
        with engine.connect() as connection:
            for digest, data in connection.execute(text("SELECT digest, data FROM images ORDER BY digest")):
                picture = bytes(data)
                self.pictures[digest] = base64.b64encode(picture).decode()
                for written in (picture.hex(), picture.hex().upper()):
                    dump = dump.replace(written, f"{{{{{digest}}}}}")
        return dump

    def _dump(self) -> str:
        url = make_url(self._address)
        if self._backend == "sqlite":
            connection = sqlite3.connect(str(url.database))
            try:
                return "\n".join(connection.iterdump()) + "\n"
            finally:
                connection.close()
        command = [*_DUMPERS[self._backend], f"--host={url.host}", f"--port={url.port or _PORTS[self._backend]}"]
        command += [f"--user={url.username}" if self._backend == "mysql" else f"--username={url.username}"]
        password = {} if url.password is None else {"PGPASSWORD": url.password, "MYSQL_PWD": url.password}
        done = subprocess.run(
            [*command, str(url.database)], env={**os.environ, **password}, stdout=subprocess.PIPE, check=True
        )
        lines = done.stdout.decode().splitlines()
        return "\n".join(line for line in lines if line and not line.startswith(("--", "\\"))) + "\n"


_PORTS: Final = {"postgresql": 5432, "mysql": 3306}
_DUMPERS: Final = {
    "postgresql": ["pg_dump", "--inserts", "--no-owner", "--no-privileges"],
    "mysql": ["mariadb-dump", "--hex-blob", "--skip-extended-insert", "--skip-comments", "--skip-add-drop-table"],
}


def _without_host(written: str) -> str:
    return written.replace(f"{socket.gethostname()[:60]}-", "host-of-yesterday-")


if __name__ == "__main__":
    main()
