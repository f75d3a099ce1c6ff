"""Foresight: after the start, gets who draws ready for the first miss, and warns of a model that will not last."""

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from avatars_as_a_service.providers.contract import Provider

_SOON: Final = timedelta(days=90)

log = structlog.get_logger(__name__)


async def look_ahead(provider: Provider) -> None:
    """Have the provider build what it draws with; name a model in the log that ends in 90 days or less."""
    switched_off = await provider.switched_off_on()
    if switched_off is not None and switched_off <= datetime.now(UTC).date() + _SOON:
        log.warning(
            "the image model is switched off soon; kept faces stay, new ones need another AVATARS_MODEL",
            model=provider.about.model,
            switched_off_on=switched_off.isoformat(),
        )
