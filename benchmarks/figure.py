"""A figure: one number of the table, and the bar that it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The median of ``count`` measurements, with the lowest and the highest of them."""

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
        measured: Sequence[float],
        *,
        unit: str = "",
        at_least: float | None = None,
        at_most: float | None = None,
        note: str = "",
    ) -> Self:
        """The figure of these measurements."""
        return cls(
            name=name,
            value=median(measured),
            lowest=min(measured),
            highest=max(measured),
            count=len(measured),
            unit=unit,
            at_least=at_least,
            at_most=at_most,
            note=note,
        )

    @property
    def bound(self) -> str:
        """What it should be, as a number."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    @property
    def bar(self) -> str:
        """What it should be, in words of the table."""
        return self.bound and f"{self.bound} {self.unit}"

    @property
    def verdict(self) -> str:
        """Whether it is what it should be; nothing where nothing is asked."""
        if self.at_least is None and self.at_most is None:
            return ""
        low = self.at_least is not None and self.value < self.at_least
        high = self.at_most is not None and self.value > self.at_most
        return "MISSED" if low or high else "met"

    @property
    def shown(self) -> str:
        """The number with its unit."""
        return shown(self.value, self.unit)

    @property
    def spread(self) -> str:
        """The lowest and the highest measurement."""
        return "" if self.count == 1 else f"{shown(self.lowest, '')} to {shown(self.highest, '')}"


def shown(value: float, unit: str) -> str:
    """The number to three digits that mean something."""
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}"
    return f"{digits} {unit}".rstrip()
