"""The spool's index: finds a waiting picture by its digest, its face or its idempotency key.

Every process that shares the folder finds the same pictures, whichever process wrote them, after a restart too.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.picture import Picture
from avatars_as_a_service.storage.idempotency import KeptAnswer
from avatars_as_a_service.storage.result_records import ResultRecord
from avatars_as_a_service.storage.spool import Spool, SpoolFile

_SCAN_INTERVAL_S: Final = 0.1
"""The shortest time between two scans. A picture that is written meanwhile is safe: its claim lasts longer."""
_UNSETTLED_NS: Final = 2_000_000_000
"""A folder that changed this recently may change again under the same date: some file systems count in seconds."""
_MAX_FILES: Final = 100_000
"""The most files that are indexed; each takes a few hundred bytes of memory."""
_UNREADABLE: Final = -1
"""In place of the folder's date: the last scan failed."""

log = structlog.get_logger(__name__)


class _Kind(StrEnum):
    """What a key of the index names."""

    PICTURE = "picture"
    FACE = "face"
    REDRAWN = "redrawn"
    ANSWER = "answer"


_Key = tuple[_Kind, str]


@dataclass(frozen=True, slots=True)
class SpooledResult:
    """A waiting picture and its record."""

    picture: Picture
    record: ResultRecord


class SpoolIndex:
    """Reads each file's first line once. A lookup reads the file that it finds, and no other.

    Lookups read the disk, so call them in a thread. ``knows_picture``, ``knows_face``, ``knows_redrawn`` and
    ``knows_answer`` read memory alone: the state of the last lookup or ``refresh`` of this process.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._lock = threading.Lock()
        self._keys: dict[Path, tuple[_Key, ...]] = {}
        self._paths: dict[_Key, list[Path]] = {}
        self._removed_faces: set[str] = set()
        self._modified_at: int | None = None
        self._next_scan_at = 0.0

    def picture(self, digest: str) -> Picture | None:
        """Return the waiting picture of this digest, or ``None``."""
        found = self._find((_Kind.PICTURE, digest))
        return None if found is None else found.picture

    def face(self, image_hash: str) -> Avatar | None:
        """Return the face of this key whose first picture waits, or ``None``."""
        found = self._find((_Kind.FACE, image_hash))
        return None if found is None else found.record.avatar

    def redrawn(self, image_hash: str) -> Avatar | None:
        """Return the face with its waiting redrawn picture, or ``None``."""
        found = self._find((_Kind.REDRAWN, image_hash))
        return None if found is None else found.record.avatar

    def answer(self, subject: str) -> KeptAnswer | None:
        """Return the answer that waits with its picture, by the subject of its idempotency key, or ``None``."""
        found = self._find((_Kind.ANSWER, subject))
        return None if found is None else found.record.answer

    def knows_picture(self, digest: str) -> bool:
        """Whether the last scan found this picture."""
        return (_Kind.PICTURE, digest) in self._paths

    def knows_face(self, image_hash: str) -> bool:
        """Whether the last scan found this face."""
        return bool(self._paths) and (_Kind.FACE, image_hash) in self._paths

    def knows_redrawn(self, image_hash: str) -> bool:
        """Whether the last scan found a redrawn picture of this face."""
        return (_Kind.REDRAWN, image_hash) in self._paths

    def knows_answer(self, subject: str) -> bool:
        """Whether the last scan found this answer."""
        return (_Kind.ANSWER, subject) in self._paths

    def files(self, names: Sequence[str]) -> list[Path]:
        """Return the files of waiting pictures by their digests, or by the keys of the faces that they belong to."""
        self.refresh()
        keys = [(kind, name) for name in names for kind in (_Kind.PICTURE, _Kind.FACE, _Kind.REDRAWN)]
        return list(dict.fromkeys(path for key in keys for path in self._paths.get(key, ())))

    def put(self, picture: Picture, record: ResultRecord, name: str) -> Path:
        """Write a picture to the spool and index it. Raises ``OSError`` if the disk refuses it."""
        path = self._spool.put(picture.digest, name, SpoolFile(record.to_json(), picture.data))
        with self._lock:
            self._add(path, record)
        return path

    def read(self, path: Path) -> SpooledResult:
        """Read this file. Raises ``OSError``, and ``ValueError`` if the file is damaged."""
        spooled = self._spool.read(path)
        record = ResultRecord.parse(spooled.header)
        picture = record.picture(spooled.data)
        if picture.digest != _digest(path):
            raise ValueError("the file's bytes do not match the digest in its name")
        return SpooledResult(picture, record)

    def refresh(self) -> None:
        """Index the folder's changes since the last scan, unless that was a moment ago."""
        if time.monotonic() < self._next_scan_at:
            return
        with self._lock:
            try:
                self._scan()
            except OSError as refused:
                if self._modified_at != _UNREADABLE:
                    log.error("the spool's folder cannot be read", reason=str(refused))  # noqa: TRY400 - one line, no trace
                self._modified_at = _UNREADABLE
            self._next_scan_at = time.monotonic() + _SCAN_INTERVAL_S

    def pop_removed_faces(self) -> set[str]:
        """Return the keys of the faces whose files disappeared since the last call: look these up in the database."""
        with self._lock:
            removed, self._removed_faces = self._removed_faces, set()
        return removed

    def _find(self, key: _Key) -> SpooledResult | None:
        self.refresh()
        return next(self._readable(key), None)

    def _readable(self, key: _Key) -> Iterator[SpooledResult]:
        for path in list(self._paths.get(key, ())):
            try:
                yield self.read(path)
            except (OSError, ValueError):  # another process has just removed the file, or it is damaged
                continue

    def _scan(self) -> None:
        modified_at = self._spool.modified_at_ns()
        if modified_at is not None and modified_at == self._modified_at:
            return
        unsettled = modified_at is not None and time.time_ns() - modified_at < _UNSETTLED_NS
        waiting = self._spool.list_waiting()
        for path in self._keys.keys() - set(waiting):
            self._drop(path)
        new = (path for path in waiting if path not in self._keys)
        for path in islice(new, max(_MAX_FILES - len(self._keys), 0)):
            self._add(path, self._read_record(path))
        self._modified_at = None if unsettled else modified_at

    def _read_record(self, path: Path) -> ResultRecord | None:
        try:
            return ResultRecord.parse(self._spool.read_header(path))
        except (OSError, ValueError):  # the process that drains the spool reports damaged files
            return None

    def _add(self, path: Path, record: ResultRecord | None) -> None:
        self._keys[path] = () if record is None else tuple(_keys(path, record))
        for key in self._keys[path]:
            paths = self._paths.setdefault(key, [])
            if path not in paths:
                paths.append(path)

    def _drop(self, path: Path) -> None:
        for key in self._keys.pop(path):
            paths = [other for other in self._paths[key] if other != path]
            if paths:
                self._paths[key] = paths
            else:
                del self._paths[key]
            kind, name = key
            if kind in {_Kind.FACE, _Kind.REDRAWN}:
                self._removed_faces.add(name)


def _digest(path: Path) -> str:
    return path.name.partition("-")[0]


def _keys(path: Path, record: ResultRecord) -> Iterator[_Key]:
    yield _Kind.PICTURE, _digest(path)
    if record.avatar is not None:
        yield _Kind.REDRAWN if record.redrawn else _Kind.FACE, record.avatar.image_hash
    if record.answer is not None and record.claim is not None:
        yield _Kind.ANSWER, record.claim.subject
