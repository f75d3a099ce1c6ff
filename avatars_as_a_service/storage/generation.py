"""The ``generation`` table: a number that grows whenever a kept face is taken away or drawn anew.

Where rows of ``gone`` have the number, they tell all of that change. Where none has it, anything may have changed.
"""

from contextlib import suppress

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from avatars_as_a_service.storage.tables import generation

_ONLY_ROW = 1


def get(connection: Connection) -> int:
    """The number as it stands."""
    return connection.execute(select(generation.c.number)).scalar_one_or_none() or 0


def bump(connection: Connection) -> int:
    """Tell every process, within the seconds that they read it in, to ask the database again. The new number."""
    change = update(generation).values(number=generation.c.number + 1)
    if connection.execute(change).rowcount == 0:
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(insert(generation), {"id": _ONLY_ROW, "number": 0})
        connection.execute(change)
    return get(connection)
