"""Database addresses in the forms that people write."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

_DRIVERS: Final = {
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "oracle": "oracle+oracledb",
}
_NO_URL: Final = (
    "is no SQLAlchemy URL; write for example postgresql://user:password@host/database, "
    "and in the password %40 for @, %2F for / and %3A for a colon"
)


def database_url(text: str) -> URL:
    """The address with the driver that is installed, and for MySQL with its full UTF-8.

    Raises ``ValueError`` with words that never repeat the address, which may hold a password.
    """
    try:
        url = make_url(text.strip())
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        dialect = url.get_dialect()
        dialect.import_dbapi()
    except (NoSuchModuleError, ImportError):
        raise ValueError(f"names {url.drivername!r}, for which no driver is installed") from None
    except (ValueError, ArgumentError):
        raise ValueError(_NO_URL) from None
    if dialect.is_async:
        raise ValueError(f"names {url.drivername!r}, an asynchronous driver; leave what stands after the + away")
    if "@" in (url.host or ""):
        raise ValueError(_NO_URL)
    if url.get_backend_name() in {"mysql", "mariadb"} and "charset" not in url.query:
        url = url.update_query_dict({"charset": "utf8mb4"})
    return url


def shown(url: URL) -> str:
    """The address for a log: an SQLite file's absolute path, else the URL without password and parameters."""
    if url.get_backend_name() == "sqlite" and not in_memory(url):
        return f"SQLite file {Path(str(url.database)).resolve()}"
    return url.set(query={}).render_as_string(hide_password=True)


def in_memory(url: URL) -> bool:
    """Whether it is an SQLite database that only one process can see."""
    return url.get_backend_name() == "sqlite" and (not url.database or ":memory:" in url.database)
