"""AI-drawn avatars for any web application; each distinct face is paid for once."""

from importlib.metadata import version

__version__ = version("avatars-as-a-service")
