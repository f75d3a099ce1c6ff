"""Database URLs: parsed from the forms that operators write, and redacted for the log."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

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
    "with %40 for @, %2F for / and %3A for a colon in the password"
)

_NO_SSL: Final = (
    "has ?ssl=…, which the driver does not take; write ?ssl_ca= and the path of the certificates to trust, "
    "such as ?ssl_ca=/etc/ssl/certs/ca-certificates.crt"
)
_ACCOUNT: Final = re.compile(r"(?P<scheme>[\w+]+://)(?P<account>[^?#]*)@(?P<rest>.*)", re.DOTALL)
"""The last @ before the parameters ends the account: a password may have one, a host may not."""


def database_url(text: str) -> URL:
    """Parse a database URL; choose the installed driver, and full UTF-8 for MySQL.

    Raises ``ValueError``. Its message never repeats the URL, which may hold a password.
    """
    try:
        url = _parsed(text.strip())
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        dialect = url.get_dialect()
        dialect.import_dbapi()
    except (NoSuchModuleError, ImportError):
        raise ValueError(f"names {url.drivername!r}, for which no driver is installed") from None
    except (ValueError, ArgumentError):
        raise ValueError(_NO_URL) from None
    if dialect.is_async:
        raise ValueError(f"names {url.drivername!r}, an asynchronous driver; remove the + and the name after it")
    if url.get_backend_name() == "sqlite" and url.host:
        raise ValueError(f"has two slashes; write sqlite:///{url.host}/{url.database or ''}, with three")
    is_mysql = url.get_backend_name() in {"mysql", "mariadb"}
    if is_mysql and "ssl" in url.query:
        raise ValueError(_NO_SSL)
    if is_mysql and "charset" not in url.query:
        url = url.update_query_dict({"charset": "utf8mb4"})
    return url


def _parsed(text: str) -> URL:
    """Parse a URL, also one with a password that holds an ``@`` as it is. Raises ``ValueError``, ``ArgumentError``."""
    found = _ACCOUNT.fullmatch(text)
    try:
        url = make_url(text)
    except (ValueError, ArgumentError):
        if found is None:
            raise
    else:
        if found is None or "@" not in (url.host or ""):
            return url
    return make_url(f"{found['scheme']}{found['account'].replace('@', '%40')}@{found['rest']}")


def redacted(url: URL) -> str:
    """Return a text for the log: an SQLite file's absolute path, else the URL without password and parameters."""
    path = sqlite_path(url)
    if path is not None:
        return f"SQLite file {path.resolve()}"
    return url.set(query={}).render_as_string(hide_password=True)


def sqlite_path(url: URL) -> Path | None:
    """Return the path of an SQLite database's file; ``None`` for other databases, and for one in memory."""
    if url.get_backend_name() != "sqlite" or is_in_memory(url):
        return None
    name = str(url.database)
    if _is_uri(url):
        name = unquote(urlsplit(name).path)
    return Path(name)


def is_in_memory(url: URL) -> bool:
    """Whether this is an SQLite database in the memory of one process."""
    if url.get_backend_name() != "sqlite":
        return False
    return not url.database or ":memory:" in url.database or (_is_uri(url) and url.query.get("mode") == "memory")


def _is_uri(url: URL) -> bool:
    return str(url.database).startswith("file:") and str(url.query.get("uri", "")).lower() in {"true", "1", "yes", "on"}
