"""What a call to a paid provider costs, in micro-dollars. The prices stand in ``prices.toml``, with source and date."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from importlib.resources import files
from typing import Final, Protocol

from avatars_as_a_service.money import micro_usd

_REFERENCE_AREA: Final = 1024 * 1024
_LARGEST_SIDE_SIZE: Final = "1536x1024"
"""What ``auto`` may at most come to: the largest size that a model chooses by itself."""
_MOST_TOKENS: Final = 1_000_000
"""More than a hundred of the dearest pictures take: nobody bills that for one."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a provider says that a call took, in tokens."""

    text_in: int
    image_in: int
    image_out: int

    @property
    def believable(self) -> bool:
        """Whether the numbers can be true: none negative or beyond all measure, and something drawn."""
        tokens = (self.text_in, self.image_in, self.image_out)
        return min(tokens) >= 0 and max(tokens) <= _MOST_TOKENS and self.image_out > 0


class Tariff(Protocol):
    """Tells what calls cost."""

    def bound(self, prompt: str) -> int:
        """The most that one call with this prompt can cost, in micro-dollars."""

    def cost(self, usage: Usage | None) -> int:
        """What a call did cost, in micro-dollars; without ``usage`` by the price of a picture."""


@dataclass(frozen=True, slots=True)
class FixedTariff:
    """Each call has the same price, whatever the provider says that it used."""

    price: int

    def bound(self, prompt: str) -> int:  # noqa: ARG002 - a fixed price depends on nothing
        """The price."""
        return self.price

    def cost(self, usage: Usage | None) -> int:  # noqa: ARG002 - a fixed price depends on nothing
        """The price."""
        return self.price


@dataclass(frozen=True, slots=True)
class TokenTariff:
    """Prices per token, and of one picture in the chosen quality and size."""

    text_in: Decimal
    image_in: Decimal
    image_out: Decimal
    picture: int

    def bound(self, prompt: str) -> int:
        """The picture, and one input token for each byte of the prompt."""
        return self.picture + _whole(self.text_in * len(prompt.encode()))

    def cost(self, usage: Usage | None) -> int:
        """Counted from the tokens where the provider tells them, else the picture's price."""
        if usage is None or not usage.believable:
            return self.picture
        tokens = (self.text_in * usage.text_in, self.image_in * usage.image_in, self.image_out * usage.image_out)
        return _whole(sum(tokens, Decimal(0)))


def published_tariff(model: str, *, quality: str, size: str) -> TokenTariff | None:
    """The model's published prices, or ``None`` where no price is known for that model and quality.

    Quality ``auto`` counts as the dearest. The price of a picture grows with its area, as its output tokens do.
    """
    prices = tomllib.loads(files(__package__).joinpath("prices.toml").read_text("utf-8")).get(model)
    if prices is None:
        return None
    dollars = _picture_dollars(prices["picture"], quality)
    if dollars is None:
        return None
    return TokenTariff(
        text_in=Decimal(prices["text_in"]),
        image_in=Decimal(prices["image_in"]),
        image_out=Decimal(prices["image_out"]),
        picture=micro_usd(dollars * _area(size) / _REFERENCE_AREA),
    )


def _picture_dollars(by_quality: Mapping[str, str], quality: str) -> Decimal | None:
    if quality == "auto":
        return max(Decimal(dollars) for dollars in by_quality.values())
    return Decimal(by_quality[quality]) if quality in by_quality else None


def _area(size: str) -> int:
    width, height = (_LARGEST_SIDE_SIZE if size == "auto" else size).split("x")
    return int(width) * int(height)


def _whole(micro_dollars: Decimal) -> int:
    return int(micro_dollars.to_integral_value(ROUND_CEILING))
