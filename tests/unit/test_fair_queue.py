"""The fair queue: clients take turns, and a flood of one of them refuses its own tasks alone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from avatars_as_a_service.concurrency.fair_queue import FairQueue
from avatars_as_a_service.errors import Busy, ProviderTimeout

LATER: Final = 60.0


class Run:
    """Tasks that hold a slot until they are told to end; ``order`` has the clients in the order of their slots."""

    def __init__(self, queue: FairQueue) -> None:
        self._queue = queue
        self._ends: list[asyncio.Event] = []
        self.order: list[str] = []

    def ask(self, client: str, *, wait_s: float = LATER) -> "asyncio.Task[None]":
        """Begin a task of this client."""
        return asyncio.create_task(self._hold(client, asyncio.get_running_loop().time() + wait_s))

    async def end_all(self) -> None:
        """Let each task end, one after the other, until none runs."""
        while self._ends:
            self._ends.pop(0).set()
            await settle()

    async def _hold(self, client: str, deadline: float) -> None:
        async with self._queue.slot(client, deadline):
            end = asyncio.Event()
            self._ends.append(end)
            self.order.append(client)
            await end.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def in_loop(scenario: Callable[[Run], Awaitable[None]], *, running: int = 1, waiting: int = 100) -> None:
    async def run() -> None:
        await scenario(Run(FairQueue(max_running=running, max_waiting=waiting, first_guess_s=1)))

    asyncio.run(run())


def test_clients_take_turns_however_much_each_asks_for() -> None:
    async def scenario(run: Run) -> None:
        tasks = [run.ask(client) for client in "aaaaaabbc"]
        await settle()
        await run.end_all()
        await asyncio.gather(*tasks)
        assert "".join(run.order) == "aabcabaaa"

    in_loop(scenario)


def test_so_many_run_at_once() -> None:
    async def scenario(run: Run) -> None:
        tasks = [run.ask("a") for _ in range(5)]
        await settle()
        assert len(run.order) == 3
        await run.end_all()
        await asyncio.gather(*tasks)

    in_loop(scenario, running=3)


def test_past_the_bound_the_client_with_most_tasks_loses_its_last_one() -> None:
    async def scenario(run: Run) -> None:
        flood = [run.ask("flood") for _ in range(6)]
        await settle()
        other = run.ask("other")
        await settle()
        with pytest.raises(Busy):
            await flood[-1]
        with pytest.raises(Busy):
            await run.ask("flood")
        await run.end_all()
        await asyncio.gather(other, *flood[:-1])
        assert run.order[:3] == ["flood", "flood", "other"]

    in_loop(scenario, waiting=5)


def test_a_deadline_and_a_task_that_is_cancelled_take_no_slot() -> None:
    async def scenario(run: Run) -> None:
        first, late, gone, last = run.ask("a"), run.ask("b", wait_s=0.01), run.ask("b"), run.ask("c")
        await settle()
        gone.cancel()
        with pytest.raises(ProviderTimeout):
            await late
        await run.end_all()
        await asyncio.gather(first, last)
        assert run.order == ["a", "c"]

    in_loop(scenario)


def test_a_task_that_is_cancelled_as_it_gets_its_slot_passes_it_on() -> None:
    async def scenario(run: Run) -> None:
        first, gone, last = run.ask("a"), run.ask("b"), run.ask("c")
        await settle()
        run._ends.pop(0).set()  # noqa: SLF001 - the slot is given in the same turn of the loop as the cancellation
        await asyncio.sleep(0)
        gone.cancel()
        await settle()
        await run.end_all()
        await asyncio.gather(first, last)
        assert run.order[-1] == "c"

    in_loop(scenario)
