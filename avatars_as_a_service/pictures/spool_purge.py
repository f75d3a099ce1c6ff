"""Purging in the spool: deletes paid pictures that wait there, so that they are neither served nor stored later."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from avatars_as_a_service.errors import ImageStoreUnavailable
from avatars_as_a_service.storage import claims, generation, idempotency, ledger, purged_pictures
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.idempotency import ANSWER_LIFETIME
from avatars_as_a_service.storage.result_records import ResultRecord
from avatars_as_a_service.storage.spool import Spool
from avatars_as_a_service.storage.spool_index import SpooledResult, SpoolIndex

_LOCK_S: Final = 30.0
"""How long the purge waits for a process that drains the spool; that takes a few seconds at a time."""
_LOCK_RETRY_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class SpooledPurge:
    """Keys of the faces and digests of the pictures that were purged from the spool."""

    faces: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()


class SpoolPurger:
    """Purges the spool folder of this service. Its calls block: they are for threads."""

    def __init__(self, *, spool: Spool, index: SpoolIndex, database: Database) -> None:
        self._spool = spool
        self._index = index
        self._database = database

    def purge(self, names: Sequence[str]) -> SpooledPurge:
        """Delete waiting pictures by the keys of their faces or by their digests.

        Their calls stay in the ledger, and their answers stay under their idempotency keys. Raises
        ``DatabaseUnavailable``, and ``ImageStoreUnavailable`` where the folder refuses.
        """
        if not self._index.files(names):
            return SpooledPurge()
        try:
            with self._locked():
                return self._purge(self._index.files(names))
        except OSError as refused:
            raise ImageStoreUnavailable(f"the spool: {refused.strerror}") from refused

    def _purge(self, paths: Sequence[Path]) -> SpooledPurge:
        found = {path: spooled for path in paths if (spooled := self._read(path)) is not None}
        if not found:
            return SpooledPurge()
        records = [spooled.record for spooled in found.values()]
        digests = frozenset(spooled.picture.digest for spooled in found.values())
        # Rows first: a file that is left behind by a crash counts as stored, and is removed by the next drain.
        self._database.write_now(partial(_record, records=records, digests=sorted(digests)))
        for path in found:
            self._spool.remove(path)
        faces = {record.avatar.image_hash for record in records if record.avatar is not None and not record.redrawn}
        return SpooledPurge(frozenset(faces), digests)

    def _read(self, path: Path) -> SpooledResult | None:
        try:
            return self._index.read(path)
        except (FileNotFoundError, ValueError):  # stored meanwhile, or damaged: then the drain sets it aside
            return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep every process from storing the pictures meanwhile."""
        deadline = time.monotonic() + _LOCK_S
        while True:
            with self._spool.drain_lock() as is_mine:
                if is_mine:
                    yield
                    return
            if time.monotonic() >= deadline:
                raise ImageStoreUnavailable("the spool: another process is draining it")
            time.sleep(_LOCK_RETRY_S)


def _record(connection: Connection, *, records: Sequence[ResultRecord], digests: Sequence[str]) -> None:
    purged_pictures.add(connection, digests, generation.bump(connection))
    for record in records:
        if record.answer is not None and record.claim is not None:
            idempotency.add(connection, record.claim.subject, record.answer, ANSWER_LIFETIME)
        if record.claim is not None:
            claims.release(connection, record.claim)
    for record in records:
        if record.receipt is not None:
            ledger.close(connection, record.receipt)  # last: it locks the budgets' rows, which every process needs
