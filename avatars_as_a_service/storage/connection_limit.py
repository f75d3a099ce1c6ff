"""The connection limit: how many connections a server allows the service's user at most."""

from typing import Final

from sqlalchemy import Connection, text

_POSTGRESQL: Final = """
SELECT least(
    nullif(role.rolconnlimit, -1),
    nullif(base.datconnlimit, -1),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int)
FROM pg_roles AS role, pg_database AS base
WHERE role.rolname = current_user AND base.datname = current_database()
"""
_MYSQL: Final = """
SELECT least(@@max_connections, if(@@max_user_connections = 0, @@max_connections, @@max_user_connections))
"""
_QUERIES: Final = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL}


def max_connections(connection: Connection) -> int | None:
    """Return the server's limit, which other clients may share; ``None`` for a database without one."""
    query = _QUERIES.get(connection.dialect.name)
    limit = None if query is None else connection.execute(text(query)).scalar_one_or_none()
    return None if limit is None else int(limit)
