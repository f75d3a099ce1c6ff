"""Checks the options and arguments of the commands.

Each function returns the value or raises ``typer.BadParameter`` with what to write instead.
"""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

import typer

from avatars_as_a_service.domain.features import OPTIONAL_VALUES, VALUES
from avatars_as_a_service.domain.picture import SIZES
from avatars_as_a_service.domain.seed import MAX_SEED

SHEET_AXES: Final = (*VALUES, *OPTIONAL_VALUES, "variant")
"""The features that may vary on a contact sheet."""
_MOST_USD: Final = 1_000_000


def days(text: str) -> timedelta:
    """Read ``30d`` or ``30``."""
    from avatars_as_a_service.domain.duration import parse_days

    try:
        return parse_days(text)
    except ValueError as invalid:
        raise typer.BadParameter(str(invalid)) from None


def dollars(text: str) -> Decimal:
    """Read an amount from 0 to a million dollars."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter("Write dollars, such as 2.50.") from None
    if not 0 <= amount <= _MOST_USD:
        raise typer.BadParameter(f"Write an amount from 0 to {_MOST_USD} dollars.")
    return amount


def api_key_name(text: str) -> str:
    """Check the name of an API key."""
    from avatars_as_a_service.setting_types import NAME_OF_KEY

    if not NAME_OF_KEY.fullmatch(text):
        raise typer.BadParameter("A name has 1 to 40 letters, digits, dots, dashes and underscores.")
    return text


def origin(text: str) -> str:
    """Check the origin of a web page; ``*`` is refused."""
    from pydantic import TypeAdapter, ValidationError

    from avatars_as_a_service.setting_types import Origin

    try:
        checked: str = TypeAdapter(Origin).validate_python(text)
    except ValidationError:
        raise typer.BadParameter("Write an origin, such as https://shop.example.") from None
    if checked == "*":
        raise typer.BadParameter("Leave --origin out for a key that every page may send.")
    return checked


def seed(text: str) -> str:
    """Check the length of a seed."""
    if len(text) > MAX_SEED:
        raise typer.BadParameter(f"A seed has at most {MAX_SEED} characters.")
    return text


def size(text: str) -> str:
    """Check that pictures are made in this size."""
    if text not in map(str, SIZES):
        raise typer.BadParameter(f"Write one of {', '.join(map(str, SIZES))}.")
    return text


def sheet_axis(text: str) -> str:
    """Check that this feature may vary on a contact sheet."""
    if text not in SHEET_AXES:
        raise typer.BadParameter(f"{text}: not one of {', '.join(SHEET_AXES)}")
    return text
