"""What the service asks of a provider, and how a provider may fail: by what the failure costs."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from avatars_as_a_service.features import Features
from avatars_as_a_service.key import Artist
from avatars_as_a_service.picture import Picture
from avatars_as_a_service.pricing import Usage


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be drawn: features and their prompt, or, without features, a free description as the prompt."""

    features: Features | None
    prompt: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, what drawing it took, and the provider's own name for the call."""

    picture: Picture
    usage: Usage | None = None
    request_id: str | None = None


class ProviderFailure(Exception):
    """Base of what a paid provider raises. ``outcome`` is a word for the ledger; ``request_id`` the provider's name."""

    def __init__(self, outcome: str, *, request_id: str | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.request_id = request_id


class Unbilled(ProviderFailure):
    """Nothing was paid, and trying again does not help: the account or the model is wrong."""


class UnbilledForNow(Unbilled):
    """Nothing was paid, and trying again may help, after ``retry_after`` seconds where the provider says so."""

    def __init__(self, outcome: str, *, request_id: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(outcome, request_id=request_id)
        self.retry_after = retry_after


class WrongRequest(Unbilled):
    """Nothing was paid: the provider takes exception to this one request, and works otherwise."""


class OutOfQuota(Unbilled):
    """Nothing was paid: the account has no money left, or its limit is reached."""


class RefusedByModel(Unbilled):
    """Nothing was paid: the model does not draw this."""


class MaybeBilled(ProviderFailure):
    """The request was sent and no answer came: nobody knows whether it is billed."""


class BilledForNothing(ProviderFailure):
    """The call is billed, but what came is no picture that can be kept."""

    def __init__(self, outcome: str, *, reason: str, usage: Usage | None, request_id: str | None) -> None:
        super().__init__(outcome, request_id=request_id)
        self.reason = reason
        self.usage = usage


class ModerationFailed(Exception):
    """Moderation gave no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a provider without asking it; the first three stand in the row of each face that it drew."""

    name: str
    model: str
    quality: str
    artist: Artist
    is_paid: bool
    draws_descriptions: bool


class Drawer(Protocol):
    """Draws pictures."""

    async def draw(self, commission: Commission, *, deadline: float) -> Drawing:
        """One picture, inspected.

        Raises a ``ProviderFailure``, and ``TimeoutError`` where there is no answer before the deadline, by the event
        loop's clock. What is answered is paid for: fetching and inspecting its picture goes on past the deadline.
        """

    async def flagged(self, description: str) -> list[str]:
        """The categories for which moderation flags the text. Raises ``ModerationFailed``."""

    async def switched_off_on(self) -> date | None:
        """The day on which its model ends, where one is known; ``None`` too where nobody can be asked."""

    async def close(self) -> None:
        """Give back connections."""


class Provider(Drawer, Protocol):
    """A drawer, and what is known of it."""

    @property
    def about(self) -> About:
        """Who draws, for what."""
