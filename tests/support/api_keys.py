"""API keys: by the command, as its user runs it, or put into the database at once."""

from avatars_as_a_service.access.api_key_cache import hash_of
from avatars_as_a_service.storage import api_keys, schema
from avatars_as_a_service.storage.api_keys import ApiKey
from avatars_as_a_service.storage.database import Database
from avatars_as_a_service.storage.database_url import database_url
from tests.support.command_line import avatars


def new_key(environment: dict[str, str], name: str, *options: str) -> str:
    made = avatars(environment, "keys", "add", name, *options)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def put_key(address: str, name: str, secret: str, *, origins: tuple[str, ...] = (), revoked: bool = False) -> None:
    database = Database(database_url(address), pool_size=1)
    try:
        schema.migrate(database)
        key = ApiKey(name=name, hash=hash_of(secret), origins=origins)
        database.write_now(lambda connection: api_keys.add(connection, key))
        if revoked:
            database.write_now(lambda connection: api_keys.revoke(connection, name))
    finally:
        database.close()
