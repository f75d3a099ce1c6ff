"""Durations as operators write them."""

import re
from datetime import timedelta
from typing import Final

_DAYS: Final = re.compile(r"([0-9]{1,5})d?")


def parse_days(text: str) -> timedelta:
    """Parse days, such as ``30d`` or ``30``. Raises ``ValueError`` with a message for the operator."""
    days = _DAYS.fullmatch(text.strip())
    if days is None:
        raise ValueError("write days, such as 30d")
    return timedelta(days=int(days[1]))
