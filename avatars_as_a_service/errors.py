"""What can go wrong, one class for each thing that a caller could do differently.

Each carries what HTTP says of it: a status, a stable code, words that say what happened and what to do, and, where a
later try makes sense, after how many seconds.
"""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self


class AvatarsError(Exception):
    """Base of all errors that a caller is told about."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after

    @property
    def headers(self) -> Mapping[str, str]:
        """What HTTP's headers say of it beside ``Retry-After``."""
        return {}

    @classmethod
    def retold(cls, detail: str, *, retry_after: float) -> Self:
        """The same error in the words that were written down of it."""
        error = cls.__new__(cls)
        AvatarsError.__init__(error, detail, retry_after=retry_after)
        return error


class CannotDrawNow(AvatarsError):
    """The model may or can not draw now; a stand-in may be shown instead.

    ``maybe_paid``: a call was sent that is or may be billed, so whoever repeats the request may pay a second time.
    """

    status = 503
    maybe_paid = False

    def __init__(self, detail: str, *, retry_after: float | None = None, maybe_paid: bool = False) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.maybe_paid = maybe_paid


class BudgetExhausted(CannotDrawNow):
    """Another call would pass the cap of a budget window."""

    code = "budget_exhausted"

    def __init__(self, window: str, *, retry_after: float, payer: str | None = None) -> None:
        whose = f"{window} budget" if payer is None else f"{window} budget of the key {payer!r}"
        super().__init__(
            f"The {whose} is used up; nothing more is paid for until the window ends. Kept faces are served.",
            retry_after=retry_after,
        )


class ProviderUnavailable(CannotDrawNow):
    """The provider cannot be reached, fails, or is left alone for a while because it failed."""

    code = "provider_unavailable"

    def __init__(self, reason: str, *, retry_after: float, maybe_paid: bool = False) -> None:
        words = f"The image provider is not available: {reason}. Try again later."
        super().__init__(words, retry_after=retry_after, maybe_paid=maybe_paid)


class ProviderQuota(CannotDrawNow):
    """The provider says that the account has no money or quota left."""

    code = "provider_quota"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__(
            "The image provider's quota or spending limit is reached; the operator has to raise it there.",
            retry_after=retry_after,
        )


class Busy(CannotDrawNow):
    """The queue in front of the provider is full."""

    code = "busy"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__("Too many drawings are waiting. Try again later.", retry_after=retry_after)


class ProviderTimeout(CannotDrawNow):
    """The deadline passed before there was a picture."""

    status = 504
    code = "provider_timeout"

    def __init__(self, *, retry_after: float = 5, maybe_paid: bool = False) -> None:
        words = "There was no picture before the deadline. Try again later."
        super().__init__(words, retry_after=retry_after, maybe_paid=maybe_paid)


class UnusableAnswer(CannotDrawNow):
    """The provider answered with something that is no picture we can keep."""

    status = 502
    code = "provider_bad_answer"

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(
            f"The image provider's answer cannot be used: {reason}. Try again later.",
            retry_after=retry_after,
            maybe_paid=True,
        )


class KeepingBlocked(CannotDrawNow):
    """A paid picture could not be put on any disk yet, so no other is paid for."""

    code = "storage_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "A picture that was paid for still waits for a place to be kept; nothing more is drawn until it has one.",
            retry_after=10,
        )


class Draining(CannotDrawNow):
    """This process is about to stop and starts no drawing."""

    code = "shutting_down"

    def __init__(self) -> None:
        super().__init__("This process is stopping. Try again: another one answers.", retry_after=1)


class DatabaseUnavailable(AvatarsError):
    """The database cannot be reached or refuses."""

    status = 503
    code = "database_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__("The database cannot be reached; only faces in memory are served. Try again.", retry_after=2)
        self.reason = reason


class ImageStoreUnavailable(AvatarsError):
    """The image store cannot be reached, refuses, or lacks what was put there."""

    status = 503
    code = "image_store_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The image store cannot be reached; only pictures in memory are served. Try again.", retry_after=2
        )
        self.reason = reason


class DescriptionNeedsAModel(AvatarsError):
    """The local artist cannot draw a free description."""

    status = 503
    code = "description_needs_a_model"

    def __init__(self) -> None:
        super().__init__(
            "The local artist draws features only. To draw descriptions, start the service with OPENAI_API_KEY set, "
            "or OPENAI_BASE_URL for a compatible server."
        )


class Refused(AvatarsError):
    """The model refuses to draw this."""

    status = 422
    code = "refused"

    def __init__(self, *, retry_after: float | None = None) -> None:
        super().__init__("The image model refuses to draw this. Ask for something else.", retry_after=retry_after)


class Flagged(AvatarsError):
    """Moderation does not let this description through."""

    status = 422
    code = "flagged"

    def __init__(self, categories: Sequence[str]) -> None:
        super().__init__(f"This description was flagged by moderation: {', '.join(categories)}. Change it.")


class ModerationUnavailable(AvatarsError):
    """Moderation did not answer, so nothing was paid for."""

    status = 503
    code = "moderation_unavailable"

    def __init__(self) -> None:
        super().__init__("Moderation did not answer, so nothing was drawn. Try again.", retry_after=5)


class IdempotencyKeyReused(AvatarsError):
    """The key came with another body before."""

    status = 422
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another body within 24 hours. Use a new key.")


class BadIdempotencyKey(AvatarsError):
    """The key is empty or too long."""

    status = 422
    code = "idempotency_key_invalid"

    def __init__(self, most: int) -> None:
        super().__init__(f"An Idempotency-Key has 1 to {most} characters.")


class PictureNotFound(AvatarsError):
    """No such picture is kept, or it cannot be made in that format."""

    status = 404
    code = "picture_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such picture in this format.")


