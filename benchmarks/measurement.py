"""A measurement: one line of the table, and its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The median of ``count`` values, with the lowest and the highest of them, and the bounds that it should keep."""

    name: str
    value: float
    lowest: float
    highest: float
    count: int
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        values: Sequence[float],
        *,
        unit: str = "",
        at_least: float | None = None,
        at_most: float | None = None,
        note: str = "",
    ) -> Self:
        """Build the measurement of these values."""
        return cls(
            name=name,
            value=median(values),
            lowest=min(values),
            highest=max(values),
            count=len(values),
            unit=unit,
            at_least=at_least,
            at_most=at_most,
            note=note,
        )

    @property
    def bound(self) -> str:
        """The bound as text."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    @property
    def bar(self) -> str:
        """The bound with its unit."""
        return self.bound and f"{self.bound} {self.unit}"

    @property
    def verdict(self) -> str:
        """``met`` or ``MISSED``; empty without a bound."""
        if self.at_least is None and self.at_most is None:
            return ""
        low = self.at_least is not None and self.value < self.at_least
        high = self.at_most is not None and self.value > self.at_most
        return "MISSED" if low or high else "met"

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return shown(self.value, self.unit)

    @property
    def spread(self) -> str:
        """The lowest and the highest value."""
        return "" if self.count == 1 else f"{shown(self.lowest, '')} to {shown(self.highest, '')}"


def shown(value: float, unit: str) -> str:
    """Write the value with three significant digits."""
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}"
    return f"{digits} {unit}".rstrip()
