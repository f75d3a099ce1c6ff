"""The endpoint: where the image model is, and how the settings say to speak to it."""

from dataclasses import dataclass, field

from avatars_as_a_service.providers.account import Account, account
from avatars_as_a_service.providers.additions import Additions, additions
from avatars_as_a_service.providers.http_client import url_problem
from avatars_as_a_service.settings import Settings, WrongSetting, variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server with OpenAI's image API. With an ``api_version`` it is a resource at Azure.

    ``url`` is the base of the API, or the resource's endpoint. ``download_hosts`` are private hosts from which pictures
    may be fetched.
    """

    url: str
    account: Account
    is_official: bool = False
    api_version: str | None = None
    additions: Additions = field(default_factory=Additions)
    download_hosts: tuple[str, ...] = ()

    def generations_url(self, model: str) -> str:
        """Return the URL to which a call is sent, without its query."""
        azures = "" if self.api_version is None else f"/openai/deployments/{model}"
        return f"{self.url}{azures}/images/generations"

    @property
    def key_header(self) -> dict[str, str]:
        """The header with the API key, as the server wants it."""
        key = self.account.api_key
        return {"Authorization": f"Bearer {key}"} if self.api_version is None else {"api-key": key}

    @property
    def secrets(self) -> list[str]:
        """What may be written nowhere: the API key, and the values of the additions."""
        return [self.account.api_key, *self.additions.secrets]


def endpoint(settings: Settings) -> Endpoint:
    """Return the endpoint that the settings name. Raises ``WrongSetting``."""
    if settings.uses_azure and settings.openai_api_version is None:
        raise WrongSetting(variable("openai_api_version"), "must be set for Azure, such as 2025-04-01-preview")
    url_setting = "azure_openai_endpoint" if settings.uses_azure else "openai_base_url"
    key_setting = "azure_openai_api_key" if settings.uses_azure else "openai_api_key"
    url, key = getattr(settings, url_setting), getattr(settings, key_setting)
    problem = url_problem(url)
    if problem is not None:
        raise WrongSetting(variable(url_setting), problem)
    return Endpoint(
        url=url,
        account=account(variable(key_setting), key.get_secret_value() if key else "none"),
        is_official=settings.uses_openai,
        api_version=settings.openai_api_version if settings.uses_azure else None,
        additions=additions(settings),
        download_hosts=settings.download_hosts,
    )
