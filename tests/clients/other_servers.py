"""Image servers that others wrote, run as their makers deliver them, and what a service makes of their answers."""

from typing import Final

from tests.support.clock import wait_until
from tests.support.ledger_checks import ledger
from tests.support.service_runner import ThreadedService

SETTINGS: Final = {
    "OPENAI_API_KEY": "sk-planted-secret",
    "AVATARS_PRICE_PER_IMAGE_USD": "0.01",
    "AVATARS_STAND_IN": "off",
    "AVATARS_MODERATION": "off",
    "AVATARS_PROVIDER_TIMEOUT_S": "10",
    "AVATARS_RETRY_WAIT_S": "0.05",
    "AVATARS_QUOTA_PAUSE_S": "0.001",
    "AVATARS_BREAKER_PAUSE_S": "0.001",
}
"""A service that pays, says each error, and does not wait for a server to recover."""
Told = tuple[int, str, str, int]
"""What an error costs: its status, its code, the state of its calls in the ledger, and how many calls there are."""


def check_draws_once(service: ThreadedService, database: str) -> None:
    """A face and a hit on it, then a description: two calls."""
    drawn = [service.client.post("/query", json={"properties": {"mood": "fun"}}).json() for _ in range(2)]
    described = service.client.post("/query", json={"properties": {"description": "a cat"}}).json()

    assert [(answer["cache_hit"], answer["cost_usd"]) for answer in drawn] == [(False, 0.01), (True, 0)]
    assert (described["cache_hit"], described["cost_usd"]) == (False, 0.01)
    assert [entry.state for entry in ledger(database)] == ["settled"] * 2


def told(service: ThreadedService, database: str, description: str) -> Told:
    """Ask for a description whose drawing fails."""
    known = len(ledger(database))
    answer = service.client.post("/query", json={"properties": {"description": description}})
    # A call that takes too long is written down right after its answer.
    wait_until(lambda: all(entry.state not in {"reserved", "sent"} for entry in ledger(database)))
    states = [entry.state for entry in ledger(database)[known:]]
    return answer.status_code, answer.json()["code"], " ".join(sorted(set(states))), len(states)
