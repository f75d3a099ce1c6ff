"""The errors of the service: one class for each thing that a caller could do differently.

Each error carries its HTTP status, a stable code, a text that says what happened and what to do, and, where a later try
can succeed, the seconds until then. The first line of each docstring stands in the OpenAPI document.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar, Self


class AvatarsError(Exception):
    """Base of all errors that a client gets an answer for."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the answer, without ``Retry-After``."""
        return {}

    @classmethod
    def from_record(cls, detail: str, *, retry_after: float) -> Self:
        """The error that was stored with this detail."""
        error = cls.__new__(cls)
        AvatarsError.__init__(error, detail, retry_after=retry_after)
        return error


class CannotDrawNow(AvatarsError):
    """The model is unavailable or over budget; a stand-in may be shown instead.

    ``maybe_paid``: a call was sent that is billed or may be, so a second request may cost money again.
    """

    status = 503
    maybe_paid = False

    def __init__(self, detail: str, *, retry_after: float | None = None, maybe_paid: bool = False) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.maybe_paid = maybe_paid


class BudgetExhausted(CannotDrawNow):
    """Another call could exceed the cap of a budget."""

    code = "budget_exhausted"

    def __init__(self, window: str, *, retry_after: float, payer: str | None = None) -> None:
        budget = f"{window} budget" if payer is None else f"{window} budget of the API key {payer!r}"
        super().__init__(
            f"The {budget} is used up, so no new face is drawn. Kept faces are still served. "
            "Wait until the budget resets, or ask the operator to raise it.",
            retry_after=retry_after,
        )


class ProviderUnavailable(CannotDrawNow):
    """The provider cannot be reached, fails, or is paused after failures."""

    code = "provider_unavailable"

    def __init__(self, reason: str, *, retry_after: float, maybe_paid: bool = False) -> None:
        detail = f"The image provider is not available: {reason}. Try again later."
        super().__init__(detail, retry_after=retry_after, maybe_paid=maybe_paid)


class ProviderQuota(CannotDrawNow):
    """The account at the provider has no money or quota left."""

    code = "provider_quota"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__(
            "The account at the image provider has reached its quota or spending limit. "
            "The operator must raise the limit there.",
            retry_after=retry_after,
        )


class Busy(CannotDrawNow):
    """The queue is full."""

    code = "busy"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__("Too many drawings are waiting. Try again later.", retry_after=retry_after)


class ProviderTimeout(CannotDrawNow):
    """The deadline passed before the picture was ready."""

    status = 504
    code = "provider_timeout"

    def __init__(self, *, retry_after: float = 5, maybe_paid: bool = False) -> None:
        detail = "The picture was not ready before the deadline. Try again later."
        super().__init__(detail, retry_after=retry_after, maybe_paid=maybe_paid)


class UnusableAnswer(CannotDrawNow):
    """The provider's answer contains no usable picture."""

    status = 502
    code = "provider_bad_answer"

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(
            f"The image provider's answer cannot be used: {reason}. Try again later.",
            retry_after=retry_after,
            maybe_paid=True,
        )


class PaidPictureUnsaved(CannotDrawNow):
    """A paid picture could not be saved to any disk yet, so no other is paid for."""

    code = "storage_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "A paid picture could not be saved yet, so nothing more is drawn. Try again later. "
            "The operator must make the database or the spool folder writable.",
            retry_after=10,
        )


class Draining(CannotDrawNow):
    """This process is stopping and starts no drawing."""

    code = "shutting_down"

    def __init__(self) -> None:
        super().__init__("This process is stopping. Try again: another process will answer.", retry_after=1)


class DatabaseUnavailable(AvatarsError):
    """The database cannot be reached or refuses the statement."""

    status = 503
    code = "database_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The database cannot be reached, so only faces in memory are served. Try again.", retry_after=2
        )
        self.reason = reason


class ImageStoreUnavailable(AvatarsError):
    """The image store cannot be reached, refuses the request, or returns wrong bytes."""

    status = 503
    code = "image_store_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The image store cannot be reached, so only pictures in memory are served. Try again.", retry_after=2
        )
        self.reason = reason


class PictureInAnotherStore(ImageStoreUnavailable):
    """The picture is in an image store that is not the current one; it is not drawn again.

    Another request does not help: the operator must restore the setting, or copy the pictures.
    """

    code = "picture_in_another_store"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.detail = (
            "This picture is in an image store that is not the current one. "
            "The operator must set AVATARS_IMAGE_STORE back, or copy the pictures to the current store."
        )
        self.retry_after = None


