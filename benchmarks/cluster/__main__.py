"""Drives three replicas through every fault, prints what was answered, paid and lost: ``python -m benchmarks.cluster``.

nginx, PostgreSQL, Redis, an S3 server and a provider on loopback, all started here. Wants Debian's nginx, postgresql,
redis-server and, for the throughput, wrk.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.cluster.audit import Audit
from benchmarks.cluster.clients import AnswerCounts, Clients
from benchmarks.cluster.replicas import Fleet, fleet
from benchmarks.cluster.servers import Missing, Postgres, Provider, provider, redis, s3
from benchmarks.cluster.throughput import throughput
from tests.support.clock import wait_until
from tests.support.concurrency import different_faces
from tests.support.fault_proxy import FaultProxy, proxied
from tests.support.ledger_checks import claims_held
from tests.support.object_store_server import make_bucket, s3_environment

_FACES: Final = 6000
_RECOVERY_S: Final = 60
_DRAWING_S: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Everything that runs."""

    fleet: Fleet
    postgres: Postgres
    provider: Provider
    objects: FaultProxy
    way_to_database: FaultProxy


def main() -> None:
    """Run the phases, then count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="how long a phase lasts (default 8)")
    parser.add_argument("--without-throughput", action="store_true", help="the faults alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="avatars-cluster-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        with cluster(Path(folder)) as running:
            sound = _faults(running, options.seconds)
            if not options.without_throughput:
                throughput(running.fleet, running.postgres, Path(folder))
    sys.exit(0 if sound else 1)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Three replicas and all that they share; the first one's way to the database can be cut."""
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder))
        model = stack.enter_context(provider(folder))
        port = stack.enter_context(s3(folder))
        make_bucket(f"http://127.0.0.1:{port}")
        objects = stack.enter_context(FaultProxy("127.0.0.1", port))
        proxy, detour = stack.enter_context(proxied(postgres.address))
        shared = {
            "OPENAI_API_KEY": "sk-cluster",
            "OPENAI_BASE_URL": model.base_url,
            "AVATARS_DAILY_BUDGET_USD": "none",
            "AVATARS_REDIS_URL": stack.enter_context(redis(folder)),
            **s3_environment(f"http://127.0.0.1:{objects.port}"),
        }
        addresses = (detour, postgres.address, postgres.address)
        running = stack.enter_context(fleet([{**shared, "DB_STRING": address} for address in addresses], folder))
        model.set(delay=_DRAWING_S)
        yield Cluster(fleet=running, postgres=postgres, provider=model, objects=objects, way_to_database=proxy)


def _faults(running: Cluster, seconds: float) -> bool:
    """Run each fault under load, and return whether all promises hold."""
    clients = Clients(running.fleet.url, different_faces(_FACES))
    replicas = running.fleet.replicas

    def while_gone(begin: Callable[[], None], end: Callable[[], None]) -> None:
        begin()
        time.sleep(seconds / 2)
        end()

    phases: list[tuple[str, Callable[[], None]]] = [
        ("nothing happens", lambda: None),
        ("kill -9 of a replica", lambda: while_gone(replicas[1].service.kill, replicas[1].start)),
        ("SIGTERM of a replica that nginx still asks", lambda: while_gone(replicas[2].stop, replicas[2].start)),
        ("PostgreSQL restarts", running.postgres.restart),
        ("the S3 server is away", lambda: while_gone(running.objects.cut, running.objects.restore)),
        (
            "one replica is cut off from the database",
            lambda: while_gone(running.way_to_database.cut, running.way_to_database.restore),
        ),
        ("all replicas restarted in turn", running.fleet.roll),
    ]
    print(f"{'under load, while …':<44}{'answered':>9}{'hits':>7}{'drawn':>7}{'stand-ins':>11}{'p99 ms':>8}  failed")
    counts_by_phase = {}
    for name, happens in phases:
        with clients.asking():
            time.sleep(seconds / 4)
            happens()
            time.sleep(seconds / 2)
        counts_by_phase[name] = clients.take()
        _print(name, counts_by_phase[name])
    wait_until(lambda: not any(replica.waiting() for replica in replicas), _RECOVERY_S)
    wait_until(lambda: claims_held(running.postgres.address) == 0, _RECOVERY_S)  # those of the killed run out
    return _verdict(
        Audit.read(running.postgres.address, running.provider.calls, clients, running.fleet), counts_by_phase
    )


def _print(name: str, counts: AnswerCounts) -> None:
    kinds = counts.kinds
    failed = ", ".join(f"{count} x {kind}" for kind, count in counts.failed.items()) or "none"
    print(
        f"{name:<44}{counts.answered:>9,}{kinds['hit']:>7,}{kinds['drawn']:>7,}{kinds['stand-in']:>11,}"
        f"{counts.percentile(99):>8.0f}  {failed}",
        flush=True,
    )


def _verdict(audit: Audit, counts_by_phase: dict[str, AnswerCounts]) -> bool:
    print(
        f"\n{audit.faces:,} faces are kept; the provider was called {audit.calls:,} times, {audit.settled:,} calls are "
        f"settled, {audit.cut_off} ended with the replica that was killed."
    )
    rolled = counts_by_phase["all replicas restarted in turn"]
    must_hold = {
        "no face paid for twice beyond those": audit.paid_twice <= audit.cut_off,
        "no paid picture lost": audit.lost == 0,
        "no wrong face": not audit.wrong,
        "every picture opens, with the bytes of its address": not audit.unreadable,
        "no failed request while all replicas were restarted": not rolled.failed,
    }
    for promise, holds in must_hold.items():
        print(f"{'yes' if holds else 'NO ':<4}{promise}")
    for wrong in [*audit.wrong, *audit.unreadable][:10]:
        print(f"    {wrong}")
    return all(must_hold.values())


if __name__ == "__main__":
    try:
        main()
    except Missing as missing:
        sys.exit(str(missing))
