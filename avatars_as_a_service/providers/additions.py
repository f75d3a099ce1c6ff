"""Additions: what the operator adds to each request for a server that wants more than OpenAI's API."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from avatars_as_a_service.providers.account import checked_value
from avatars_as_a_service.providers.parameters import SENT_BY_THE_SERVICE, SETTING_OF
from avatars_as_a_service.settings import Settings, WrongSetting, variable

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OWN_HEADERS: Final = {
    "accept",
    "accept-encoding",
    "api-key",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "openai-organization",
    "openai-project",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
}
_STREAMED: Final = {"stream", "partial_images"}
"""With these a server sends events, which hold no picture that the service reads."""
_AZURE_QUERY: Final = "api-version"


@dataclass(frozen=True, slots=True)
class Additions:
    """More fields of the body, more headers, more query parameters."""

    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def secrets(self) -> list[str]:
        """The values, none of which may be written anywhere."""
        return [*_texts(self.body), *self.headers.values(), *self.query.values()]


def additions(settings: Settings) -> Additions:
    """Read and check the additions. Raises ``WrongSetting``; its message names no value."""
    body, headers, query = (
        {} if secret is None else secret.get_secret_value()
        for secret in (settings.extra_body, settings.extra_headers, settings.extra_query)
    )
    _check_names(variable("extra_body"), body, SENT_BY_THE_SERVICE | _STREAMED)
    _check_headers(variable("extra_headers"), headers)
    azures = {_AZURE_QUERY} if settings.uses_azure else set()
    _check_names(variable("extra_query"), query, SENT_BY_THE_SERVICE | _STREAMED | azures)
    if body and settings.price_per_image_usd is None:
        price = variable("price_per_image_usd")
        raise WrongSetting(price, f"must be set beside {variable('extra_body')}, which may change what a call costs")
    return Additions(body, headers, query)


def _check_names(setting: str, names: Iterable[str], reserved: set[str]) -> None:
    for name in names:
        folded = name.strip().lower()
        if folded in SETTING_OF:
            raise WrongSetting(setting, f"may not set {name!r}; set {SETTING_OF[folded]}")
        if folded in reserved:
            raise WrongSetting(setting, f"may not set {name!r}, which the service sets itself")


def _check_headers(setting: str, headers: Mapping[str, str]) -> None:
    _check_names(setting, headers, _OWN_HEADERS)
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise WrongSetting(setting, "has a malformed header name")
        if name.lower().startswith("x-stainless-"):
            raise WrongSetting(setting, f"may not set {name!r}, which the service sets itself")
        checked_value(setting, value)


def _texts(value: object) -> list[str]:
    """Return all texts in a JSON value."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]
