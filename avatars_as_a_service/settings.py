"""The service's settings, from the environment and ``.env``: read once at the entry point and handed down."""

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from avatars_as_a_service.domain.features import MAX_VARIANT
from avatars_as_a_service.environment import ENV_FILE, PREFIX, Environment, UnreadableEnvFile
from avatars_as_a_service.setting_types import (
    AllowedHosts,
    Cap,
    Count,
    Dollars,
    DownloadHosts,
    ImageStoreUrl,
    ListenHost,
    LongSecret,
    Lower,
    NamedSecrets,
    Networks,
    OnOff,
    OnOffAuto,
    Origins,
    PictureFormatName,
    RasterFormatName,
    RateLimit,
    RedisUrl,
    ResponseFormat,
    RootPath,
    Seconds,
    Secret,
    SecretJson,
    SecretTexts,
    SeedVariants,
    SigningKey,
    Url,
    holds_secret,
    is_quoted,
    may_have_lines,
)

DATA_FOLDER: Final = Path("data")
_OPENAI: Final = "https://api.openai.com/v1"
_FREE_SEED_VARIANTS: Final = MAX_VARIANT + 1


class WrongSetting(Exception):
    """The service cannot run with a setting's value. The message is one line that names the variable."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable


class ProviderChoice(StrEnum):
    """The provider that draws the faces. ``auto`` is OpenAI if its key is set, else the local artist."""

    AUTO = "auto"
    OPENAI = "openai"
    LOCAL = "local"


class Gravatar(StrEnum):
    """What Gravatar URLs do: nothing, show a face that is kept or a stand-in, or have the face drawn too."""

    OFF = "off"
    SHOW = "show"
    DRAW = "draw"


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class _Variables(PydanticBaseSettingsSource):
    """The texts of the variables, without the blanks and line ends around them."""

    def __call__(self) -> dict[str, Any]:
        """Return the text of each field that is set. Raises ``WrongSetting`` and ``UnreadableEnvFile``."""
        self._values = Environment.read().values()
        found = [self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items()]
        return {key: text for text, key, _ in found if text is not None}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        """The field's text; ``None`` if it is not set, or blank and no secret."""
        name = variable(field_name)
        text = _plain(name, field, self._values.get(name, ""))
        return text, str(field.validation_alias or field_name), False


def _plain(name: str, field: FieldInfo, text: str) -> str | None:
    """The text without what surrounds it. A signing key stays as it is: signatures under it are in use."""
    plain = text.strip()
    if not plain:
        return text if text and holds_secret(field) else None
    if is_quoted(plain) and name != variable("edition"):
        raise WrongSetting(name, "is in quotes, which would be part of the value; remove them")
    if name == variable("signing_key"):
        return text
    if _CONTROL.search(plain) and not may_have_lines(field):
        raise WrongSetting(name, "has a line end or another control character in it; remove it")
    return plain


