"""The warm-up names a model that will be switched off while there is time to choose another."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from avatars_as_a_service.domain.key import Artist
from avatars_as_a_service.operations.background_tasks import warm_up_provider
from avatars_as_a_service.providers.account import account
from avatars_as_a_service.providers.base import ProviderInfo
from avatars_as_a_service.providers.deferred import DeferredProvider
from avatars_as_a_service.providers.endpoint import Endpoint
from avatars_as_a_service.providers.http_client import http_client
from avatars_as_a_service.providers.openai_images import OpenAIImages
from avatars_as_a_service.providers.parameters import Style
from tests.support.fake_provider import LoopbackProvider

MODEL = "gpt-image-1.5"


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def look(base_url: str, *, is_official: bool = True) -> None:
    style = Style(model=MODEL, size="1024x1024", quality="low", output_format=None)
    about = ProviderInfo(
        name="openai", model=MODEL, quality="low", artist=Artist.MODEL, is_paid=True, draws_descriptions=True
    )

    async def once() -> None:
        drawing = DeferredProvider(
            about,
            lambda: OpenAIImages(
                endpoint=Endpoint(url=base_url, account=account("OPENAI_API_KEY", "k"), is_official=is_official),
                style=style,
                http_client=http_client(),
            ),
        )
        await warm_up_provider(drawing)
        await drawing.close()

    asyncio.run(once())


def test_a_model_that_ends_soon_is_named_with_its_day(
    provider: LoopbackProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.models = {MODEL: in_days(30)}

    look(provider.base_url)

    log = capsys.readouterr().out
    assert "switched off soon" in log
    assert MODEL in log
    assert in_days(30) in log
    assert provider.calls == []


@pytest.mark.parametrize(
    "models", [{MODEL: in_days(400)}, {MODEL: None}, {MODEL: "some day"}, {}], ids=["later", "no day", "odd", "unknown"]
)
def test_any_other_model_is_not_named(
    provider: LoopbackProvider, capsys: pytest.CaptureFixture[str], models: dict[str, str | None]
) -> None:
    provider.models = models

    look(provider.base_url)

    assert capsys.readouterr().out == ""


def test_a_provider_that_is_away_logs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with LoopbackProvider() as provider:
        base_url = provider.base_url

    look(base_url)

    assert capsys.readouterr().out == ""


def test_a_compatible_server_is_not_asked(provider: LoopbackProvider, capsys: pytest.CaptureFixture[str]) -> None:
    provider.models = {MODEL: in_days(3)}

    look(provider.base_url, is_official=False)

    assert capsys.readouterr().out == ""
