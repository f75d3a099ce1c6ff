"""The application for ``uvicorn main:app``."""

from avatars_as_a_service.settings import WrongSetting
from avatars_as_a_service.wiring import build_app

try:
    app = build_app()
except WrongSetting as wrong:
    raise SystemExit(f"avatars: {wrong}") from None
