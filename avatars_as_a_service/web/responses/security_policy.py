"""The security headers of responses."""

from typing import Final

NOTHING_ALLOWED: Final = b"default-src 'none'; frame-ancestors 'none'"
"""The content security policy of a response that is no page."""
SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", NOTHING_ALLOWED),
)
"""The security headers of a response that is no page."""
