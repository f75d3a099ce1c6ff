"""Every answer is one that the OpenAPI document lists, for valid and for invalid requests."""

from typing import Final

import pytest

from tests.conftest import Serve
from tests.support.contract import examine
from tests.support.fake_provider import LoopbackProvider

pytestmark = pytest.mark.slow
TOKEN: Final = "planted-admin-token"


@pytest.mark.parametrize("key", ["", "planted-key-of-the-shop", TOKEN])
def test_no_answer_is_undocumented_whoever_asks(
    paid: dict[str, str], serve: Serve, provider: LoopbackProvider, key: str
) -> None:
    service = serve(paid, AVATARS_API_KEYS="shop:planted-key-of-the-shop", AVATARS_ADMIN_TOKEN=TOKEN)

    seen = examine(service.url, {"Authorization": f"Bearer {key}"} if key else {}, examples=15)

    assert len(seen) >= 10
    assert bool(provider.calls) == (key == "planted-key-of-the-shop")
