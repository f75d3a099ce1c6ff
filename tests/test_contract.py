"""Whatever the OpenAPI document allows and forbids is answered as it says. ``benchmarks.strangers`` asks more often."""

from typing import Final

import pytest

from tests.conftest import Serve
from tests.contract import examine
from tests.provider import LoopbackProvider

TOKEN: Final = "planted-admin-token"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("key", ["", "planted-key", TOKEN])
def test_no_answer_is_undocumented_whoever_asks(
    paid: dict[str, str], serve: Serve, provider: LoopbackProvider, key: str
) -> None:
    service = serve(paid, AVATARS_API_KEYS="shop:planted-key", AVATARS_ADMIN_TOKEN=TOKEN)

    seen = examine(service.url, {"Authorization": f"Bearer {key}"} if key else {}, examples=15)

    assert len(seen) >= 10
    assert bool(provider.calls) == (key == "planted-key")
