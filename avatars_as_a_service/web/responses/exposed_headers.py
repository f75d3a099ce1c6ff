"""Exposed headers: those of our responses that a page of another origin may read, beside the few that any may."""

from typing import Final

EXPOSED_HEADERS: Final = (
    "ETag",
    "Link",
    "Content-Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Preference-Applied",
    "WWW-Authenticate",
    "X-Avatar-Hash",
    "X-Avatar-Reason",
    "X-Avatar-Signature",
    "X-Avatar-Status",
    "X-Request-ID",
)
