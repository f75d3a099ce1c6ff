"""PostgreSQL connections: bounded waits, and transactions that carry their own settings.

libpq itself would wait for ever for a frozen server, a stuck connection pooler or a network that drops all packets.
A connection pooler gives each transaction another session, so a setting belongs to its transaction. It travels with
BEGIN and takes no round trip of its own.
"""

import select
from typing import Any, Final

from psycopg2 import OperationalError
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    TRANSACTION_STATUS_IDLE,
    TRANSACTION_STATUS_UNKNOWN,
    connection,
    parse_dsn,
    set_wait_callback,
)

_EVENTS: Final = {True: select.POLLIN, False: select.POLLOUT}
_CONNECT_S: Final = 3
_ANSWER_S: Final = 11
"""Longer than any statement may take: the server's own timeout reports more."""
_FIRST_WAITS: Final = 2
"""The connection itself and its first statement: a pooler that has no session left keeps the latter waiting."""
_ENDED: Final = {TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_UNKNOWN}


class PostgresConnection(connection):
    """A connection that raises ``OperationalError`` and closes if the server sends nothing in time.

    ``begin`` starts a transaction at READ COMMITTED, whatever the server's default is, without a limit on the wait for
    a lock, and with a limit on each statement.
    """

    answer_s: float | None = _ANSWER_S
    statement_s: float = 5

    def __init__(self, dsn: str, *others: Any) -> None:  # noqa: ANN401 - as the base class says
        """Connect."""
        parameters = parse_dsn(dsn)
        self.connect_s = float(parameters.get("connect_timeout", _CONNECT_S))
        self.waits = 0
        self._begin = _begin_statement(parameters.get("options", ""), self.statement_s)
        super().__init__(dsn, *others)
        self.autocommit = True  # the driver begins no transaction of its own

    def begin(self) -> None:
        """Begin a transaction."""
        self._run(self._begin)

    def commit(self) -> None:
        """Commit the transaction, if there is one."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Roll the transaction back, if there is one."""
        self._end("ROLLBACK")

    def _end(self, statement: str) -> None:
        if self.info.transaction_status not in _ENDED:
            self._run(statement)

    def _run(self, statement: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(statement)


class UnlimitedPostgresConnection(PostgresConnection):
    """A connection for long migrations: no statement is ended, and no answer is late."""

    answer_s = None
    statement_s = 0


def install_wait_limits() -> None:
    """Limit the waits of ``PostgresConnection`` in this process; other connections wait as before."""
    set_wait_callback(_wait)


def _begin_statement(options: str, statement_s: float) -> str:
    """Leave a timeout alone that the operator's own ``options`` set."""
    timeouts = {"statement_timeout": round(statement_s * 1000), "lock_timeout": 0}
    settings = [f"SET LOCAL {name} = {value}" for name, value in timeouts.items() if name not in options]
    return "; ".join(["BEGIN ISOLATION LEVEL READ COMMITTED", *settings])


def _wait(waiting: connection) -> None:
    seconds = None
    if isinstance(waiting, PostgresConnection):
        seconds = waiting.connect_s if waiting.waits < _FIRST_WAITS else waiting.answer_s
    while (state := waiting.poll()) != POLL_OK:
        events = select.poll()  # not select.select, which takes no descriptor above 1,023
        events.register(waiting.fileno(), _EVENTS[state == POLL_READ])
        if not events.poll(None if seconds is None else seconds * 1000):
            raise OperationalError(f"the server sent nothing for {seconds} s")
    if isinstance(waiting, PostgresConnection):
        waiting.waits += 1
