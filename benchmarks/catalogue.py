"""The catalogue: all 12,960 full faces, as bodies of requests and as rows of a database."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, String, cast, create_engine, func, insert, literal, select, true, union_all
from sqlalchemy.pool import NullPool

from avatars_as_a_service.domain.features import MAX_VARIANT, Features, full_faces
from avatars_as_a_service.domain.key import KEY_LENGTH, Artist, image_hash
from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.domain.prompt import PROMPT_VERSION, prompt_for
from avatars_as_a_service.storage import avatars, schema, tables
from avatars_as_a_service.storage import images as pictures
from avatars_as_a_service.storage.clock import UtcDateTime
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url

EDITION: Final = "1"
SMALL_PICTURE: Final = Picture.of(random.Random(12).randbytes(12_000), format=PictureFormat.WEBP, width=256, height=256)
"""12 kB; no one looks inside what the database keeps."""
_PAGE: Final = 5_000
_BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_COPIED: Final = _BEGAN + timedelta(days=1)

Row = dict[str, Any]


def all_faces() -> list[Features]:
    """Every face in which nothing is left out, in the same order each time."""
    return list(full_faces())


def many_faces(rows: int) -> Iterator[Features]:
    """So many different faces: the catalogue, then its variants."""
    faces = all_faces()
    return islice((replace(face, variant=variant) for variant in range(MAX_VARIANT + 1) for face in faces), rows)


def key(face: Features) -> str:
    """The face's key where the image model draws."""
    return image_hash(face, edition=EDITION, artist=Artist.MODEL)


def body(face: Features) -> bytes:
    """The body of ``POST /query`` for that face, as a client would write it."""
    asked = {name: value for name, value in asdict(face).items() if value is not None and name != "variant"}
    return json.dumps({"properties": asked}).encode()


def spelled_differently(face: Features, chance: random.Random) -> bytes:
    """The same face, in one of thousands of ways to write it down."""
    asked = [(name, value) for name, value in asdict(face).items() if value is not None]
    chance.shuffle(asked)
    said = {name: value.upper() if isinstance(value, str) and chance.random() < 0.5 else value for name, value in asked}
    return json.dumps({"properties": said}, indent=chance.choice([None, 0, 1, 2])).encode()


def fill(address: str, faces: Iterable[Features], *, shared: Picture | None = None) -> None:
    """Keep those faces in the database, all with one picture, or each with a tiny one of its own."""
    database = Database(database_url(address), pool_size=1)
    try:
        schema.migrate(database)
        if shared is not None:
            database.write_now(lambda connection: pictures.add(connection, shared))
        numbered = enumerate(faces)
        while page := list(islice(numbered, _PAGE)):
            rows = [_avatar(number, face, shared) for number, face in page]
            database.write_now(lambda connection, rows=rows: _add(connection, rows, own=shared is None))  # type: ignore[misc]  # bound at once
    finally:
        database.close()


def grow(address: str, rows: int) -> None:
    """Keep so many faces, each with a tiny picture of its own; past the catalogue, copies made inside the database.

    A copy's key is no face's, but as long and as random.
    """
    fill(address, islice(all_faces(), rows))
    if rows > len(all_faces()):
        with create_engine(database_url(address), poolclass=NullPool).begin() as connection:
            _add_copies(connection, rows - len(all_faces()))


def _add_copies(connection: Connection, count: int) -> None:
    """In the order of their keys: at random, a large table would be read and written anew for each few rows."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.create_function("md5", 1, lambda text: md5(text.encode(), usedforsecurity=False).hexdigest())
    first = select(tables.avatars).subquery()
    times = count // len(all_faces()) + 1
    copy = union_all(*(select(literal(number).label("number")) for number in range(times))).subquery()
    # Cast out of its column's own collation, in which MariaDB joins nothing to it.
    old_key = cast(first.c.image_hash, String(KEY_LENGTH))
    new_key = func.md5(old_key + cast(copy.c.number, String(KEY_LENGTH)))
    changed = {"image_hash": new_key, "digest": new_key + old_key, "created_at": literal(_COPIED, UtcDateTime)}
    picture = {"format": literal("webp"), "width": literal(1024), "height": literal(1024), "data": literal(b"-")}
    for table, said in ((tables.images, changed | picture), (tables.avatars, changed)):
        columns: list[Any] = [said.get(column.name, first.c.get(column.name)) for column in table.c]
        copies = select(*columns).join_from(first, copy, true()).order_by(new_key).limit(count)
        connection.execute(insert(table).from_select(table.c.keys(), copies))


def _add(connection: Connection, rows: Sequence[Row], *, own: bool) -> None:
    if own:
        connection.execute(insert(tables.images), [_image(row) for row in rows])
    connection.execute(insert(tables.avatars), rows)


def _avatar(number: int, face: Features, shared: Picture | None) -> Row:
    image_key = key(face)
    return {
        "image_hash": image_key,
        "digest": sha256(image_key.encode()).hexdigest() if shared is None else shared.digest,
        **avatars.feature_values(face),
        "edition": EDITION,
        "artist": Artist.MODEL,
        "prompt": prompt_for(face),
        "prompt_version": PROMPT_VERSION,
        "provider": "openai",
        "model": "gpt-image-2.5-flare",
        "quality": "low",
        "cost_micro_usd": 5_900,
        "created_at": _BEGAN + timedelta(seconds=number),
    }


def _image(avatar: Row) -> Row:
    return {
        "digest": avatar["digest"],
        "format": PictureFormat.WEBP,
        "width": 1024,
        "height": 1024,
        "data": avatar["image_hash"].encode(),
        "created_at": avatar["created_at"],
    }