class BodyTooLarge(AvatarsError):
    """The body is over the limit."""

    status = 413
    code = "body_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is larger than {most} bytes.")


class NotJson(AvatarsError):
    """The body is said to be something other than JSON."""

    status = 415
    code = "not_json"

    def __init__(self) -> None:
        super().__init__("Send the body as application/json.")


class AdminTokenNeeded(AvatarsError):
    """The address is for who runs the service, and no token came along."""

    status = 401
    code = "admin_token_needed"

    def __init__(self, *, in_browser: bool = False) -> None:
        super().__init__("This is for who runs the service: send 'Authorization: Bearer' and the admin token.")
        self._in_browser = in_browser

    @property
    def headers(self) -> Mapping[str, str]:
        """A browser that opens a page asks its user; any other client is told the scheme."""
        return {"WWW-Authenticate": f'{"Basic" if self._in_browser else "Bearer"} realm="avatars admin"'}


class AdminTokenWrong(AvatarsError):
    """The token is not the admin token."""

    status = 403
    code = "admin_token_wrong"

    def __init__(self) -> None:
        super().__init__("This is not the admin token.")


class AdminFromHereOnly(AvatarsError):
    """Without an admin token, who runs the service asks from its own machine, and not through a proxy."""

    status = 403
    code = "admin_from_loopback_only"

    def __init__(self, setting: str) -> None:
        super().__init__(f"Without {setting} this answers on the machine's own loopback address alone.")


class ForeignPage(AvatarsError):
    """A page of another site sent the request, with or without its user's knowing."""

    status = 403
    code = "foreign_page"

    def __init__(self) -> None:
        super().__init__("A page of another site may not ask for this.")


class TooManyFailures(AvatarsError):
    """Too many wrong tokens came from this address."""

    status = 429
    code = "too_many_failures"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__("Too many wrong tokens came from this address. Wait, then send the right one.")
        self.retry_after = retry_after


class NoLeave(AvatarsError):
    """Base of what keeps a caller from having anything paid for; what is kept is shown all the same."""

    status = 403


class ApiKeyNeeded(NoLeave):
    """This would have to be drawn, that may cost money, and no API key came along."""

    status = 401
    code = "api_key_needed"

    def __init__(self) -> None:
        super().__init__("This needs an API key: send it as 'Authorization: Bearer' or 'X-API-Key'.")

    @property
    def headers(self) -> Mapping[str, str]:
        """The scheme to send it by."""
        return {"WWW-Authenticate": 'Bearer realm="avatars"'}


class ApiKeyWrong(NoLeave):
    """There is no such API key."""

    code = "api_key_wrong"

    def __init__(self) -> None:
        super().__init__("There is no such API key.")


class ApiKeyRevoked(NoLeave):
    """The API key has been revoked."""

    code = "api_key_revoked"

    def __init__(self) -> None:
        super().__init__("This API key has been revoked; ask the operator for another.")


class OriginNotAllowed(NoLeave):
    """The API key is bound to web pages, and the request comes from none of them."""

    code = "origin_not_allowed"

    def __init__(self) -> None:
        super().__init__("This API key works from the web pages alone that it was made for.")


class TooManyRequests(AvatarsError):
    """This caller has asked too often."""

    status = 429
    code = "too_many_requests"

    def __init__(self, kind: str, amount: int, window_s: int, *, retry_after: float) -> None:
        super().__init__(f"Too many requests: {amount} in {window_s} s are allowed. Wait.", retry_after=retry_after)
        self._kind = kind
        self._amount = amount
        self._window_s = window_s

    def again(self, retry_after: float) -> "TooManyRequests":
        """The same, some time later."""
        return TooManyRequests(self._kind, self._amount, self._window_s, retry_after=retry_after)

    @property
    def headers(self) -> Mapping[str, str]:
        """The limit in both forms that clients read: the draft's structured fields, and the older three."""
        seconds = math.ceil(self.retry_after or 1)
        return {
            "RateLimit-Policy": f'"{self._kind}";q={self._amount};w={self._window_s}',
            "RateLimit": f'"{self._kind}";r=0;t={seconds}',
            "RateLimit-Limit": str(self._amount),
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": str(seconds),
        }


class LimitsUnavailable(CannotDrawNow):
    """The place where limits are counted cannot be asked, so nothing is drawn."""

    code = "limits_unavailable"

    def __init__(self) -> None:
        super().__init__("Limits cannot be counted now, so nothing is drawn. Kept faces are served.", retry_after=2)


class FaceNotFound(AvatarsError):
    """No face is kept under that key."""

    status = 404
    code = "face_not_found"

    def __init__(self) -> None:
        super().__init__("No face is kept under this key.")


class OtherArtist(AvatarsError):
    """The face is another artist's, who does not draw now."""

    status = 409
    code = "other_artist"

    def __init__(self, artist: str) -> None:
        super().__init__(f"This face was drawn by the {artist} artist, who is not the one that draws now.")


class PictureGone(AvatarsError):
    """The picture was taken away for good."""

    status = 410
    code = "picture_gone"

    def __init__(self) -> None:
        super().__init__("This picture was taken away for good.")


class BadAge(AvatarsError):
    """An age that cannot be read."""

    status = 422
    code = "bad_age"

    def __init__(self, words: str) -> None:
        super().__init__(f"older_than: {words}.")


class HostNotAllowed(AvatarsError):
    """The request is for a host that is not this service's."""

    status = 400
    code = "host_not_allowed"

    def __init__(self) -> None:
        super().__init__("This host is not served here.")


class AddressTooLong(AvatarsError):
    """Path and query are longer than any that is served."""

    status = 414
    code = "address_too_long"

    def __init__(self, most: int) -> None:
        super().__init__(f"The address is longer than {most} bytes.")