class Settings(BaseSettings):
    """Each field is an environment variable: ``AVATARS_`` and its name in capitals, or the alias that it carries."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
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
    openai_api_key: Secret | None = Field(None, validation_alias="OPENAI_API_KEY", description="Your OpenAI API key.")
    openai_base_url: Url = Field(
        _OPENAI,
        validation_alias="OPENAI_BASE_URL",
        description="The URL of OpenAI's API, or of a server with the same API.",
    )
    azure_openai_endpoint: Url | None = Field(
        None,
        validation_alias="AZURE_OPENAI_ENDPOINT",
        description="The endpoint of your Azure OpenAI resource; AVATARS_MODEL then names a deployment.",
    )
    azure_openai_api_key: Secret | None = Field(
        None, validation_alias="AZURE_OPENAI_API_KEY", description="The API key of your Azure OpenAI resource."
    )
    openai_api_version: Annotated[str, Field(max_length=50, pattern=r"^[A-Za-z0-9.-]+$")] | None = Field(
        None,
        validation_alias="OPENAI_API_VERSION",
        description="The version of Azure's API, such as 2025-04-01-preview.",
    )

    provider: Annotated[ProviderChoice, Lower] = Field(
        ProviderChoice.AUTO, description="What draws the faces: openai, local, or auto (openai if a key is set)."
    )
    model: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        "gpt-image-2.5-flare", description="The image model."
    )
    quality: Annotated[str, Lower, Field(min_length=1, max_length=20)] = Field(
        "low", description="The quality that the model draws in: low, medium, high, …"
    )
    size: Annotated[str, Lower, Field(pattern=r"^([1-9]\d{1,3}x[1-9]\d{1,3}|auto|none)$")] | None = Field(
        None,
        description="The size that the model draws, in pixels; none: not sent. "
        "Empty: 816x816 for the models that take it, else 1024x1024.",
    )
    output_format: RasterFormatName | None = Field(
        None, description="The format that the model delivers: webp, png or jpeg. Empty: WebP if the model can."
    )
    response_format: ResponseFormat | None = Field(
        None, description="How a server sends the picture: b64_json or url. Empty: not sent."
    )
    download_hosts: DownloadHosts = Field(
        (), description="Private hosts from which pictures are fetched, such as localhost or files.example:9000."
    )
    extra_body: SecretJson | None = Field(
        None, description="More for the body of each call, as a JSON object. It wants AVATARS_PRICE_PER_IMAGE_USD."
    )
    extra_headers: SecretTexts | None = Field(
        None, description="More headers of each request to the provider, as a JSON object of texts."
    )
    extra_query: SecretTexts | None = Field(
        None, description="More query parameters of each request to the provider, as a JSON object of texts."
    )
    edition: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[!-~]+$")] = Field(
        "1", description="Part of every key. A new edition draws, and pays for, every face again."
    )
    price_per_image_usd: Dollars | None = Field(
        None,
        description="A fixed price of each call, in dollars. Empty: the published price of the reported usage.",
    )
    prices: Path | None = Field(
        None, description="A file with prices of more models, in the form of the service's own prices.toml."
    )
    daily_budget_usd: Cap = Field(
        Decimal(5), description="The most to spend in a day (UTC), in dollars. 0: spend nothing; none: no cap."
    )
    monthly_budget_usd: Cap = Field(
        None, description="The most to spend in a month (UTC), in dollars. 0: spend nothing; none: no cap."
    )
    stand_in: OnOff = Field(
        True,  # noqa: FBT003 - pydantic's first argument is the default
        description="Show the local artist's picture when the model is unavailable or over budget: on or off.",
    )
    moderation: OnOffAuto = Field(
        None, description="Check descriptions before paying: on, off, or auto (on with OpenAI's own API)."
    )
    provider_timeout_s: Seconds = Field(
        120, description="The longest time for one drawing, in seconds, with queue, retries and download."
    )
    provider_concurrency: Count = Field(16, description="Concurrent calls to the provider, per process.")
    provider_queue: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        256, description="Drawings that may wait for a call, per process."
    )
    retry_wait_s: Seconds = Field(0.5, description="The wait before a call's first retry, in seconds. It doubles.")
    breaker_pause_s: Seconds = Field(
        30, description="How long to stop calling the provider after five failed calls in a row, in seconds."
    )
    quota_pause_s: Seconds = Field(
        600, description="How long to stop calling the provider when its account is out of money, in seconds."
    )
    rest_s: Seconds = Field(
        600, description="The cooldown of a face that the model refused or drew unusably, in seconds."
    )
    lease_s: Annotated[float, Field(ge=1, le=3600)] = Field(
        15, description="How long a drawing belongs to a process that sends no heartbeat, in seconds."
    )

    public_url: Url | None = Field(
        None, description="The URL at which browsers reach the service. Empty: the request's own host."
    )
    root_path: RootPath = Field(
        "", description="The path below which a proxy serves the service and which it removes. Empty: none, or it says."
    )
    default_size: int = Field(
        256, description="The longer side of the pictures that answers point to, in pixels (32 to 1024)."
    )
    default_format: PictureFormatName = Field(
        "webp", description="The format of the pictures that answers point to: webp, png, jpeg or avif."
    )
    signing_key: SigningKey | None = Field(
        None, description="The secret that signs /avatar URLs. A signed URL may have its face drawn and paid for."
    )
    gravatar: Annotated[Gravatar, Lower] = Field(
        Gravatar.SHOW,
        description="What the Gravatar form of /avatar does: off (404), show (never pays), or draw (each face once).",
    )
    seed_variants: SeedVariants = Field(
        None,
        description="How many variants a seed picks among (1 to 100): 100 show more different people, 1 shares faces. "
        "auto: 100 where the local artist draws, for free; 1 where a model is paid.",
    )
    gravatar_daily_budget_usd: Dollars | None = Field(
        None, description="The most to spend in a day (UTC) on faces that Gravatar URLs have drawn, in dollars."
    )
    image_store: ImageStoreUrl | None = Field(
        None, description="Where pictures are kept: s3://bucket/prefix or file:///folder. Empty: the database."
    )
    image_base_url: Url | None = Field(
        None, description="The URL of a CDN that serves /images/. Empty: the service's own URL."
    )
    spool: Path = Field(
        DATA_FOLDER / "spool",
        description="The folder where a paid picture waits while the database or the image store refuses it.",
    )
    db_pool_size: Annotated[int, Field(ge=1, le=200)] = Field(
        5, description="Database connections per process. Two more are kept for urgent work."
    )
    faces_in_memory: Count = Field(50_000, description="Faces cached in memory, per process.")
    pictures_in_memory_mb: Annotated[int, Field(ge=1, le=65_536)] = Field(
        256, description="Megabytes of pictures cached in memory, per process."
    )
    rendition_concurrency: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="Renditions (other sizes and formats) made concurrently, per process."
    )
    rendition_queue: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        4000, description="Renditions that may wait to be made, per process. Clients are served in turn."
    )

    keep_descriptions_days: Count | None = Field(
        None, description="After so many days, purge the pictures of descriptions. Empty: never."
    )

    host: ListenHost = Field("127.0.0.1", description="The IP address or host name to listen on.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8000, description="The port to listen on.")
    workers: Annotated[int, Field(ge=1, le=256)] = Field(1, description="Worker processes.")
    keep_alive_s: Annotated[int, Field(ge=1, le=3600)] = Field(
        620, description="How long to keep an idle connection, in seconds. Keep it above the load balancer's own time."
    )
    request_timeout_s: Seconds = Field(
        20, description="How long a request may take to arrive, in seconds, from its first byte to its last."
    )
    max_connections: Count = Field(
        4000, description="Connections per process. Past that, the connection that is idle longest is closed."
    )
    cors_origins: Origins = Field((), description="The origins whose pages may call the API, or *.")
    api_keys: NamedSecrets = Field(
        (), description="API keys that may draw, as name:key,name:key. `avatars keys` makes keys with budgets."
    )
    private: OnOff = Field(
        False,  # noqa: FBT003 - pydantic's first argument is the default
        description="Show nothing, kept faces included, without an API key or a signature: on or off.",
    )
    rate_limit: RateLimit = Field(
        None, description="Requests per caller that are not answered from memory, such as 10/minute;100/day."
    )
    hit_rate_limit: RateLimit = Field(
        None, description="All requests per caller, kept faces and pictures included, such as 100/minute."
    )
    redis_url: RedisUrl | None = Field(
        None, description="The Redis that counts rate limits for all replicas. Empty: each process counts alone."
    )
    trusted_proxies: Networks = Field(
        (), description="The IP addresses or networks of proxies whose X-Forwarded headers are trusted."
    )
    allowed_hosts: AllowedHosts = Field(
        (), description="The hosts that the service answers for, such as *.example.org. Empty: any host."
    )
    admin_token: Annotated[LongSecret, Field(max_length=1000)] | None = Field(
        None, description="The operator's token: it reads the figures, purges and redraws. Empty: figures on loopback."
    )
    log_every_nth_hit: Count = Field(1000, description="Log one hit of so many.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's own sources take texts as they are
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the texts that ``_Variables`` finds."""
        return init_settings, _Variables(settings_cls)

    @property
    def has_quoted_edition(self) -> bool:
        """Whether the edition is in quotes, most often by mistake."""
        return is_quoted(self.edition)

    @property
    def uses_openai(self) -> bool:
        """Whether the provider's URL is OpenAI's own, and not Azure's or a compatible server's."""
        return self.openai_base_url == _OPENAI and not self.uses_azure

    @property
    def uses_azure(self) -> bool:
        """Whether the provider is a deployment at Azure."""
        return self.azure_openai_endpoint is not None and self.azure_openai_api_key is not None

    @property
    def variants_of_a_seed(self) -> int:
        """How many variants a seed picks among."""
        if self.seed_variants is not None:
            return self.seed_variants
        return _FREE_SEED_VARIANTS if self.draws_locally else 1

    @property
    def heartbeat_s(self) -> float:
        """How often a process renews its claims: three times in each lease."""
        return self.lease_s / 3

    @property
    def draws_locally(self) -> bool:
        """Whether the local artist is the provider."""
        if self.provider is not ProviderChoice.AUTO:
            return self.provider is ProviderChoice.LOCAL
        return self.openai_api_key is None and not self.uses_azure

    @property
    def moderates(self) -> bool:
        """Whether descriptions are checked before they are paid for."""
        return self.uses_openai if self.moderation is None else self.moderation


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises ``WrongSetting`` for the first wrong value.
    """
    try:
        settings = Settings()
    except UnreadableEnvFile as unreadable:
        raise WrongSetting(str(ENV_FILE), unreadable.problem) from unreadable
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        raise WrongSetting(_variable_at(first["loc"]), _problem(first)) from None
    has_account = (
        settings.openai_api_key is not None or settings.uses_azure or "openai_base_url" in settings.model_fields_set
    )
    if settings.provider is ProviderChoice.OPENAI and not has_account:
        raise WrongSetting("OPENAI_API_KEY", f"is needed with {variable('provider')}=openai")
    return settings


def variable(field: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def unknown_variables(names: Iterable[str]) -> dict[str, str | None]:
    """The names that set nothing, most often by a typing error, and the variable that each is most like."""
    known = {variable(field) for field in Settings.model_fields}
    unknown = [name for name in names if name.startswith(PREFIX) and name.upper() not in known]
    return {name: next(iter(get_close_matches(name, known, 1, 0.8)), None) for name in unknown}


def _variable_at(location: tuple[int | str, ...]) -> str:
    """The variable that has set this field: the platform's own, if that is what is set."""
    field = str(location[0])
    own = variable(field) if field in Settings.model_fields else field.upper()
    return next((name for name, stands_for in Environment.read().stand_ins().items() if stands_for == own), own)


def _problem(error: ErrorDetails) -> str:
    if error["type"] == "bool_parsing":
        return "must be on, off or auto" if error["loc"][0] == "moderation" else "must be on or off"
    return error["msg"].removeprefix("Value error, ")
