"""Resumption: a migration that was cut off on MySQL or MariaDB goes on where it ended.

Both commit each change of a table at once, while the tables' version is written when a whole migration is done. The
other databases take back what was not finished. Alembic finds these classes by their dialect.
"""

from typing import Any

from alembic.ddl.impl import DefaultImpl
from alembic.ddl.mysql import MariaDBImpl, MySQLImpl
from sqlalchemy import Column, Index, Table, inspect
from sqlalchemy.engine.reflection import Inspector


class _ResumableImpl(DefaultImpl):
    """Skips what is done already. A table of another application is none of it: its columns differ."""

    def create_table(self, table: Table, **options: Any) -> None:  # noqa: ANN401 - Alembic's own, as below
        """Create the table, unless one with the same columns exists."""
        names = {column.name for column in table.columns}
        if not (self._inspector.has_table(table.name) and self._columns(table.name) == names):
            super().create_table(table, **options)

    def create_index(self, index: Index, **options: Any) -> None:  # noqa: ANN401
        """Create the index, unless the table has one of that name."""
        table = index.table
        if table is None or index.name not in {each["name"] for each in self._inspector.get_indexes(table.name)}:
            super().create_index(index, **options)

    def add_column(self, table_name: str, column: Column[Any], **options: Any) -> None:  # noqa: ANN401
        """Add the column, unless the table has one of that name."""
        if column.name not in self._columns(table_name):
            super().add_column(table_name, column, **options)

    @property
    def _inspector(self) -> Inspector:
        """A new one: an inspector remembers what it saw first."""
        return inspect(self.connection)

    def _columns(self, table_name: str) -> set[str]:
        return {column["name"] for column in self._inspector.get_columns(table_name)}


class ResumableMySQLImpl(_ResumableImpl, MySQLImpl):
    """Alembic's way with MySQL, resumable."""

    __dialect__ = "mysql"


class ResumableMariaDBImpl(_ResumableImpl, MariaDBImpl):
    """Alembic's way with MariaDB, resumable."""

    __dialect__ = "mariadb"
