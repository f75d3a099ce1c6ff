"""The ``generation`` table: a number that grows with each purge and each redraw.

If rows of ``gone`` have a generation's number, these rows list all that changed. If none has it, any face may have.
"""

from contextlib import suppress

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.tables import generation

_ONLY_ROW = 1


def get(connection: Connection) -> int:
    """Return the current generation."""
    return connection.execute(select(generation.c.number)).scalar_one_or_none() or 0


def bump(connection: Connection) -> int:
    """Begin a new generation and return it. Each process evicts what changed when it next polls the number."""
    change = update(generation).values(number=generation.c.number + 1)
    if connection.execute(change).rowcount == 0:
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(insert(generation), {"id": _ONLY_ROW, "number": 0})
        connection.execute(change)
    return get(connection)
