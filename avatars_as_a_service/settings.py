"""The service's settings, from the environment and ``.env``: read once at the entry point and handed down."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from limits import RateLimitItem, parse_many
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from avatars_as_a_service.signing import MIN_KEY

PREFIX: Final = "AVATARS_"
_OPENAI: Final = "https://api.openai.com/v1"
DATA_FOLDER: Final = Path("data")
NAME_OF_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What an API key may be called."""
_SWITCHED: Final = {"true": "on", "yes": "on", "1": "on", "false": "off", "no": "off", "0": "off"}


class WrongSetting(Exception):
    """A setting has a value that the service cannot run with; the message is one line that names the variable."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


class Choice(StrEnum):
    """Who draws the faces; ``auto`` is OpenAI where a key is set, else the local artist."""

    AUTO = "auto"
    OPENAI = "openai"
    LOCAL = "local"


class Switch(StrEnum):
    """On, off, or decided by the service."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


def _split(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _unlimited(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    return None if isinstance(value, str) and value.strip().lower() == "none" else value


def _lower(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    return value.strip().lower() if isinstance(value, str) else value


def _on_or_off(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    value = _lower(value)
    return _SWITCHED.get(value, value) if isinstance(value, str) else value


def _without_slash(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    return value.strip().rstrip("/") if isinstance(value, str) else value


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < MIN_KEY:
        raise ValueError(f"has fewer than {MIN_KEY} characters; make one with: openssl rand -hex 32")
    return key


Origin = Annotated[
    str, BeforeValidator(_without_slash), StringConstraints(pattern=r"^(\*|[a-z][a-z0-9+.-]*://[^\s/?#]+)$")
]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Cap = Annotated[Dollars | None, BeforeValidator(_unlimited)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=1000)]
SigningKey = Annotated[SecretStr, AfterValidator(_long_enough)]
OnOff = Annotated[Literal["on", "off"], BeforeValidator(_on_or_off)]
Address = Annotated[
    str,
    BeforeValidator(_without_slash),
    StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", max_length=2000),
]

StoreAddress = Annotated[
    str,
    BeforeValidator(_without_slash),
    StringConstraints(pattern=r"^((s3|gs|az)://[^\s/?#]+(/[^\s?#]*)?|file://(/[^\s?#]+)+)$", max_length=2000),
]


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A secret and whose it is."""

    name: str
    secret: SecretStr


def _named_secrets(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    if not isinstance(value, str):
        return value
    parts = [part.partition(":") for part in _split(value)]
    if not all(NAME_OF_KEY.fullmatch(name) and secret.strip() for name, _, secret in parts):
        raise ValueError("write name:key,name:key; a name has 1 to 40 letters, digits, dots, dashes and underscores")
    if len({name for name, _, _ in parts}) < len(parts):
        raise ValueError("a name stands twice")
    return tuple(NamedSecret(name, SecretStr(secret.strip())) for name, _, secret in parts)


def _rates(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    if not isinstance(value, str):
        return value
    try:
        return tuple(parse_many(value))
    except ValueError:
        raise ValueError("write for example 10/minute, or 10/minute;100/day") from None


def _network(value: Any) -> Any:  # noqa: ANN401 - a validator sees anything
    return ip_network(value, strict=False) if isinstance(value, str) else value


def _redis_address(address: SecretStr) -> SecretStr:
    if not address.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("begins with redis://, rediss:// or unix://")
    return address


NamedSecrets = Annotated[tuple[NamedSecret, ...], NoDecode, BeforeValidator(_named_secrets)]
RateLimit = Annotated[tuple[RateLimitItem, ...] | None, NoDecode, BeforeValidator(_rates)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)]
Host = Annotated[str, BeforeValidator(_lower), StringConstraints(pattern=r"^(\*\.)?[a-z0-9_.\[\]:-]+$")]
Hosts = Annotated[tuple[Host, ...], NoDecode, BeforeValidator(_split)]
RedisAddress = Annotated[SecretStr, AfterValidator(_redis_address)]


class Settings(BaseSettings):
    """Each field is an environment variable: ``AVATARS_`` and its name in capitals, or the alias that it carries."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        arbitrary_types_allowed=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    db_string: SecretStr = Field(
        SecretStr(f"sqlite:///{DATA_FOLDER}/avatars.db"),
        validation_alias="DB_STRING",
        description="The database: any SQLAlchemy URL.",
    )
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY", description="Who pays.")
    openai_base_url: Address = Field(
        _OPENAI, validation_alias="OPENAI_BASE_URL", description="OpenAI, or a compatible server."
    )

    provider: Annotated[Choice, BeforeValidator(_lower)] = Field(
        Choice.AUTO, description="auto: openai where a key is set, else local."
    )
    model: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        "gpt-image-2.5-flare", description="The image model."
    )
    quality: Annotated[str, BeforeValidator(_lower), Field(min_length=1, max_length=20)] = Field(
        "low", description="The model's quality: low, medium, high, …"
    )
    size: Annotated[str, BeforeValidator(_lower), Field(pattern=r"^([1-9]\d{1,3}x[1-9]\d{1,3}|auto)$")] = Field(
        "1024x1024", description="The size that is drawn, in pixels."
    )
    output_format: Annotated[Literal["webp", "png", "jpeg"] | None, BeforeValidator(_lower)] = Field(
        None, description="The format that is asked for; WebP where the model can, unless set."
    )
    edition: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[!-~]+$")] = Field(
        "1", description="Part of every key: a new edition draws, and pays for, every face anew."
    )
    price_per_image_usd: Dollars | None = Field(
        None, description="Where set, the price of each call, whatever the provider says that it used."
    )
    daily_budget_usd: Cap = Field(Decimal(5), description="Never pay more in a day (UTC); 0: never pay; none: no cap.")
    monthly_budget_usd: Cap = Field(None, description="The same for a month (UTC).")
    stand_in: OnOff = Field("on", description="Show the local artist's picture where the model may or can not draw.")
    moderation: Annotated[Switch, BeforeValidator(_on_or_off)] = Field(
        Switch.AUTO, description="Check descriptions before paying; auto: with OpenAI's own address."
    )
    provider_timeout_s: Seconds = Field(
        120, description="The longest that a drawing may take: queue, retries and download included."
    )
    provider_concurrency: Count = Field(16, description="Calls at once to the provider, per process.")
    provider_queue: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        256, description="Drawings that may wait for their turn, per process."
    )
    retry_wait_s: Seconds = Field(0.5, description="The wait before a call's first retry; it doubles.")
    breaker_pause_s: Seconds = Field(30, description="The pause after five failed calls in a row.")
    quota_pause_s: Seconds = Field(600, description="The pause after the provider said that the money is used up.")
    rest_s: Seconds = Field(
        600, description="How long a face rests that was refused or whose paid answer was unusable."
    )
    lease_s: Annotated[float, Field(ge=1, le=3600)] = Field(
        15, description="How long a drawing is another process's own without a sign of life."
    )

    public_url: Address | None = Field(None, description="How browsers reach the service, for image addresses.")
    default_size: int = Field(256, description="Pixels on the longer side of the pictures that answers point to.")
    default_format: Annotated[Literal["webp", "png", "jpeg", "avif"], BeforeValidator(_lower)] = Field(
        "webp", description="Their format: webp, png, jpeg or avif."
    )
    signing_key: SigningKey | None = Field(
        None, description="Who holds it may sign addresses of /avatar that have a face drawn, and paid for."
    )
    image_store: StoreAddress | None = Field(
        None, description="Where pictures are kept: s3://bucket/prefix or file:///folder; the database, unless set."
    )
    image_base_url: Address | None = Field(
        None, description="Where browsers find /images/, such as a CDN; where all else is, unless set."
    )
    spool: Path = Field(
        DATA_FOLDER / "spool", description="Where a paid picture waits while database or image store refuse it."
    )
    db_pool_size: Annotated[int, Field(ge=1, le=200)] = Field(
        5, description="Database connections per process; two more are for what is urgent."
    )
    faces_in_memory: Count = Field(50_000, description="Faces remembered per process.")
    pictures_in_memory_mb: Annotated[int, Field(ge=1, le=65_536)] = Field(
        256, description="Megabytes of pictures remembered per process."
    )
    rendition_concurrency: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="Renditions (other sizes and formats) made at once, per process."
    )
    rendition_queue: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        256, description="Renditions that may wait for their turn, per process."
    )

    keep_descriptions_days: Count | None = Field(
        None, description="Pictures of descriptions go for good when they are so old; empty: never."
    )

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8000, description="The port to listen on.")
    workers: Annotated[int, Field(ge=1, le=256)] = Field(1, description="Processes.")
    keep_alive_s: Annotated[int, Field(ge=1, le=3600)] = Field(
        75, description="How long an idle connection is kept; longer than a load balancer keeps it."
    )
    request_timeout_s: Seconds = Field(20, description="How long a request may take to come, from first to last byte.")
    max_connections: Count = Field(4000, description="Connections per process; past that, the idlest make room.")
    cors_origins: Origins = Field((), description="Origins whose pages may call the API, or *.")
    api_keys: NamedSecrets = Field(
        (), description="Keys to have faces drawn with, name:key for each; see also avatars keys."
    )
    private: OnOff = Field("off", description="Show nothing, kept faces included, without an API key or a signature.")
    rate_limit: RateLimit = Field(
        None, description="How often a caller may ask for what is not remembered, such as 10/minute;100/day."
    )
    hit_rate_limit: RateLimit = Field(None, description="How often a caller may ask at all.")
    redis_url: RedisAddress | None = Field(
        None, description="Where limits are counted for all replicas; else each process counts its own."
    )
    trusted_proxies: Networks = Field(
        (), description="Addresses or networks of proxies whose X-Forwarded headers are believed."
    )
    allowed_hosts: Hosts = Field((), description="Hosts that are served, or *.example.org; empty: any.")
    admin_token: Secret | None = Field(
        None, description="Who sends it sees the figures and may purge and redraw; without it, loopback alone may."
    )
    log_every_nth_hit: Count = Field(1000, description="One of so many hits is logged.")

    @property
    def asks_openai_itself(self) -> bool:
        """Whether the provider's address is OpenAI's own, and not a compatible server's."""
        return self.openai_base_url == _OPENAI

    @property
    def heartbeat_s(self) -> float:
        """How often who draws says so: three times a lease."""
        return self.lease_s / 3

    @property
    def draws_locally(self) -> bool:
        """Whether the local artist is the provider."""
        if self.provider is not Choice.AUTO:
            return self.provider is Choice.LOCAL
        return self.openai_api_key is None


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises ``WrongSetting`` for the first wrong value.
    """
    try:
        settings = Settings()
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
        raise WrongSetting(_named(first["loc"]), first["msg"].removeprefix("Value error, ")) from None
    has_account = settings.openai_api_key is not None or "openai_base_url" in settings.model_fields_set
    if settings.provider is Choice.OPENAI and not has_account:
        raise WrongSetting("OPENAI_API_KEY", f"is needed with {variable('provider')}=openai")
    return settings


def variable(field: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def unknown_variables(environment: Iterable[str]) -> list[str]:
    """Variables that begin like ours and that nothing reads: most often a slip of the pen."""
    known = {variable(field) for field in Settings.model_fields}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def _named(location: tuple[int | str, ...]) -> str:
    field = str(location[0])
    return variable(field) if field in Settings.model_fields else field.upper()
