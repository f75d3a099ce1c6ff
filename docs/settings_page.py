"""Writes ``settings.md`` from the code: ``python docs/settings_page.py``. A test fails when the page is out of date."""

from pathlib import Path
from typing import Final

from avatars_as_a_service.settings import Settings, variable

PAGE: Final = Path(__file__).with_name("settings.md")
_HEAD: Final = """# Settings

Settings come from environment variables, or from a file `.env` in the folder where the service starts. A variable in
the environment overrides the same one in `.env`. Lists are separated by commas. `.env.example` holds all of them with
their defaults. A wrong value ends `avatars serve` with exit code 2 and one line that names the variable.

- **Blanks and line ends** around a value are removed: a Kubernetes secret made with `echo` ends with one. A value in
  quotes, which Docker's `--env-file` keeps, and a control character inside a value end the start. An edition in
  quotes stays, with a warning, where faces of it are kept. Signatures made under a signing key with its line end or
  its quotes stay valid when these are removed.
- **In `.env`**, one `NAME=value` stands on each line, in UTF-8, also after `export` and in quotes, which are not part
  of the value. `${X}` becomes the value of `X` from `.env` or the environment, and `${X:-text}` the text where `X` is
  not set; single quotes do not prevent that, so write no `${` in a secret. A line that is no setting ends the start,
  and names that begin with `AVATARS_` and set nothing are told in the log.
- **Platforms**: where `AVATARS_PORT` is not set, `PORT` is the port, and where `AVATARS_WORKERS` is not set,
  `WEB_CONCURRENCY` is the number of workers, both from the environment alone. The log says so. Kubernetes puts
  `AVATARS_PORT=tcp://…` into pods beside a Service called `avatars`; it is ignored and told.

| variable | default | meaning |
|---|---|---|
"""
_NO_VALUE: Final = {"monthly_budget_usd": "none", "moderation": "auto", "seed_variants": "auto"}
"""The word that an operator writes for a value of None."""


def page() -> str:
    """The page, in Markdown, with one row for each setting."""
    return _HEAD + "".join(_row(field) for field in Settings.model_fields)


def default_of(field: str) -> str:
    """The setting's default as an operator would write it; empty where there is none."""
    default = Settings.model_fields[field].get_default()
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    if isinstance(default, bool):
        return "on" if default else "off"
    if default is None:
        return _NO_VALUE.get(field, "")
    return "" if default == () else str(default)


def _row(field: str) -> str:
    default = default_of(field)
    shown = f"`{default}`" if default else ""
    return f"| `{variable(field)}` | {shown} | {Settings.model_fields[field].description} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
