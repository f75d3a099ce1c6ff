"""Rejections: how a middleware in front of the framework rejects a request."""

from collections.abc import Callable

from starlette.types import ASGIApp

from avatars_as_a_service.errors import AvatarsError

Refuse = Callable[[AvatarsError], ASGIApp]
"""Builds the application that answers with an error: logged, with CORS and security headers, like any response."""
