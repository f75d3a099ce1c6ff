"""The contract at length: hundreds of requests to each operation, valid and invalid, by callers of each kind."""

from typing import Final

import pytest

from tests.conftest import Serve
from tests.support.contract import examine
from tests.support.fake_provider import LoopbackProvider

KEY: Final = "planted-key-of-the-shop"
TOKEN: Final = "planted-admin-token"
EXAMPLES: Final = 300


@pytest.mark.parametrize("credential", ["", KEY, TOKEN], ids=["nobody", "key", "admin"])
def test_every_answer_is_documented(
    paid: dict[str, str], serve: Serve, provider: LoopbackProvider, credential: str
) -> None:
    service = serve(paid, AVATARS_API_KEYS=f"shop:{KEY}", AVATARS_ADMIN_TOKEN=TOKEN)

    seen = examine(service.url, {"Authorization": f"Bearer {credential}"} if credential else {}, examples=EXAMPLES)

    assert len(seen) >= 15
    assert bool(provider.calls) == (credential == KEY)