class DescriptionNeedsAModel(AvatarsError):
    """The local artist cannot draw a description."""

    status = 503
    code = "description_needs_a_model"

    def __init__(self) -> None:
        super().__init__(
            "The local artist draws features only. To draw descriptions, the operator must set OPENAI_API_KEY, "
            "or OPENAI_BASE_URL for a compatible server."
        )


class Refused(AvatarsError):
    """The model refuses to draw this."""

    status = 422
    code = "refused"

    def __init__(self, *, retry_after: float | None = None) -> None:
        super().__init__("The image model refuses to draw this. Ask for something else.", retry_after=retry_after)


class Flagged(AvatarsError):
    """Moderation rejected the description."""

    status = 422
    code = "flagged"

    def __init__(self, categories: Sequence[str]) -> None:
        super().__init__(f"Moderation rejected this description: {', '.join(categories)}. Change it.")


class ModerationUnavailable(AvatarsError):
    """Moderation did not answer, so nothing was paid for."""

    status = 503
    code = "moderation_unavailable"

    def __init__(self) -> None:
        super().__init__("Moderation did not answer, so nothing was drawn. Try again.", retry_after=5)


class IdempotencyKeyReused(AvatarsError):
    """The Idempotency-Key was used with another body."""

    status = 422
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another body in the last 24 hours. Use a new key.")


class BadIdempotencyKey(AvatarsError):
    """The Idempotency-Key is empty or too long."""

    status = 422
    code = "idempotency_key_invalid"

    def __init__(self, most: int) -> None:
        super().__init__(f"The Idempotency-Key is empty or too long. Send 1 to {most} characters.")


class ConflictingFeatures(AvatarsError):
    """Given features would change nothing in the picture beside the given hair style."""

    status = 422
    code = "conflicting_features"

    def __init__(self, hair_style: str | None, hidden: Collection[str]) -> None:
        super().__init__(
            f"With hair_style {hair_style}, the picture does not show {' and '.join(sorted(hidden))}. "
            "Leave it out, or choose another hair_style."
        )


class PictureNotFound(AvatarsError):
    """The picture does not exist, or not in this format."""

    status = 404
    code = "picture_not_found"

    def __init__(self) -> None:
        super().__init__("This picture does not exist, or not in this format. Check the URL.")


class BodyTooLarge(AvatarsError):
    """The body is over the limit."""

    status = 413
    code = "body_too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is larger than {most} bytes. Send a smaller one.")


class NotJson(AvatarsError):
    """The Content-Type is not JSON."""

    status = 415
    code = "not_json"

    def __init__(self) -> None:
        super().__init__("The Content-Type is not JSON. Send the body as application/json.")


class AdminTokenNeeded(AvatarsError):
    """This URL needs the admin token, and the request has none."""

    status = 401
    code = "admin_token_needed"

    def __init__(self, *, in_browser: bool = False) -> None:
        super().__init__("This URL is for the operator. Send the admin token as 'Authorization: Bearer'.")
        self._in_browser = in_browser

    @property
    def headers(self) -> Mapping[str, str]:
        """``Basic`` makes a browser ask its user for the token; other clients get ``Bearer``."""
        return {"WWW-Authenticate": f'{"Basic" if self._in_browser else "Bearer"} realm="avatars admin"'}


class AdminTokenWrong(AvatarsError):
    """The token is not the admin token."""

    status = 403
    code = "admin_token_wrong"

    def __init__(self) -> None:
        super().__init__("This is not the admin token. Check it, and send the right one.")


class AdminNotConfigured(AvatarsError):
    """No admin token is set, so nothing can be changed over HTTP."""

    status = 403
    code = "admin_not_configured"

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"{setting} is not set, so nothing can be changed over HTTP. Set it, or run 'avatars purge' or "
            "'avatars redraw' where the service runs."
        )


class AdminFromLoopbackOnly(AvatarsError):
    """No admin token is set, so only direct requests from the service's own machine are answered."""

    status = 403
    code = "admin_from_loopback_only"

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"{setting} is not set, so the figures are shown only to direct requests from the service's own machine, "
            f"by its loopback address. A container counts as a machine of its own. Set {setting} where the service "
            "runs ('openssl rand -hex 32' makes a token), restart the service, and send the token."
        )


class CrossSiteRequest(AvatarsError):
    """A page of another site sent the request."""

    status = 403
    code = "foreign_page"

    def __init__(self) -> None:
        super().__init__("A page of another site sent this request. Send it from this service's own pages.")


class TooManyFailures(AvatarsError):
    """Too many wrong API keys or admin tokens came from this IP address."""

    status = 429
    code = "too_many_failures"

    def __init__(self, *, retry_after: float) -> None:
        super().__init__(
            "Too many wrong API keys or admin tokens came from this IP address. Wait, then send the right one.",
            retry_after=retry_after,
        )


