"""The ``avatars`` table: one row for each face that has been drawn."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.avatar import Avatar
from avatars_as_a_service.features import EyeColor, Features, HeadShape, Mood, NoseType, SkinTone, SmileType
from avatars_as_a_service.key import Artist
from avatars_as_a_service.picture import PictureFormat, PictureRef
from avatars_as_a_service.storage.clock import utc_now
from avatars_as_a_service.storage.tables import avatars, images

_OPTIONAL: Final = {
    "head_shape": HeadShape,
    "skin_tone": SkinTone,
    "smile_type": SmileType,
    "nose_type": NoseType,
    "eye_color": EyeColor,
}
_WITH_PICTURE: Final = select(avatars, images.c.format).join(images, images.c.digest == avatars.c.digest)
_NEWEST_FIRST: Final = (avatars.c.created_at.desc(), avatars.c.image_hash.desc())
_BY_KEY: Final = _WITH_PICTURE.where(avatars.c.image_hash == bindparam("key"))
"""Built once: this is what every hit that is not remembered asks."""


def get(connection: Connection, image_hash: str) -> Avatar | None:
    """The face under that key, or ``None``."""
    row = connection.execute(_BY_KEY, {"key": image_hash}).one_or_none()
    return None if row is None else _avatar(row)


def add(connection: Connection, avatar: Avatar) -> Avatar:
    """Keep the face unless its key is taken. Returns the face that stands there now: the first one wins."""
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
    """Keep the face in place of the one that stands under its key, as one that was drawn now."""
    values = _values(avatar) | {"created_at": utc_now(connection)}
    there = avatars.c.image_hash == avatar.image_hash
    if connection.execute(update(avatars).where(there).values(values)).rowcount == 1:
        return avatar
    return add(connection, avatar)


def get_all(connection: Connection, image_hashes: Collection[str]) -> list[Avatar]:
    """The faces under those keys, as far as they are kept."""
    return [_avatar(row) for row in connection.execute(_WITH_PICTURE.where(avatars.c.image_hash.in_(image_hashes)))]


def known(connection: Connection, image_hashes: Collection[str]) -> list[str]:
    """The keys among them under which a face is kept."""
    return list(connection.scalars(select(avatars.c.image_hash).where(avatars.c.image_hash.in_(image_hashes))))


def showing(connection: Connection, digests: Collection[str]) -> list[str]:
    """The keys of the faces that show one of those pictures."""
    return list(connection.scalars(select(avatars.c.image_hash).where(avatars.c.digest.in_(digests))))


def remove(connection: Connection, image_hashes: Collection[str]) -> None:
    """Take those faces away. Their pictures stay."""
    connection.execute(delete(avatars).where(avatars.c.image_hash.in_(image_hashes)))


@dataclass(frozen=True, slots=True)
class Dated:
    """A face and when it was drawn."""

    avatar: Avatar
    created_at: datetime


def get_dated(connection: Connection, image_hash: str) -> Dated | None:
    """The face under that key and when it was drawn, or ``None``."""
    row = connection.execute(_WITH_PICTURE.where(avatars.c.image_hash == image_hash)).one_or_none()
    return None if row is None else Dated(_avatar(row), row.created_at)


def newest(
    connection: Connection,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
    having: Mapping[str, str | bool] | None = None,
) -> list[Dated]:
    """The next faces, the newest first, after the one with that date and key; of those ``having`` these features."""
    page = select(avatars.c.image_hash).order_by(*_NEWEST_FIRST).limit(limit)
    if before is not None:
        created_at, key = before
        # Said so that each database reads on in the index where the last page ended.
        page = page.where(avatars.c.created_at <= created_at)
        page = page.where(or_(avatars.c.created_at < created_at, avatars.c.image_hash < key))
    for name, value in (having or {}).items():
        page = page.where(avatars.c[name] == value)
    # Keys first, and whole rows of this page alone: MariaDB would else sort all of them, prompts included.
    keys = page.subquery()
    shown = _WITH_PICTURE.join(keys, keys.c.image_hash == avatars.c.image_hash).order_by(*_NEWEST_FIRST)
    return [Dated(_avatar(row), row.created_at) for row in connection.execute(shown)]


def count(connection: Connection) -> int:
    """How many faces are kept."""
    return connection.execute(select(func.count()).select_from(avatars)).scalar_one()


def count_full(connection: Connection, *, edition: str, artist: Artist) -> int:
    """How many faces of that edition and artist are kept in which nothing is left out: those of the catalogue."""
    full = [avatars.c[name].is_not(None) for name in _OPTIONAL]
    same = (avatars.c.edition == edition, avatars.c.artist == artist, avatars.c.variant == 0)
    return connection.execute(select(func.count()).select_from(avatars).where(*same, *full)).scalar_one()


def _values(avatar: Avatar) -> dict[str, Any]:
    features = avatar.features
    return {
        "image_hash": avatar.image_hash,
        "digest": avatar.picture.digest,
        "mood": features.mood,
        **{name: getattr(features, name) for name in _OPTIONAL},
        "glasses": features.glasses,
        "variant": features.variant,
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
    values = {name: getattr(row, name) for name in _OPTIONAL}
    optional: dict[str, Any] = {name: _OPTIONAL[name](said) for name, said in values.items() if said is not None}
    return Avatar(
        image_hash=row.image_hash,
        features=Features(mood=Mood(row.mood), glasses=row.glasses, variant=row.variant, **optional),
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
