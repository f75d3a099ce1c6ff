"""The types of settings: how the text of an environment variable becomes a value, and which text is refused."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Final, Literal, get_args

import pydantic
from limits import RateLimitItem, parse_many
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from avatars_as_a_service.domain.features import MAX_VARIANT
from avatars_as_a_service.domain.signing import MIN_KEY

NAME_OF_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""The names that an API key may have."""
_QUOTES: Final = {'"', "'"}
_PORT: Final = re.compile(r":\d*$")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_MAKE_ONE: Final = "make one with: openssl rand -hex 32"


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """An API key that the environment sets, and its name."""

    name: str
    secret: SecretStr


def _split(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _lower(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    return value.strip().lower() if isinstance(value, str) else value


def _none_for(word: str) -> BeforeValidator:
    """Read this word as no value."""
    return BeforeValidator(lambda value: None if _lower(value) == word else value)


def _without_slash(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    return value.strip().rstrip("/") if isinstance(value, str) else value


def _stripped(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    """Remove the blanks and the line end that a file or a copied line adds to a secret."""
    if not isinstance(value, str):
        return value
    secret = value.strip()
    if not secret:
        raise ValueError("is blank; set it, or leave it out")
    return secret


def _one_word(secret: SecretStr) -> SecretStr:
    if re.search(r"\s", secret.get_secret_value()):
        raise ValueError("has a blank in it; remove it")
    return secret


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().strip()) < MIN_KEY:
        raise ValueError(f"has fewer than {MIN_KEY} characters; {_MAKE_ONE}")
    return key


def _named_secrets(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    if not isinstance(value, str):
        return value
    parts = [part.partition(":") for part in _split(value)]
    if not all(NAME_OF_KEY.fullmatch(name) and secret.strip() for name, _, secret in parts):
        raise ValueError("write name:key,name:key; a name has 1 to 40 letters, digits, dots, dashes and underscores")
    if len({name for name, _, _ in parts}) < len(parts):
        raise ValueError("names a key twice; give each key its own name")
    if any(_CONTROL.search(secret.strip()) for _, _, secret in parts):
        raise ValueError("has a control character in a key; remove it")
    short = [name for name, _, secret in parts if len(secret.strip()) < MIN_KEY]
    if short:
        raise ValueError(f"the key of {short[0]} has fewer than {MIN_KEY} characters; {_MAKE_ONE}")
    return tuple(NamedSecret(name, SecretStr(secret.strip())) for name, _, secret in parts)


def _without_brackets(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    """Read an IPv6 address in the brackets that it has in a URL."""
    return value[1:-1] if isinstance(value, str) and value.startswith("[") and value.endswith("]") else value


def _without_port(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    """Read a host as ``Host`` without its port is compared with it."""
    if not isinstance(value, str):
        return value
    if "//" in value:
        raise ValueError("write hosts alone, such as faces.example.org or *.example.org, without http:// or https://")
    is_bare_ipv6 = value.count(":") > 1 and not value.startswith("[")
    return f"[{value}]" if is_bare_ipv6 else _PORT.sub("", value)


def _rates(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    if not isinstance(value, str):
        return value
    try:
        return tuple(parse_many(value))
    except ValueError:
        raise ValueError("write for example 10/minute, or 10/minute;100/day") from None


def _network(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    return ip_network(value, strict=False) if isinstance(value, str) else value


def _json_object(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(found):
        raise ValueError('must be a JSON object, such as {"name": "value"}')
    return found


def _header_text(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _redis_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return url


Lower = BeforeValidator(_lower)
OnOff = Annotated[bool, Lower]
OnOffAuto = Annotated[OnOff | None, _none_for("auto")]
"""None means that the service decides."""

Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Cap = Annotated[Dollars | None, _none_for("none")]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
SeedVariants = Annotated[Annotated[int, Field(ge=1, le=MAX_VARIANT + 1)] | None, _none_for("auto")]
RateLimit = Annotated[tuple[RateLimitItem, ...] | None, NoDecode, BeforeValidator(_rates)]
PictureFormatName = Annotated[Literal["webp", "png", "jpeg", "avif"], Lower]
RasterFormatName = Annotated[Literal["webp", "png", "jpeg"], Lower]

Secret = Annotated[SecretStr, BeforeValidator(_stripped), AfterValidator(_one_word)]
LongSecret = Annotated[SecretStr, BeforeValidator(_stripped), AfterValidator(_long_enough)]
SigningKey = Annotated[SecretStr, AfterValidator(_long_enough)]
"""Kept as it is set, line ends included, so that yesterday's signatures stay valid (see ``signing``)."""
NamedSecrets = Annotated[tuple[NamedSecret, ...], NoDecode, BeforeValidator(_named_secrets)]

SecretJson = Annotated[pydantic.Secret[dict[str, Any]], NoDecode, BeforeValidator(_json_object)]
SecretTexts = Annotated[
    pydantic.Secret[dict[str, Annotated[str, BeforeValidator(_header_text)]]], NoDecode, BeforeValidator(_json_object)
]
ResponseFormat = Annotated[Literal["b64_json", "url"], Lower]

Url = Annotated[
    str,
    BeforeValidator(_without_slash),
    StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", max_length=2000),
]
RootPath = Annotated[
    str, BeforeValidator(_without_slash), StringConstraints(pattern=r"^(/[A-Za-z0-9._~-]+)*$", max_length=500)
]
ImageStoreUrl = Annotated[
    str,
    BeforeValidator(_without_slash),
    StringConstraints(pattern=r"^((s3|gs|az)://[^\s/?#]+(/[^\s?#]*)?|file://(/[^\s?#]+)+)$", max_length=2000),
]
RedisUrl = Annotated[SecretStr, BeforeValidator(_stripped), AfterValidator(_redis_url)]
Origin = Annotated[
    str, BeforeValidator(_without_slash), StringConstraints(pattern=r"^(\*|[a-z][a-z0-9+.-]*://[^\s/?#]+)$")
]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)]
Host = Annotated[str, Lower, StringConstraints(pattern=r"^(\*\.)?[a-z0-9_.\[\]:-]+$")]
Hosts = Annotated[tuple[Host, ...], NoDecode, BeforeValidator(_split)]
AllowedHosts = Annotated[tuple[Annotated[Host, BeforeValidator(_without_port)], ...], NoDecode, BeforeValidator(_split)]
ListenHost = Annotated[str, BeforeValidator(_without_brackets)]
DownloadHosts = Hosts
"""Each may end with a port; without one, every port of the host is meant."""
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)]


def is_quoted(text: str) -> bool:
    """Whether quotes surround the text; a file for ``docker run --env-file`` keeps them."""
    return len(text) > 1 and text[0] in _QUOTES and text[-1] == text[0]


def holds_secret(field: FieldInfo) -> bool:
    """Whether the setting's values are secrets."""
    return _mentions((field.annotation,), (SecretStr, NamedSecret))


def may_have_lines(field: FieldInfo) -> bool:
    """Whether the setting's text may have several lines: a list or JSON."""
    return _mentions((field.annotation, *field.metadata), (NoDecode,))


def _mentions(types: Iterable[Any], wanted: tuple[Any, ...]) -> bool:
    return any(each in wanted or _mentions(get_args(each), wanted) for each in types)
