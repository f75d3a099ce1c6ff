"""The packet limit: the largest statement that a MySQL or MariaDB server accepts."""

from sqlalchemy import Connection, text


def max_packet_bytes(connection: Connection) -> int | None:
    """Return the server's limit in bytes; ``None`` for a database without one."""
    if connection.dialect.name not in {"mysql", "mariadb"}:
        return None
    return int(connection.execute(text("SELECT @@max_allowed_packet")).scalar_one())
