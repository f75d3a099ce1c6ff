"""Connections that are kept: no request is lost that arrives just when a connection has been idle for too long."""

import threading
import time

import pytest

from tests.conftest import Serve
from tests.support.wire import GET, connected, next_of, rest_of, status


@pytest.mark.in_process("it holds the event loop up")
@pytest.mark.slow
def test_a_request_that_comes_while_the_loop_is_busy_is_answered_at_the_end_of_the_idle_time(serve: Serve) -> None:
    service = serve({"DB_STRING": "sqlite:///x.db", "AVATARS_KEEP_ALIVE_S": "1"})
    is_held, may_go_on = threading.Event(), threading.Event()

    def hold() -> None:
        is_held.set()
        may_go_on.wait(60)

    with connected(service) as connection:
        connection.sendall(GET)
        assert status(next_of(connection)) == 200
        service.loop.call_soon_threadsafe(hold)
        assert is_held.wait(60)
        time.sleep(1.2)  # its idle time ends
        connection.sendall(GET)
        may_go_on.set()

        assert status(next_of(connection)) == 200
        assert not rest_of(connection), "then it is idle again, and closed"
