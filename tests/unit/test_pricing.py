"""What calls cost: exact to the micro-dollar, and never set aside too low."""

from decimal import Decimal

import pytest

from avatars_as_a_service.domain.features import full_faces
from avatars_as_a_service.domain.money import micro_usd, usd
from avatars_as_a_service.domain.pricing import (
    BadPrices,
    FixedTariff,
    TokenTariff,
    Usage,
    parsed_prices,
    published_prices,
    token_tariff,
)
from avatars_as_a_service.domain.prompt import prompt_for

FLARE = "gpt-image-2.5-flare"


def tariff(model: str = FLARE, *, quality: str = "low", size: str | None = "1024x1024") -> TokenTariff:
    found = token_tariff(published_prices(), model, quality=quality, size=size)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("dollars", "micro"),
    [("0", 0), ("0.0059", 5900), ("0.000001", 1), ("0.0000001", 1), ("0.1", 100_000), ("1000000", 10**12)],
)
def test_dollars_become_whole_micro_dollars_rounded_up(dollars: str, micro: int) -> None:
    assert micro_usd(Decimal(dollars)) == micro


def test_micro_dollars_are_shown_exactly() -> None:
    assert [usd(micro) for micro in (0, 1, 5900, 100_000, 5_000_000)] == [0.0, 0.000001, 0.0059, 0.1, 5.0]


@pytest.mark.parametrize(
    ("model", "quality", "micro"),
    [
        (FLARE, "low", 5_900),
        (FLARE, "medium", 13_000),
        (FLARE, "high", 53_000),
        (FLARE, "xhigh", 94_000),
        (FLARE, "max", 211_000),
        ("gpt-image-2", "low", 6_000),
        ("gpt-image-1.5", "medium", 34_000),
        ("gpt-image-1-mini", "high", 36_000),
    ],
)
def test_a_picture_has_its_published_price(model: str, quality: str, micro: int) -> None:
    assert tariff(model, quality=quality).cost(None, "") == micro


def test_tokens_are_counted_at_their_prices() -> None:
    usage = Usage(text_in=100, image_in=10, image_out=196)

    assert tariff().cost(usage, "") == 100 * 5 + 10 * 8 + 196 * 30
    assert tariff("gpt-image-1.5", quality="low").cost(usage, "") == 100 * 5 + 10 * 8 + 196 * 32


def test_a_part_of_a_micro_dollar_is_rounded_up_once_and_at_the_end() -> None:
    mini = tariff("gpt-image-1-mini")

    assert mini.cost(Usage(text_in=0, image_in=1, image_out=1), "") == 11
    assert mini.cost(Usage(text_in=0, image_in=2, image_out=1), "") == 13
    assert mini.cost(Usage(text_in=0, image_in=3, image_out=1), "") == 16


@pytest.mark.parametrize(
    "usage",
    [Usage(-1, 0, 10), Usage(0, -1, 10), Usage(10, 0, 0), Usage(10, 0, -5), Usage(10, 0, 10**30), Usage(10**30, 0, 10)],
)
def test_a_usage_that_cannot_be_true_costs_what_a_picture_costs(usage: Usage) -> None:
    assert tariff().cost(usage, "") == 5_900


def test_the_bound_is_the_picture_and_a_token_for_each_byte_of_the_prompt() -> None:
    assert tariff().bound("") == 5_900
    assert tariff().bound("abc") == 5_900 + 3 * 5
    assert tariff().bound("äöü") == 5_900 + 6 * 5


def test_the_bound_holds_for_a_server_that_draws_1024_pixels_whatever_is_asked() -> None:
    drawn = Usage(text_in=3, image_in=0, image_out=196)

    assert tariff(size="816x816").cost(drawn, "abc") <= tariff(size="816x816").bound("abc")
    assert tariff(size="1536x1024").bound("") == 8_850


def test_the_estimate_counts_a_token_for_every_four_bytes_of_the_prompt() -> None:
    assert tariff().estimate("") == 5_900
    assert tariff().estimate("abcd") == 5_900 + 5
    assert tariff().estimate("äöü") == 5_900 + 2 * 5
    assert tariff(size="816x816").estimate("x" * 800) == 3_747 + 200 * 5


def test_the_whole_catalogue_costs_at_most_66_dollars() -> None:
    cheapest = tariff(size="816x816")

    assert sum(cheapest.estimate(prompt_for(face)) for face in full_faces()) <= 66_000_000


@pytest.mark.parametrize(
    ("quality", "tokens"), [("low", 196), ("medium", 433), ("high", 1_766), ("xhigh", 3_133), ("max", 7_033)]
)
def test_what_a_picture_takes_stays_within_its_bound(quality: str, tokens: int) -> None:
    prompt, by_quality = "a face", tariff(quality=quality)

    assert by_quality.cost(Usage(text_in=len(prompt), image_in=0, image_out=tokens), prompt) <= by_quality.bound(prompt)


def test_quality_auto_counts_as_the_dearest() -> None:
    assert tariff(quality="auto").cost(None, "") == 211_000
    assert tariff("gpt-image-2", quality="auto").cost(None, "") == 211_000


def test_a_price_grows_with_the_area() -> None:
    assert tariff(size="2048x1024").cost(None, "") == 11_800
    assert tariff(size="816x816").cost(None, "") == 3_747  # 5900 x 665,856 / 1,048,576 is 3746.53
    assert tariff(size="1536x1024").cost(None, "") == 8_850
    assert tariff(size=None).cost(None, "") == tariff(size="auto").cost(None, "") == 8_850


@pytest.mark.parametrize(("model", "quality"), [("unheard-of", "low"), (FLARE, "standard"), ("gpt-image-2", "xhigh")])
def test_what_has_no_published_price_has_no_tariff(model: str, quality: str) -> None:
    assert token_tariff(published_prices(), model, quality=quality, size="1024x1024") is None


def test_prices_of_a_file_have_the_form_of_ours() -> None:
    found = token_tariff(
        parsed_prices('[flux]\ntext_in = "1"\nimage_in = 0\nimage_out = 2.5\npicture = { low = "0.01" }'),
        "flux",
        quality="low",
        size="1024x1024",
    )

    assert found is not None
    assert (found.estimate(""), found.cost(Usage(10, 0, 10), "")) == (10_000, 35)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[flux", "is no TOML"),
        ('flux = "0.01"', "'flux' outside of a table"),
        ("[flux]\ntext_in = 1", "lacks 'picture' by quality in the table of 'flux'"),
        ("[flux]\npicture = { low = 1 }", "has no price for 'text_in' of 'flux'"),
        ("[flux]\ntext_in = 1\nimage_in = 1\nimage_out = -1\npicture = { low = 1 }", "cannot be for 'image_out'"),
        ("[flux]\ntext_in = 1\nimage_in = 1\nimage_out = 1\npicture = { low = nan }", "cannot be for 'low'"),
        ("[flux]\nprice = 1\npicture = { low = 1 }", "has 'price' in the table of 'flux', which is no price"),
    ],
)
def test_a_table_that_is_wrong_is_told_what_and_where(text: str, problem: str) -> None:
    with pytest.raises(BadPrices, match=problem):
        parsed_prices(text)


def test_a_fixed_price_depends_on_nothing() -> None:
    fixed = FixedTariff(10_000)

    assert fixed.bound("x" * 1000) == fixed.estimate("x") == 10_000
    assert fixed.cost(None, "") == fixed.cost(Usage(1, 2, 3), "") == 10_000
