"""``avatars sign``: signs /avatar URLs, whose faces may then be drawn."""

import time
from collections.abc import Sequence
from typing import Final

from avatars_as_a_service.commands.exit_codes import explained
from avatars_as_a_service.domain.signing import end_of_day, signed_query
from avatars_as_a_service.settings import WrongSetting, load_settings, variable

_DAY_S: Final = 86_400


def sign(parameters: Sequence[tuple[str, str]], *, days: float, exp: int | None, base_url: str | None) -> str:
    """Return the signed URL, valid until ``exp`` (seconds since 1970) or for so many days.

    Whole days are rounded up to the end of the last one (UTC), so that the URL is the same all day.
    """
    with explained():
        settings = load_settings()
        if settings.signing_key is None:
            raise WrongSetting(variable("signing_key"), "is needed to sign")
    base = base_url or settings.public_url or f"http://{settings.host}:{settings.port}"
    moment = time.time() + days * _DAY_S
    expires = (end_of_day(moment) if days.is_integer() else int(moment)) if exp is None else exp
    query = signed_query(parameters, settings.signing_key.get_secret_value(), expires=expires)
    return f"{base.rstrip('/')}/avatar?{query}"
