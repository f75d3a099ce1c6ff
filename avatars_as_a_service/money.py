"""Money: integer micro-dollars inside, dollars at the edges."""

from decimal import ROUND_CEILING, Decimal
from typing import Final

MICRO: Final = 1_000_000


def micro_usd(dollars: Decimal) -> int:
    """Dollars as whole micro-dollars, rounded up: what is set aside is never too little."""
    return int((dollars * MICRO).to_integral_value(ROUND_CEILING))


def usd(micro_dollars: int) -> float:
    """Micro-dollars as dollars, exact to the sixth decimal, for people and JSON."""
    return micro_dollars / MICRO
