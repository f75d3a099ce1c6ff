"""Checks at the start: settings that an operator must correct so that paid pictures are stored and found."""

from typing import Final

import structlog

from avatars_as_a_service.domain.picture import MAX_PICTURE_BYTES
from avatars_as_a_service.storage.picture_store import PictureStore

_PACKET_NEEDED: Final = MAX_PICTURE_BYTES * 9 // 8
"""Bytes of the statement that stores the largest picture: the driver escapes one byte in about forty."""

log = structlog.get_logger(__name__)


class StartChecks:
    """Logs one line for each problem. Nothing waits for the checks."""

    def __init__(self, pictures: PictureStore) -> None:
        self._pictures = pictures

    async def run(self) -> None:
        """Run the checks. Raises ``DatabaseUnavailable`` and ``ImageStoreUnavailable``."""
        await self._check_packet_size()
        await self._find_strays()

    async def _check_packet_size(self) -> None:
        limit = await self._pictures.max_packet_bytes()
        if limit is not None and limit < _PACKET_NEEDED:
            log.warning(
                "the database server refuses large pictures: they stay in the spool, are served from there and are "
                "stored once the limit is raised; set max_allowed_packet=16M on the server",
                limit_bytes=limit,
                needed_bytes=_PACKET_NEEDED,
            )

    async def _find_strays(self) -> None:
        strays = await self._pictures.find_missing()
        if strays is not None:
            log.warning(
                "PICTURES ARE IN ANOTHER IMAGE STORE than the one that is set: their URLs answer "
                "picture_in_another_store, and nothing is drawn again for them; set AVATARS_IMAGE_STORE back, or copy "
                "the pictures into the store that is set",
                kept_outside_the_database=strays.total,
                looked_at=strays.sampled,
                not_found=strays.missing,
            )
