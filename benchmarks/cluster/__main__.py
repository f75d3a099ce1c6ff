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

from benchmarks.cluster.books import Books
from benchmarks.cluster.crowd import Crowd, Tally
from benchmarks.cluster.replicas import Fleet, fleet
from benchmarks.cluster.servers import Missing, Postgres, Provider, provider, redis, s3
from benchmarks.cluster.throughput import throughput
from tests.books import claims_held
from tests.buckets import make_bucket, s3_environment
from tests.crowds import different_faces
from tests.fault_proxy import FaultProxy, proxied
from tests.services import wait_until

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
    """Each fault under load, and whether what must hold does."""
    crowd = Crowd(running.fleet.url, different_faces(_FACES))
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
    tallies = {}
    for name, happens in phases:
        with crowd.asking():
            time.sleep(seconds / 4)
            happens()
            time.sleep(seconds / 2)
        tallies[name] = crowd.take()
        _print(name, tallies[name])
    wait_until(lambda: not any(replica.waiting() for replica in replicas), _RECOVERY_S)
    wait_until(lambda: claims_held(running.postgres.address) == 0, _RECOVERY_S)  # those of the killed run out
    return _verdict(Books.read(running.postgres.address, running.provider.calls, crowd, running.fleet), tallies)


def _print(name: str, tally: Tally) -> None:
    kinds = tally.kinds
    failed = ", ".join(f"{count} x {kind}" for kind, count in tally.failed.items()) or "none"
    print(
        f"{name:<44}{tally.answered:>9,}{kinds['hit']:>7,}{kinds['drawn']:>7,}{kinds['stand-in']:>11,}"
        f"{tally.percentile(99):>8.0f}  {failed}",
        flush=True,
    )


def _verdict(books: Books, tallies: dict[str, Tally]) -> bool:
    print(
        f"\n{books.faces:,} faces are kept; the provider was called {books.calls:,} times, {books.settled:,} calls are "
        f"settled, {books.cut_off} ended with the replica that was killed."
    )
    rolled = tallies["all replicas restarted in turn"]
    must_hold = {
        "no face paid for twice beyond those": books.paid_twice <= books.cut_off,
        "no paid picture lost": books.lost == 0,
        "no wrong face": not books.wrong,
        "every picture opens, with the bytes of its address": not books.unreadable,
        "no failed request while all replicas were restarted": not rolled.failed,
    }
    for promise, holds in must_hold.items():
        print(f"{'yes' if holds else 'NO ':<4}{promise}")
    for wrong in [*books.wrong, *books.unreadable][:10]:
        print(f"    {wrong}")
    return all(must_hold.values())


if __name__ == "__main__":
    try:
        main()
    except Missing as missing:
        sys.exit(str(missing))