class NotAuthorized(AvatarsError):
    """Base of the errors of a caller that may not spend; kept faces are still served."""

    status = 403


class ApiKeyNeeded(NotAuthorized):
    """This request needs an API key, for example because drawing the face may cost money."""

    status = 401
    code = "api_key_needed"

    def __init__(self) -> None:
        super().__init__("This request needs an API key. Send it as 'Authorization: Bearer' or 'X-API-Key'.")

    @property
    def headers(self) -> Mapping[str, str]:
        """The scheme to send the key by."""
        return {"WWW-Authenticate": 'Bearer realm="avatars"'}


class ApiKeyWrong(NotAuthorized):
    """The API key does not exist."""

    code = "api_key_wrong"

    def __init__(self) -> None:
        super().__init__("This API key does not exist. Check it, or ask the operator for another.")


class ApiKeyRevoked(NotAuthorized):
    """The API key has been revoked."""

    code = "api_key_revoked"

    def __init__(self) -> None:
        super().__init__("This API key has been revoked. Ask the operator for another.")


class OriginNotAllowed(NotAuthorized):
    """The API key works on certain web pages only, and the request comes from none of them."""

    code = "origin_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "This API key works only on the web pages that it was made for. Ask the operator for one for this page."
        )


class TooManyRequests(AvatarsError):
    """The caller has exceeded a rate limit."""

    status = 429
    code = "too_many_requests"

    def __init__(self, kind: str, amount: int, window_s: int, *, retry_after: float) -> None:
        super().__init__(
            f"Too many requests: the limit is {amount} in {window_s} s. Wait, then try again.", retry_after=retry_after
        )
        self._kind = kind
        self._amount = amount
        self._window_s = window_s

    def with_retry_after(self, seconds: float) -> "TooManyRequests":
        """The same limit with another time to wait."""
        return TooManyRequests(self._kind, self._amount, self._window_s, retry_after=seconds)

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
    """Rate limits cannot be counted, so nothing is drawn."""

    code = "limits_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "Rate limits cannot be counted, so nothing is drawn. Kept faces are still served. Try again.", retry_after=2
        )


class UnknownHost(CannotDrawNow):
    """Without API keys, a request from this machine is paid for only under a known host and from a known page."""

    status = 400
    code = "host_not_allowed"

    def __init__(self, settings: str) -> None:
        super().__init__(
            "Nothing is paid for under this host or for this page: while there is no API key, a request from the "
            "service's own machine is paid for only under a known host, and only from a known page. "
            f"Set {settings}, or create an API key."
        )


class GravatarOff(AvatarsError):
    """The operator has switched Gravatar URLs off."""

    status = 404
    code = "gravatar_off"

    def __init__(self) -> None:
        super().__init__("This service does not answer Gravatar URLs. Ask its operator to set AVATARS_GRAVATAR.")


class FaceNotFound(AvatarsError):
    """No face is kept under this key."""

    status = 404
    code = "face_not_found"

    def __init__(self) -> None:
        super().__init__("No face is kept under this key. Check the key.")


class OtherArtist(AvatarsError):
    """The face was drawn by another artist than the current one."""

    status = 409
    code = "other_artist"

    def __init__(self, artist: str) -> None:
        super().__init__(
            f"This face was drawn by the {artist} artist, which is not the current one. "
            "Redraw it where that artist is set."
        )


class PictureGone(AvatarsError):
    """The picture was purged."""

    status = 410
    code = "picture_gone"

    def __init__(self) -> None:
        super().__init__("This picture was removed for good. Stop using its URL.")


class BadAge(AvatarsError):
    """The age cannot be read."""

    status = 422
    code = "bad_age"

    def __init__(self, words: str) -> None:
        super().__init__(f"older_than cannot be read: {words}.")


class HostNotAllowed(AvatarsError):
    """The request is for a host that this service does not serve."""

    status = 400
    code = "host_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "This service does not serve this host. Check the URL, or ask the operator to add the host to "
            "AVATARS_ALLOWED_HOSTS."
        )


class BadPath(AvatarsError):
    """The path contains a control character."""

    status = 400
    code = "bad_path"

    def __init__(self) -> None:
        super().__init__("The path contains a control character (%00 to %1f, or %7f). Remove it.")


class UrlTooLong(AvatarsError):
    """The URL's path and query are over the limit."""

    status = 414
    code = "address_too_long"

    def __init__(self, most: int) -> None:
        super().__init__(f"The URL is longer than {most} bytes. Shorten it.")
