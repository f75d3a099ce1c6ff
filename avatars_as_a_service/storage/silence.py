"""Silence: ends the wait for a PostgreSQL server that neither answers nor goes away; libpq would wait for ever.

That is how a frozen server looks, a stuck connection pooler, or a network that swallows everything.
"""

import select
from typing import Final

from psycopg2 import OperationalError
from psycopg2.extensions import POLL_OK, POLL_READ, connection, set_wait_callback

_EVENTS: Final = {True: select.POLLIN, False: select.POLLOUT}


class ImpatientConnection(connection):
    """Raises ``OperationalError``, and is closed, where nothing comes back for so many seconds."""

    connect_s: float = 3
    answer_s: float = 11
    """Longer than any statement may take: the server's own words say more."""
    connected = False


def break_silence() -> None:
    """Make it so, for the whole process; connections of other classes wait as they always did."""
    set_wait_callback(_wait)


def _wait(waiting: connection) -> None:
    seconds = None
    if isinstance(waiting, ImpatientConnection):
        seconds = waiting.answer_s if waiting.connected else waiting.connect_s
    while (state := waiting.poll()) != POLL_OK:
        events = select.poll()  # not select.select: it takes no descriptor from 1,024 on
        events.register(waiting.fileno(), _EVENTS[state == POLL_READ])
        if not events.poll(None if seconds is None else seconds * 1000):
            raise OperationalError(f"the server has said nothing for {seconds} s")
    if isinstance(waiting, ImpatientConnection):
        waiting.connected = True
