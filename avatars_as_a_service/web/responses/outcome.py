"""Outcomes: what became of a request, in one word for the log and the metrics."""

from enum import StrEnum
from typing import Final, Self

from starlette.types import Scope

from avatars_as_a_service.domain.query import Answer

_STATE_KEY: Final = "outcome"


class Outcome(StrEnum):
    """What became of a request for a face."""

    HIT = "hit"
    DRAWN = "drawn"
    STAND_IN = "stand_in"
    LEFT = "left"
    """The client closed the connection before its body had come."""

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The outcome of a request with this answer."""
        if answer.cache_hit:
            return cls("hit")
        return cls("stand_in" if answer.provisional else "drawn")


def set_outcome(scope: Scope, outcome: Outcome) -> None:
    """Have the request log write and count this outcome of the request."""
    scope.setdefault("state", {})[_STATE_KEY] = outcome


def outcome_of(scope: Scope) -> Outcome | None:
    """The outcome of the request, if its endpoint has one."""
    outcome: Outcome | None = scope.get("state", {}).get(_STATE_KEY)
    return outcome
