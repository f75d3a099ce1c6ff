"""``avatars check``: what it shows, what it costs, how it ends. And additions and prices that cannot be meant."""

import json
from pathlib import Path
from typing import Final

import pytest

from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.wiring import check, tariff_of
from tests.support.command_line import avatars
from tests.support.fake_provider import LoopbackProvider
from tests.support.ledger_checks import faces_kept, ledger

SECRET: Final = "planted-value-of-a-tenant"
TABLE: Final = """
["house-model"]
text_in = "5"
image_in = "8"
image_out = "30"
picture = { low = "0.0300", medium = "0.04", high = "0.05" }
"""


# --- the command ---


@pytest.mark.slow
def test_it_shows_the_call_without_secrets_and_pays_for_nothing(
    paid: dict[str, str], provider: LoopbackProvider
) -> None:
    additions = {
        "AVATARS_EXTRA_BODY": json.dumps({"tenant": SECRET}),
        "AVATARS_EXTRA_HEADERS": json.dumps({"X-Tenant": SECRET}),
        "AVATARS_EXTRA_QUERY": json.dumps({"token": SECRET}),
        "AVATARS_PRICE_PER_IMAGE_USD": "0.02",
    }

    ended = avatars(paid | additions, "check")

    assert ended.returncode == 0, ended.stderr
    said = ended.stdout
    assert f"POST {provider.base_url}/images/generations" in said
    assert "about $0.0200 a face" in said
    assert all(word in said for word in ("tenant", "X-Tenant", "token", "prompt"))
    assert "planted" not in ended.stdout + ended.stderr
    assert [line.split()[0] for line in said.splitlines() if not line.startswith(" ")] == [
        *("call", "cost", "provider", "database", "pictures", "spool")
    ]
    assert provider.calls == []
    assert ledger(paid["DB_STRING"]) == []


@pytest.mark.slow
def test_with_pay_one_picture_is_drawn_counted_and_kept(paid: dict[str, str], provider: LoopbackProvider) -> None:
    ended = avatars(paid, "check", "--pay")

    assert ended.returncode == 0, ended.stderr
    assert "/images/" in ended.stdout.splitlines()[-1]
    assert len(provider.calls) == 1
    assert [entry.state for entry in ledger(paid["DB_STRING"])] == ["settled"]
    assert faces_kept(paid["DB_STRING"]) == 0


@pytest.mark.slow
def test_what_does_not_answer_is_named_and_nothing_is_paid(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    (tmp_path / "spool").touch()
    broken = {
        "DB_STRING": "postgresql://user:planted@127.0.0.1:1/x",
        "AVATARS_SPOOL": str(tmp_path / "spool" / "below"),
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
    }

    ended = avatars(paid | broken, "check", "--pay")

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "avatars: not ready: provider, database, spool"
    assert ended.stdout.count("FAILED") == 3
    assert "planted" not in ended.stdout + ended.stderr
    assert provider.calls == []


@pytest.mark.slow
def test_a_key_that_the_provider_refuses_is_no_answer(paid: dict[str, str], provider: LoopbackProvider) -> None:
    provider.key = "another"

    ended = avatars(paid, "check")

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "avatars: not ready: provider"


# --- additions ---


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AVATARS_EXTRA_BODY", {"prompt": SECRET}, "'prompt'"),
        ("AVATARS_EXTRA_BODY", {"Model": SECRET}, "set AVATARS_MODEL"),
        ("AVATARS_EXTRA_BODY", {"size": SECRET}, "set AVATARS_SIZE"),
        ("AVATARS_EXTRA_BODY", {"n": 4}, "'n'"),
        ("AVATARS_EXTRA_BODY", {"stream": True}, "'stream'"),
        ("AVATARS_EXTRA_BODY", {"steps": 4}, "AVATARS_PRICE_PER_IMAGE_USD: must be set beside AVATARS_EXTRA_BODY"),
        ("AVATARS_EXTRA_HEADERS", {"Authorization": SECRET}, "'Authorization'"),
        ("AVATARS_EXTRA_HEADERS", {"x-stainless-lang": SECRET}, "'x-stainless-lang'"),
        ("AVATARS_EXTRA_HEADERS", {"X Tenant": SECRET}, "malformed header name"),
        ("AVATARS_EXTRA_HEADERS", {"X-Tenant": f"{SECRET}\r\nX-More: 1"}, "AVATARS_EXTRA_HEADERS"),
        ("AVATARS_EXTRA_QUERY", {"prompt": SECRET}, "'prompt'"),
        ("AVATARS_EXTRA_QUERY", [SECRET], "AVATARS_EXTRA_QUERY"),
    ],
)
def test_an_addition_that_cannot_be_meant_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: object, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-secret")
    monkeypatch.setenv(name, json.dumps(value))

    with pytest.raises(WrongSetting) as refused:
        check(load_settings())

    assert said in str(refused.value)
    assert "planted" not in str(refused.value)


# --- prices ---


@pytest.fixture
def house_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A model whose price nobody knows, and the file that is to hold it."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "OPENAI_API_KEY": "sk-planted-secret",
        "AVATARS_MODEL": "house-model",
        "AVATARS_PRICES": "prices.toml",
        "AVATARS_QUALITY": "low",
        "AVATARS_SIZE": "1024x1024",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "prices.toml"


def test_a_price_of_the_operator_s_is_charged(house_model: Path) -> None:
    house_model.write_text(TABLE)

    settings = load_settings()
    check(settings)

    assert 30_000 <= tariff_of(settings).estimate("a face") < 31_000


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (None, "the file cannot be read"),
        ("", 'a table ["house-model"]'),
        (TABLE.replace("house", "other"), 'a table ["house-model"]'),
        (TABLE.replace("low", "lowest"), "quality 'low'"),
        ("[house", "the file"),
        (TABLE.replace('"5"', '"-5"'), "the file"),
        (TABLE.replace('"5"', '"nan"'), "the file"),
        (TABLE.replace('text_in = "5"\n', ""), "the file"),
        (TABLE.replace("text_in", "text"), "the file"),
    ],
)
def test_a_price_that_is_missing_or_none_ends_the_start_with_the_setting(
    house_model: Path, table: str | None, said: str
) -> None:
    if table is not None:
        house_model.write_text(table)

    with pytest.raises(WrongSetting) as refused:
        check(load_settings())

    assert "AVATARS_PRICE" in str(refused.value)
    assert said in str(refused.value)
