"""Plain ASGI middleware that runs around every request."""
