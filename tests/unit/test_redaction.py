"""What a provider says is kept in one line, without the prompt and without secrets."""

import pytest

from avatars_as_a_service.providers.redaction import redacted

KEY = "sk-proj-0123456789abcdef"
PROMPT = "A friendly avatar of a wizard with a long grey beard, in soft light"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"Incorrect API key provided: {KEY}. Try another.", "Incorrect API key provided: …. Try another."),
        (f"No account for {KEY[:14]} was found", "No account for … was found"),
        ("Incorrect key: sk-pr*******cdef.", "Incorrect key: …"),
        ("Header was Bearer abc.def", "Header was …"),
        ("ask admin@example.com for more", "ask … for more"),
        ("see https://user:pass@example.com/x", "see https://…example.com/x"),
        ("GET /file?signature=abc failed", "GET /file… failed"),
        ("your prompt 'a wizard with a long grey beard' was rejected", "your prompt '…' was rejected"),
        ("a light prompt was rejected", "a light prompt was rejected"),
        ("two\nlines\tand \x1b[31mcolour", "two lines and [31mcolour"),
        ("", ""),
    ],
)
def test_what_is_kept_of_a_message(said: str, kept: str) -> None:
    assert redacted(said, prompt=PROMPT, secrets=[KEY]) == kept


def test_a_short_value_is_hidden_as_a_word_and_stays_as_a_part_of_one() -> None:
    assert redacted("low: the limit is below 5", prompt="", secrets=["low"]) == "…: the limit is below 5"


def test_a_secret_is_hidden_in_any_case_and_where_another_contains_it() -> None:
    text = redacted(f"{KEY.upper()} and {KEY}-more", prompt="", secrets=[KEY, f"{KEY}-more"])

    assert "0123" not in text
    assert "more" not in text


def test_a_long_message_is_cut() -> None:
    kept = redacted("word " * 1000, prompt="", secrets=[])

    assert len(kept) == 200
    assert kept.endswith("…")
