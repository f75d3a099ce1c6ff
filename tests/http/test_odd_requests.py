"""Odd requests: whatever bytes come, the service answers or hangs up, pays nothing, and goes on."""

import asyncio
import random

import pytest

from tests.conftest import Serve
from tests.support.fake_provider import LoopbackProvider
from tests.support.fuzz import mutated, send_all

pytestmark = pytest.mark.slow


def test_two_thousand_mutilated_requests_crash_nothing_and_pay_nothing(
    serve: Serve, provider: LoopbackProvider, paid: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    service = serve(paid, AVATARS_API_KEYS="shop:planted-key-of-a-shop", AVATARS_ADMIN_TOKEN="planted-admin-token")
    chance = random.Random(7)
    port = int(service.url.rpartition(":")[2])

    statuses = asyncio.run(send_all(port, (mutated(chance) for _ in range(2000))))

    assert statuses.total() == 2000
    assert {400, 401, 404, 405, 422} <= statuses.keys()
    assert max(statuses) < 500
    assert provider.calls == []
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []
    assert service.client.get("/readyz").status_code == 200
