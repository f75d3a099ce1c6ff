"""The prices of calls to a paid provider, in micro-dollars; ``prices.toml`` holds them, with source and date."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from importlib.resources import files
from typing import Final, Protocol

from avatars_as_a_service.domain.money import micro_usd

_REFERENCE_AREA: Final = 1024 * 1024
_LARGEST_AUTO_SIZE: Final = "1536x1024"
"""The largest size that a model chooses by itself."""
_MAX_TOKENS: Final = 1_000_000
"""More tokens than a hundred of the dearest pictures take: no real call uses so many."""
_BYTES_PER_TOKEN: Final = 4
_MOST_DOLLARS: Final = 1_000_000
_RATES: Final = ("text_in", "image_in", "image_out")
_FORM: Final = "write it as in prices.toml"

Prices = Mapping[str, "ModelPrices"]
"""The prices of each model, by its name."""


class BadPrices(Exception):
    """A table of prices cannot be read; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of a call, as the provider reports them."""

    text_in: int
    image_in: int
    image_out: int

    @property
    def believable(self) -> bool:
        """Whether the numbers can be true: none is negative or absurdly large, and the output is not empty."""
        tokens = (self.text_in, self.image_in, self.image_out)
        return min(tokens) >= 0 and max(tokens) <= _MAX_TOKENS and self.image_out > 0


@dataclass(frozen=True, slots=True)
class ModelPrices:
    """A model's prices: dollars for a million tokens of each kind, and for a picture of 1024x1024 by quality."""

    text_in: Decimal
    image_in: Decimal
    image_out: Decimal
    picture: Mapping[str, Decimal]


class Tariff(Protocol):
    """Prices calls."""

    def bound(self, prompt: str) -> int:
        """Return the most that one call with this prompt can cost, in micro-dollars."""

    def estimate(self, prompt: str) -> int:
        """Return what one call with this prompt probably costs, in micro-dollars."""

    def cost(self, usage: Usage | None, prompt: str) -> int:
        """Return the cost of a call, in micro-dollars; without ``usage`` the estimate."""


@dataclass(frozen=True, slots=True)
class FixedTariff:
    """One price for each call, whatever usage the provider reports."""

    price: int

    def bound(self, prompt: str) -> int:  # noqa: ARG002 - a fixed price depends on nothing
        """Return the fixed price."""
        return self.price

    def estimate(self, prompt: str) -> int:  # noqa: ARG002 - a fixed price depends on nothing
        """Return the fixed price."""
        return self.price

    def cost(self, usage: Usage | None, prompt: str) -> int:  # noqa: ARG002 - a fixed price depends on nothing
        """Return the fixed price."""
        return self.price


@dataclass(frozen=True, slots=True)
class TokenTariff:
    """Prices per token, and the price of one picture in the configured quality and size.

    ``largest`` is the price of the picture that a server draws that does not keep to a small size.
    """

    text_in: Decimal
    image_in: Decimal
    image_out: Decimal
    picture: int
    largest: int

    def bound(self, prompt: str) -> int:
        """Return the price of the largest picture and of one input token for each byte of the prompt."""
        return self.largest + _whole(self.text_in * len(prompt.encode()))

    def estimate(self, prompt: str) -> int:
        """Return the price of the picture and of one input token for every four bytes of the prompt."""
        tokens = -(-len(prompt.encode()) // _BYTES_PER_TOKEN)
        return self.picture + _whole(self.text_in * tokens)

    def cost(self, usage: Usage | None, prompt: str) -> int:
        """Return the price of the reported tokens; without believable ones the estimate."""
        if usage is None or not usage.believable:
            return self.estimate(prompt)
        tokens = (self.text_in * usage.text_in, self.image_in * usage.image_in, self.image_out * usage.image_out)
        return _whole(sum(tokens, Decimal(0)))


def published_prices() -> Prices:
    """Return the prices that the service comes with."""
    return parsed_prices(files(__package__).joinpath("prices.toml").read_text("utf-8"))


def parsed_prices(text: str) -> Prices:
    """Read prices from TOML with a table for each model. Raises ``BadPrices``."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise BadPrices(f"is no TOML: {wrong}") from wrong
    return {model: _model_prices(model, table) for model, table in tables.items()}


def token_tariff(prices: Prices, model: str, *, quality: str, size: str | None) -> TokenTariff | None:
    """Return the model's tariff, or ``None`` if there is no price for this model and quality.

    Quality ``auto`` costs as much as the dearest. The price of a picture grows with its area, as its output tokens do.
    Without a size the model chooses one, as with ``auto``.
    """
    table = prices.get(model)
    dollars = None if table is None else _picture_dollars(table.picture, quality)
    if table is None or dollars is None:
        return None
    area = _area(size)
    return TokenTariff(
        text_in=table.text_in,
        image_in=table.image_in,
        image_out=table.image_out,
        picture=micro_usd(dollars * area / _REFERENCE_AREA),
        largest=micro_usd(dollars * max(area, _REFERENCE_AREA) / _REFERENCE_AREA),
    )


def _model_prices(model: str, table: object) -> ModelPrices:
    if not isinstance(table, dict):
        raise BadPrices(f"has {model!r} outside of a table; {_FORM}")
    by_quality = table.get("picture")
    if not isinstance(by_quality, dict) or not by_quality:
        raise BadPrices(f"lacks 'picture' by quality in the table of {model!r}; {_FORM}")
    unknown = table.keys() - {*_RATES, "picture"}
    if unknown:
        raise BadPrices(f"has {min(unknown)!r} in the table of {model!r}, which is no price; {_FORM}")
    text_in, image_in, image_out = (_dollars(table.get(rate), f"{rate!r} of {model!r}") for rate in _RATES)
    picture = {quality: _dollars(price, f"{quality!r} of {model!r}") for quality, price in by_quality.items()}
    return ModelPrices(text_in, image_in, image_out, picture)


def _dollars(value: object, where: str) -> Decimal:
    try:
        dollars = Decimal(str(value))
    except InvalidOperation:
        raise BadPrices(f"has no price for {where}; {_FORM}") from None
    if not dollars.is_finite() or not 0 <= dollars <= _MOST_DOLLARS:
        raise BadPrices(f"has a price that cannot be for {where}")
    return dollars


def _picture_dollars(by_quality: Mapping[str, Decimal], quality: str) -> Decimal | None:
    return max(by_quality.values()) if quality == "auto" else by_quality.get(quality)


def _area(size: str | None) -> int:
    width, height = (_LARGEST_AUTO_SIZE if size in {None, "auto"} else str(size)).split("x")
    return int(width) * int(height)


def _whole(micro_dollars: Decimal) -> int:
    return int(micro_dollars.to_integral_value(ROUND_CEILING))
