"""The application for ``uvicorn main:app``."""

from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.wiring import build_app, check_edition

try:
    check_edition(load_settings())
    app = build_app()
except (WrongSetting, DatabaseUnavailable) as wrong:
    raise SystemExit(f"avatars: {wrong}") from None
