"""A paid image provider on loopback: speaks OpenAI's image API, can fail in many ways and counts what it is asked.

In a test::

    with LoopbackProvider() as provider:
        provider.script.extend([Mode.RATE_LIMIT, Mode.OK])
        ...  # point the service at provider.base_url
        assert provider.paid == 1

As a process of its own: ``python -m tests.support.fake_provider --port 0 --delay 0.05`` prints its base URL on the
first line and is steered over HTTP by ``GET /_control/state``, ``POST /_control/mode`` and ``POST /_control/reset``.
"""

from tests.support.fake_provider.control import LoopbackProvider, Switches
from tests.support.fake_provider.image_request import Call
from tests.support.fake_provider.images import Picture
from tests.support.fake_provider.modes import FAILURES, Billing, Failure, Format, Json, Mode, ModerationMode, billing
from tests.support.fake_provider.server import BOMB_BYTES

__all__ = [
    "BOMB_BYTES",
    "FAILURES",
    "Billing",
    "Call",
    "Failure",
    "Format",
    "Json",
    "LoopbackProvider",
    "Mode",
    "ModerationMode",
    "Picture",
    "Switches",
    "billing",
]
