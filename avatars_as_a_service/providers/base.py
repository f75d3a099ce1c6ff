"""The interface of a provider, and the failures of providers, divided by what they cost."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.domain.picture import Picture
from avatars_as_a_service.domain.pricing import Usage

MAX_OUTCOME: Final = 50
"""The characters that the ledger's column of outcomes holds."""


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """Features and their prompt; or no features, and a description as the prompt."""

    features: Features | None
    prompt: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, the tokens that it took, and the provider's request id."""

    picture: Picture
    usage: Usage | None = None
    request_id: str | None = None


class ProviderFailure(Exception):
    """The base of all failures of a paid provider. ``outcome`` and the provider's ``request_id`` go to the ledger.

    ``message`` is what the provider says of it, for the operator alone: shortened, without the prompt and secrets.
    """

    def __init__(self, outcome: str, *, request_id: str | None = None, message: str | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.request_id = request_id
        self.message = message


class Unbilled(ProviderFailure):
    """The call cost nothing, and another try would fail too: the account or the model is wrong.

    ``reason`` tells the log why no request was sent; ``None`` if one was.
    """

    def __init__(
        self, outcome: str, *, request_id: str | None = None, message: str | None = None, reason: str | None = None
    ) -> None:
        super().__init__(outcome, request_id=request_id, message=message)
        self.reason = reason


class RetryableFailure(Unbilled):
    """The call cost nothing, and another try may succeed, after ``retry_after`` seconds if the provider gives them."""

    def __init__(
        self,
        outcome: str,
        *,
        request_id: str | None = None,
        message: str | None = None,
        reason: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(outcome, request_id=request_id, message=message, reason=reason)
        self.retry_after = retry_after


class WrongRequest(Unbilled):
    """The call cost nothing: the provider refuses this request, and may accept others.

    ``parameter`` is the one that it does not take, and ``setting`` the variable that sets it, if it names one that was
    sent.
    """

    def __init__(
        self,
        outcome: str,
        *,
        request_id: str | None = None,
        message: str | None = None,
        parameter: str | None = None,
        setting: str | None = None,
    ) -> None:
        super().__init__(outcome, request_id=request_id, message=message)
        self.parameter = parameter
        self.setting = setting


class OutOfQuota(Unbilled):
    """The call cost nothing: the account has no money left or has reached its limit."""


class RefusedByModel(Unbilled):
    """The call cost nothing: the model refuses to draw this."""


class MaybeBilled(ProviderFailure):
    """The request was sent and no answer came: the call may be billed or not."""


class BilledWithoutPicture(ProviderFailure):
    """The call is billed, and its answer holds no usable picture."""

    def __init__(self, outcome: str, *, reason: str, usage: Usage | None, request_id: str | None) -> None:
        super().__init__(outcome, request_id=request_id)
        self.reason = reason
        self.usage = usage


class ModerationFailed(Exception):
    """Moderation gave no answer."""


class ProbeFailed(Exception):
    """The provider cannot be used; the message gives the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderInfo:
    """A provider's properties. The row of each face stores the first three."""

    name: str
    model: str
    quality: str
    artist: Artist
    is_paid: bool
    draws_descriptions: bool


class ImageClient(Protocol):
    """Draws pictures."""

    async def draw(self, request: DrawRequest, *, deadline: float) -> Drawing:
        """Draw one picture and inspect it.

        Raises a ``ProviderFailure``, and ``TimeoutError`` without an answer before the deadline, which is a time of
        the event loop's clock. An answered call is paid for: its picture is downloaded and inspected past the deadline.
        """

    async def moderate(self, description: str) -> list[str]:
        """Return the categories for which moderation flags the text. Raises ``ModerationFailed``."""

    async def model_shutdown_date(self) -> date | None:
        """Return the day on which the model is shut down; ``None`` if it is unknown or the server does not answer."""

    async def probe(self) -> str:
        """Ask the provider for something free. Return what it answers, in words. Raises ``ProbeFailed``."""

    async def close(self) -> None:
        """Close all connections."""


class Provider(ImageClient, Protocol):
    """An image client with its properties."""

    @property
    def info(self) -> ProviderInfo:
        """The provider's name, model and abilities."""
