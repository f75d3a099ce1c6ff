"""Foresight: a model that will be switched off is named in the log while there is time to choose another."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from avatars_as_a_service.key import Artist
from avatars_as_a_service.providers.contract import About
from avatars_as_a_service.providers.deferred import DeferredProvider
from avatars_as_a_service.providers.openai_images import OpenAIImages
from avatars_as_a_service.providers.parameters import Style
from avatars_as_a_service.service.foresight import look_ahead
from tests.provider import LoopbackProvider

MODEL = "gpt-image-1.5"


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def look(base_url: str, *, is_official: bool = True) -> None:
    style = Style(model=MODEL, size="1024x1024", quality="low", output_format=None)
    about = About(name="openai", model=MODEL, quality="low", artist=Artist.MODEL, is_paid=True, draws_descriptions=True)

    async def once() -> None:
        drawing = DeferredProvider(
            about, lambda: OpenAIImages(api_key="k", base_url=base_url, is_official=is_official, style=style)
        )
        await look_ahead(drawing)
        await drawing.close()

    asyncio.run(once())


def test_a_model_that_ends_soon_is_named_with_its_day(
    provider: LoopbackProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.models = {MODEL: in_days(30)}

    look(provider.base_url)

    said = capsys.readouterr().out
    assert "switched off soon" in said
    assert MODEL in said
    assert in_days(30) in said
    assert provider.calls == []


@pytest.mark.parametrize(
    "models", [{MODEL: in_days(400)}, {MODEL: None}, {MODEL: "some day"}, {}], ids=["later", "no day", "odd", "unknown"]
)
def test_else_nothing_is_said(
    provider: LoopbackProvider, capsys: pytest.CaptureFixture[str], models: dict[str, str | None]
) -> None:
    provider.models = models

    look(provider.base_url)

    assert capsys.readouterr().out == ""


def test_a_provider_that_is_away_is_no_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    with LoopbackProvider() as provider:
        base_url = provider.base_url

    look(base_url)

    assert capsys.readouterr().out == ""


def test_a_compatible_server_is_not_asked(provider: LoopbackProvider, capsys: pytest.CaptureFixture[str]) -> None:
    provider.models = {MODEL: in_days(3)}

    look(provider.base_url, is_official=False)

    assert capsys.readouterr().out == ""
