"""Requests of ``httpx`` that wait as long as a busy machine takes; by itself it gives up after five seconds."""

from functools import partial
from typing import Final

import httpx

_TIMEOUT_S: Final = 120

get = partial(httpx.get, timeout=_TIMEOUT_S)
head = partial(httpx.head, timeout=_TIMEOUT_S)
post = partial(httpx.post, timeout=_TIMEOUT_S)
request = partial(httpx.request, timeout=_TIMEOUT_S)
Client = partial(httpx.Client, timeout=_TIMEOUT_S)
