"""``avatars --help`` and the help of every subcommand: quick, and complete."""

import os
import subprocess
import sys
from importlib.metadata import version
from typing import Final

import pytest

from avatars_as_a_service.settings import Settings

FEATURES: Final = ["--mood", "--head-shape", "--skin-tone", "--smile-type", "--nose-type", "--eye-color", "--glasses"]
OPTIONS: Final = {
    "": ["--version", "--install-completion", "--show-completion", "purge", "keys", "serve", "sheet", "sign", "redraw"],
    "serve": ["--host", "--port", "--workers", "--root-path"],
    "migrate": [],
    "purge": ["HASH", "--descriptions-older-than", "--dry-run", "--yes"],
    "redraw": ["HASH"],
    "check": ["--pay"],
    "sign": ["--seed", *FEATURES, "--variant", "--size", "--format", "--days", "--exp", "--base-url"],
    "sheet": ["FILE", "--across", "--down", "--variants", "--with", "--side"],
    "keys": ["add", "list", "revoke"],
    "keys add": ["NAME", "--daily-usd", "--monthly-usd", "--per-minute", "--origin"],
    "keys list": [],
    "keys revoke": ["NAME"],
}
HEAVY: Final = {
    "alembic",
    "fastapi",
    "limits",
    "openai",
    "pydantic_settings",
    "rich",
    "sqlalchemy",
    "structlog",
    "uvicorn",
}
"""What the service imports, at a second and more; help needs none of it."""
SECRET: Final = "sk-planted-secret"
LOADED: Final = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"


def avatars(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command; at its end it names on standard error all modules that it has loaded."""
    code = f"{LOADED}; sys.argv[0] = 'avatars'; from avatars_as_a_service.__main__ import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "OPENAI_API_KEY": SECRET, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("subcommand", OPTIONS)
def test_help_names_the_options_and_loads_nothing_of_the_service(subcommand: str) -> None:
    ended = avatars(*subcommand.split(), "--help")

    assert ended.returncode == 0
    assert ended.stdout.startswith(f"Usage: {' '.join(['avatars', *subcommand.split()])} ")
    words = ended.stdout.replace(",", " ").split()
    assert [option for option in [*OPTIONS[subcommand], "--help"] if option not in words] == []
    assert HEAVY & {name.partition(".")[0] for name in ended.stderr.split()} == set()


@pytest.mark.parametrize("group", ["", "keys"])
def test_the_table_above_holds_every_subcommand(group: str) -> None:
    listed = avatars(*group.split(), "--help").stdout.partition("Commands:\n")[2].splitlines()

    names = [f"{group} {line.split()[0]}".strip() for line in listed if not line.startswith("   ") and line[:2] == "  "]
    assert names
    assert [name for name in names if name not in OPTIONS] == []


def test_the_version_is_the_package_s() -> None:
    ended = avatars("--version")

    assert (ended.returncode, ended.stdout) == (0, f"avatars {version('avatars-as-a-service')}\n")


@pytest.mark.parametrize("wrong", [["pruge"], ["serve", "--prot", "1"], ["purge"], ["keys", "add", "a b"], ["redraw"]])
@pytest.mark.slow
def test_wrong_words_end_with_2(wrong: list[str]) -> None:
    ended = avatars(*wrong)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "avatars" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_gets_a_script_that_completes_subcommands(shell: str) -> None:
    # Else typer asks the operating system for the shell that started it, and CI has none.
    script = avatars("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    words = {"COMP_WORDS": "avatars re", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "avatars re"}
    completed = avatars(_AVATARS_COMPLETE=f"complete_{shell}", _TYPER_COMPLETE_FISH_ACTION="get-args", **words)

    assert (script.returncode, completed.returncode) == (0, 0)
    assert "_AVATARS_COMPLETE" in script.stdout
    assert "redraw" in completed.stdout
    assert "revoke" not in completed.stdout
    assert SECRET not in script.stdout + completed.stdout


@pytest.mark.parametrize("field", Settings.model_fields)
def test_a_setting_s_description_is_a_sentence(field: str) -> None:
    description = Settings.model_fields[field].description or ""

    assert description[0].isupper()
    assert description[-1] in ".…"
    assert not description.startswith(("Who ", "Whoever ", "What is "))
