"""Money: integer micro-dollars inside, dollars at the edges."""

from decimal import ROUND_CEILING, Decimal
from typing import Final

MICRO: Final = 1_000_000


def micro_usd(dollars: Decimal) -> int:
    """Convert dollars to whole micro-dollars, rounded up: a reservation is never too small."""
    return int((dollars * MICRO).to_integral_value(ROUND_CEILING))


def usd(micro_dollars: int) -> float:
    """Convert micro-dollars to dollars, exact to the sixth decimal, for JSON and the operator."""
    return micro_dollars / MICRO
