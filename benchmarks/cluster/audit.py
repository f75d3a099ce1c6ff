"""The audit after a run: counts paid calls, lost pictures and wrong faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import httpx
from sqlalchemy import create_engine, func, select
from sqlalchemy.pool import NullPool

from avatars_as_a_service.storage.database_url import database_url
from avatars_as_a_service.storage.tables import avatars, images, paid_calls, renditions
from benchmarks.cluster.clients import Clients
from benchmarks.cluster.replicas import Fleet


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """``settled`` calls returned a picture; ``cut_off`` calls ended with the process that had sent them."""

    faces: int
    pictures: int
    calls: int
    settled: int
    cut_off: int
    wrong: Sequence[str]
    unreadable: Sequence[str]

    @classmethod
    def read(cls, database: str, calls: int, clients: Clients, fleet: Fleet) -> "Audit":
        """Read the database, the provider's count, the clients' answers, and every picture by its URL."""
        engine = create_engine(database_url(database), poolclass=NullPool)
        with engine.connect() as connection:
            kept = {row.image_hash: row.digest for row in connection.execute(select(avatars))}
            count = select(func.count()).select_from(paid_calls)
            settled = connection.execute(count.where(paid_calls.c.state == "settled")).scalar_one()
            open_calls = connection.execute(count.where(paid_calls.c.state.in_(["sent", "unknown"]))).scalar_one()
            made = select(renditions.c.digest)
            originals = select(func.count()).select_from(images).where(images.c.digest.not_in(made))
            pictures = connection.execute(originals).scalar_one()
        return cls(
            faces=len(kept),
            pictures=pictures,
            calls=calls,
            settled=settled,
            cut_off=open_calls,
            wrong=[*_wrong(clients, kept)],
            unreadable=_unreadable(fleet, kept),
        )

    @property
    def lost(self) -> int:
        """The number of pictures that were paid for and are missing."""
        return self.settled - self.pictures

    @property
    def paid_twice(self) -> int:
        """The number of calls beyond one for each face."""
        return self.calls - self.faces


def _wrong(clients: Clients, kept: Mapping[str, str]) -> list[str]:
    """Return requests with several keys, and faces that were shown with several pictures or with a wrong one."""
    keys = [f"request {number} had the keys {seen}" for number, seen in clients.keys.items() if len(seen) > 1]
    pictures = [
        f"{key} was shown as {sorted(shown)}"
        for key, shown in clients.pictures.items()
        if shown != {f"{kept.get(key)}.webp"}
    ]
    return keys + pictures


def _unreadable(fleet: Fleet, kept: Mapping[str, str]) -> list[str]:
    """Return pictures that are missing or do not match their digest; each replica is asked in turn."""
    bad = []
    with httpx.Client(timeout=30) as client:
        for number, digest in enumerate(sorted(kept.values())):
            replica = fleet.replicas[number % len(fleet.replicas)]
            answer = client.get(f"{replica.service.url}/images/{digest}.webp")
            if answer.status_code != httpx.codes.OK or sha256(answer.content).hexdigest() != digest:
                bad.append(f"{digest}: {answer.status_code}")
    return bad
