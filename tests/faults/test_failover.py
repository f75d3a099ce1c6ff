"""Failover: an address moves to another server; the old one stays up, takes no writes and keeps its connections."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy.engine import make_url

from avatars_as_a_service.storage import schema
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url
from tests.conftest import Serve
from tests.support import ledger_checks
from tests.support.clock import wait_until
from tests.support.concurrency import different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.fault_proxy import FaultProxy
from tests.support.outage import execute, own_mariadb
from tests.support.own_servers import own_postgres, standby_of

WITHIN_S: Final = 10
"""Of the new server's being writable, without a restart."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers: the address of the old one is moved to the new one, which takes no writes at first."""

    old: str
    new: str
    stop_writes_to_old: Callable[[], None]
    allow_writes_to_new: Callable[[], None]


@contextmanager
def postgresql(folder: Path) -> Iterator[Pair]:
    """A primary and its hot standby."""
    with own_postgres(folder) as old, standby_of(old, folder) as new:
        read_only = ("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        yield Pair(old.url, new.url, partial(execute, old.url, *read_only), new.promote)


@contextmanager
def mysql(folder: Path) -> Iterator[Pair]:
    """Two servers with the same tables, and a user who may write to no read-only server."""
    for name in ("old", "new"):
        (folder / name).mkdir()
    with own_mariadb(folder / "old") as old, own_mariadb(folder / "new") as new:
        for server in (old, new):
            database = Database(database_url(server), pool_size=1)
            schema.migrate(database)
            database.close()
            execute(server, "CREATE USER app", "GRANT ALL ON avatars.* TO app")
        execute(new, "SET GLOBAL read_only = 1")
        old_as_app, new_as_app = (make_url(server).set(username="app").render_as_string() for server in (old, new))
        stop, allow = (f"SET GLOBAL read_only = {value}" for value in (1, 0))
        yield Pair(old_as_app, new_as_app, partial(execute, old, stop), partial(execute, new, allow))


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("servers", [postgresql, mysql])
def test_after_a_failover_faces_are_drawn_again_as_soon_as_the_new_server_takes_writes(
    servers: Callable[[Path], AbstractContextManager[Pair]], provider: LoopbackProvider, serve: Serve, tmp_path: Path
) -> None:
    known, refused, drawn = different_faces(3)
    with servers(tmp_path) as pair:
        old, new = make_url(pair.old), make_url(pair.new)
        with FaultProxy("127.0.0.1", old.port or 0) as proxy:
            moving = old.set(port=proxy.port).render_as_string()
            service = serve({"DB_STRING": moving, "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": provider.base_url})
            assert service.client.post("/query", json=known).status_code == 200

            pair.stop_writes_to_old()
            wait_until(lambda: state(service.client) == "degraded")
            while_read_only = service.client.post("/query", json=refused)
            proxy.lead_to("127.0.0.1", new.port or 0)
            while_not_promoted = service.client.post("/query", json=refused)
            pair.allow_writes_to_new()

            wait_until(lambda: service.client.post("/query", json=drawn).status_code == 200, WITHIN_S)
            wait_until(lambda: state(service.client) == "ready", WITHIN_S)
            hit = service.client.post("/query", json=known)

        assert [while_read_only.status_code, while_not_promoted.status_code] == [503, 503]
        assert hit.json()["cache_hit"]
        assert len(provider.calls) == 2
        assert "settled" in {entry.state for entry in ledger_checks.ledger(pair.new)}


def state(client: httpx.Client) -> str:
    return str(client.get("/readyz").json()["status"])
