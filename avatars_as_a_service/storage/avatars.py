"""The ``avatars`` table: one row for each face that has been drawn.

A row has its features twice: as JSON, which holds every feature, and the first seven in columns, which versions before
the JSON read and write beside this one. A row of theirs has no JSON, and the features of its columns. A feature that
is added later is in the JSON alone, so no table changes.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.features import OPTIONAL_VALUES, Features
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.domain.picture import PictureFormat, PictureRef
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import avatars, images

_IN_COLUMNS: Final = (
    "mood",
    "head_shape",
    "skin_tone",
    "smile_type",
    "nose_type",
    "eye_color",
    "glasses",
    "variant",
)
"""The features that have a column of their own. No more are added."""
_FEATURES: Final = TypeAdapter(Features)
_WITH_PICTURE: Final = select(avatars, images.c.format).join(images, images.c.digest == avatars.c.digest)
_NEWEST_FIRST: Final = (avatars.c.created_at.desc(), avatars.c.image_hash.desc())
_BY_KEY: Final = _WITH_PICTURE.where(avatars.c.image_hash == bindparam("key"))
"""Built once: every hit that is not in memory runs this query."""


def get(connection: Connection, image_hash: str) -> Avatar | None:
    """Return the face of this key, or ``None``."""
    row = connection.execute(_BY_KEY, {"key": image_hash}).one_or_none()
    return None if row is None else _avatar(row)


def add(connection: Connection, avatar: Avatar) -> Avatar:
    """Store the face unless its key is taken. Return the stored face, which is an earlier one if there was one."""
    try:
        with connection.begin_nested():
            connection.execute(insert(avatars), _values(avatar) | {"created_at": utc_now(connection)})
    except IntegrityError:
        winner = get(connection, avatar.image_hash)
        if winner is None:
            raise
        return winner
    return avatar


def put(connection: Connection, avatar: Avatar) -> Avatar:
    """Store the face, drawn now; it replaces the one under its key."""
    values = _values(avatar) | {"created_at": utc_now(connection)}
    same_key = avatars.c.image_hash == avatar.image_hash
    if connection.execute(update(avatars).where(same_key).values(values)).rowcount == 1:
        return avatar
    return add(connection, avatar)


def get_all(connection: Connection, image_hashes: Collection[str]) -> list[Avatar]:
    """Return the stored faces among these keys."""
    return [_avatar(row) for row in connection.execute(_WITH_PICTURE.where(avatars.c.image_hash.in_(image_hashes)))]


def known(connection: Connection, image_hashes: Collection[str]) -> list[str]:
    """Return the keys among these that have a stored face."""
    return list(connection.scalars(select(avatars.c.image_hash).where(avatars.c.image_hash.in_(image_hashes))))


def showing(connection: Connection, digests: Collection[str]) -> list[str]:
    """Return the keys of the faces that show one of these pictures."""
    return list(connection.scalars(select(avatars.c.image_hash).where(avatars.c.digest.in_(digests))))


def remove(connection: Connection, image_hashes: Collection[str]) -> None:
    """Delete these faces; their pictures stay."""
    connection.execute(delete(avatars).where(avatars.c.image_hash.in_(image_hashes)))


@dataclass(frozen=True, slots=True)
class DatedAvatar:
    """A face and the time of its drawing."""

    avatar: Avatar
    created_at: datetime


def get_dated(connection: Connection, image_hash: str) -> DatedAvatar | None:
    """Return the face of this key with its date, or ``None``."""
    row = connection.execute(_WITH_PICTURE.where(avatars.c.image_hash == image_hash)).one_or_none()
    return None if row is None else DatedAvatar(_avatar(row), row.created_at)


def newest(
    connection: Connection,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
    having: Mapping[str, str | bool | int] | None = None,
) -> list[DatedAvatar]:
    """Return the next faces, the newest first: older than the date and key of ``before``, ``having`` these values."""
    page = select(avatars.c.image_hash).order_by(*_NEWEST_FIRST).limit(limit)
    if before is not None:
        created_at, key = before
        # Written so that each database continues in the index where the last page ended.
        page = page.where(avatars.c.created_at <= created_at)
        page = page.where(or_(avatars.c.created_at < created_at, avatars.c.image_hash < key))
    page = page.where(*(_has(name, value=value) for name, value in (having or {}).items()))
    # The subquery selects keys alone: MariaDB would otherwise sort whole rows of all faces, prompts included.
    keys = page.subquery()
    rows = _WITH_PICTURE.join(keys, keys.c.image_hash == avatars.c.image_hash).order_by(*_NEWEST_FIRST)
    return [DatedAvatar(_avatar(row), row.created_at) for row in connection.execute(rows)]


def since(connection: Connection, earliest: datetime, *, limit: int) -> list[str]:
    """Return the keys of at most so many faces that were stored since then."""
    return list(connection.scalars(select(avatars.c.image_hash).where(avatars.c.created_at >= earliest).limit(limit)))


def count(connection: Connection, *, edition: str) -> int:
    """Count the stored faces of this edition."""
    of_edition = select(func.count()).select_from(avatars).where(avatars.c.edition == edition)
    return connection.execute(of_edition).scalar_one()


def has_edition(connection: Connection, edition: str) -> bool:
    """Whether any face of this edition is stored."""
    faces = select(avatars.c.image_hash).where(avatars.c.edition == edition).limit(1)
    return connection.execute(faces).first() is not None


def count_full(connection: Connection, *, edition: str, artist: Artist) -> int:
    """Count the stored faces of the catalogue of this edition and artist: every feature given, variant 0."""
    full = [avatars.c[name].is_not(None) for name in _IN_COLUMNS]
    same = (avatars.c.edition == edition, avatars.c.artist == artist, avatars.c.variant == 0)
    no_others = or_(avatars.c.features.is_(None), not_(or_(*map(_gives, OPTIONAL_VALUES))))
    return connection.execute(select(func.count()).select_from(avatars).where(*same, *full, no_others)).scalar_one()


def feature_values(features: Features) -> dict[str, Any]:
    """Return the values of the columns that hold the features."""
    columns = {name: getattr(features, name) for name in _IN_COLUMNS}
    return columns | {"features": _FEATURES.dump_json(features, exclude_none=True).decode()}


def _has(name: str, *, value: str | bool | int) -> ColumnElement[bool]:
    """Whether a face has this value in its column or, of a feature without one, in its JSON."""
    if name in avatars.c:
        return avatars.c[name] == value
    member = json.dumps({name: value}, separators=(",", ":"))[1:-1]
    is_text = isinstance(value, str | bool)  # a number is also the beginning of longer ones
    ends = ("",) if is_text else (",", "}")
    return or_(*(avatars.c.features.contains(member + end, autoescape=True) for end in ends))


def _gives(name: str) -> ColumnElement[bool]:
    return avatars.c.features.contains(f'"{name}":', autoescape=True)


def _values(avatar: Avatar) -> dict[str, Any]:
    return {
        "image_hash": avatar.image_hash,
        "digest": avatar.picture.digest,
        **feature_values(avatar.features),
        "edition": avatar.edition,
        "artist": avatar.artist,
        "prompt": avatar.prompt,
        "prompt_version": avatar.prompt_version,
        "provider": avatar.provider,
        "model": avatar.model,
        "quality": avatar.quality,
        "cost_micro_usd": avatar.cost,
    }


def _avatar(row: Row[Any]) -> Avatar:
    return Avatar(
        image_hash=row.image_hash,
        features=_features(row),
        edition=row.edition,
        artist=Artist(row.artist),
        picture=PictureRef(row.digest, PictureFormat(row.format)),
        prompt=row.prompt,
        prompt_version=row.prompt_version,
        provider=row.provider,
        model=row.model,
        quality=row.quality,
        cost=row.cost_micro_usd,
    )


def _features(row: Row[Any]) -> Features:
    if row.features is None:
        return _FEATURES.validate_python({name: getattr(row, name) for name in _IN_COLUMNS})
    return _FEATURES.validate_json(row.features)
