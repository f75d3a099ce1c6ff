"""The database's clock: one clock for all processes and replicas."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TIMESTAMP, Connection, DateTime, Dialect, select
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC to the microsecond: aware in Python, without a zone in SQL."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:  # noqa: ANN401 - as the base class says
        """Choose the database's type that keeps microseconds."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        if dialect.name == "oracle":
            return dialect.type_descriptor(TIMESTAMP())
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert a time of any zone to UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Mark the stored time as UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class _UtcNow(FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True


@compiles(_UtcNow)
def _standard(element: _UtcNow, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ARG001, ANN401
    return "CURRENT_TIMESTAMP"


@compiles(_UtcNow, "sqlite")
def _sqlite(element: _UtcNow, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ARG001, ANN401
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(_UtcNow, "postgresql")
def _postgresql(element: _UtcNow, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ARG001, ANN401
    return "(clock_timestamp() AT TIME ZONE 'utc')"


@compiles(_UtcNow, "mysql")
@compiles(_UtcNow, "mariadb")
def _mysql(element: _UtcNow, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ARG001, ANN401
    return "UTC_TIMESTAMP(6)"


@compiles(_UtcNow, "oracle")
def _oracle(element: _UtcNow, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ARG001, ANN401
    return "SYS_EXTRACT_UTC(SYSTIMESTAMP)"


def utc_now(connection: Connection) -> datetime:
    """Return the time of the database's clock."""
    return connection.execute(select(_UtcNow())).scalar_one()
