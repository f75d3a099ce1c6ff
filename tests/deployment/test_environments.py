"""Settings as files, secrets and platforms write them: each is taken, or named in one line with exit code 2."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.commands.databases import prepare
from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.wiring import check, check_edition
from tests.conftest import Serve
from tests.support import patient
from tests.support.clock import wait_until
from tests.support.service_runner import free_port

KEY: Final = "sk-planted-secret-key"
LONG: Final = "planted-key-of-the-shop"
SERVE: Final = [sys.executable, "-m", "avatars_as_a_service", "serve"]
WITHOUT_RIGHTS: Final = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
"""Root, too, may then write what its permissions allow alone."""
SERVICE_LINK: Final = "tcp://10.96.0.7:8000"

TAKEN: Final[list[tuple[dict[str, str], str | bytes, str, Any]]] = [
    # what a secret looks like that was made with echo, on Windows, or by a copied line
    ({"OPENAI_API_KEY": f"{KEY}\n"}, "", "openai_api_key", KEY),
    ({"OPENAI_API_KEY": f"\t{KEY}\r\n"}, "", "openai_api_key", KEY),
    ({"AVATARS_EDITION": "2\n"}, "", "edition", "2"),
    ({"AVATARS_MODEL": " gpt-image-2\r"}, "", "model", "gpt-image-2"),
    ({"AVATARS_PORT": "9000\n"}, "", "port", 9000),
    ({"AVATARS_HOST": "127.0.0.1\n"}, "", "host", "127.0.0.1"),
    ({"AVATARS_SPOOL": "data/a spool\n"}, "", "spool", Path("data/a spool")),
    ({"AVATARS_DAILY_BUDGET_USD": "0\r\n"}, "", "daily_budget_usd", 0),
    ({"AVATARS_RATE_LIMIT": "10/minute;100/day\n"}, "", "rate_limit", ("10 per 1 minute", "100 per 1 day")),
    ({"AVATARS_CORS_ORIGINS": "https://a.example,\n  https://b.example\n"}, "", "cors_origins",
     ("https://a.example", "https://b.example")),
    ({"AVATARS_TRUSTED_PROXIES": " 10.0.0.0/8\n"}, "", "trusted_proxies", (ip_network("10.0.0.0/8"),)),
    ({"AVATARS_ADMIN_TOKEN": f"{LONG}\n"}, "", "admin_token", LONG),
    ({"AVATARS_SIGNING_KEY": f"{LONG}\n"}, "", "signing_key", f"{LONG}\n"),
    ({"DB_STRING": "postgresql://avatars:p@ss@db/avatars\n"}, "", "db_string", "postgresql://avatars:p@ss@db/avatars"),
    ({"AVATARS_PUBLIC_URL": "https://faces.example/avatars/\n"}, "", "public_url", "https://faces.example/avatars"),
    # set, and empty or blank
    ({"AVATARS_PORT": " \n"}, "", "port", 8000),
    ({"AVATARS_MODEL": ""}, "AVATARS_MODEL=gpt-image-2", "model", "gpt-image-2"),
    # names in another case, and who overrides whom
    ({"avatars_workers": "3"}, "", "workers", 3),
    ({"AVATARS_WORKERS": "3"}, "AVATARS_WORKERS=2", "workers", 3),
    # .env
    ({}, 'AVATARS_EDITION="2"', "edition", "2"),
    ({}, "export AVATARS_EDITION='2' # the second", "edition", "2"),
    ({}, "# a comment\r\n\r\nAVATARS_PORT = 9000\r\n", "port", 9000),
    ({}, b"\xef\xbb\xbfAVATARS_PORT=9000\n", "port", 9000),
    ({"WHERE": "faces.example"}, "AVATARS_PUBLIC_URL=https://${WHERE}", "public_url", "https://faces.example"),
    ({}, "WHERE=a\nAVATARS_PUBLIC_URL=https://${WHERE}.${NOWHERE:-example}", "public_url", "https://a.example"),
    ({}, "AVATARS_MODEL='${WHERE}'", "model", "gpt-image-2.5-flare"),
    # platforms
    ({"PORT": "5000"}, "", "port", 5000),
    ({"PORT": "5000", "AVATARS_PORT": "9000"}, "", "port", 9000),
    ({"PORT": "5000"}, "AVATARS_PORT=9000", "port", 9000),
    ({"WEB_CONCURRENCY": "2"}, "", "workers", 2),
    ({"WEB_CONCURRENCY": "2", "AVATARS_WORKERS": "1"}, "", "workers", 1),
    ({"AVATARS_PORT": SERVICE_LINK, "AVATARS_SERVICE_HOST": "10.96.0.7"}, "", "port", 8000),
    ({"AVATARS_PORT": SERVICE_LINK, "PORT": "5000"}, "", "port", 5000),
    ({"AVATARS_PORT": SERVICE_LINK}, "AVATARS_PORT=9000", "port", 9000),
    ({"AVATARS_HOST": "[::1]"}, "", "host", "::1"),
    ({"AVATARS_ALLOWED_HOSTS": "X.com:8080,*.y.com,::1,[::1]:80"}, "", "allowed_hosts",
     ("x.com", "*.y.com", "[::1]", "[::1]")),
]  # fmt: skip

WRONG: Final[list[tuple[dict[str, str], str | bytes, str]]] = [
    # quotes that docker's --env-file keeps
    ({"AVATARS_EDITION": '"1"'}, "", "AVATARS_EDITION: .*quotes"),
    ({"OPENAI_API_KEY": f'"{KEY}"'}, "", "OPENAI_API_KEY: .*quotes"),
    ({"AVATARS_SIGNING_KEY": f"'{LONG}'"}, "", "AVATARS_SIGNING_KEY: .*quotes"),
    ({"AVATARS_MODEL": "'gpt-image-2'\n"}, "", "AVATARS_MODEL: .*quotes"),
    ({"DB_STRING": '"sqlite:///x.db"'}, "", "DB_STRING: .*quotes"),
    ({"AVATARS_SPOOL": "'/data/spool'"}, "", "AVATARS_SPOOL: .*quotes"),
    ({"AVATARS_API_KEYS": f'"shop:{LONG}"'}, "", "AVATARS_API_KEYS: .*quotes"),
    ({}, "AVATARS_EDITION='\"1\"'", "AVATARS_EDITION: .*quotes"),
    # what cannot stand in the middle
    ({"OPENAI_API_KEY": "sk-planted secret"}, "", "OPENAI_API_KEY: .*blank"),
    ({"OPENAI_API_KEY": "sk-planted\nsecret"}, "", "OPENAI_API_KEY: .*line end"),
    ({"AVATARS_EDITION": "1\t2"}, "", "AVATARS_EDITION: .*control character"),
    ({"AVATARS_EDITION": "1 2"}, "", "AVATARS_EDITION: "),
    ({"AVATARS_MODEL": "gpt\x1b[0m"}, "", "AVATARS_MODEL: .*control character"),
    ({"AVATARS_ADMIN_TOKEN": f"{LONG}\n{LONG}"}, "", "AVATARS_ADMIN_TOKEN: .*line end"),
    ({"AVATARS_API_KEYS": f"shop:{LONG}\x01{LONG}"}, "", "AVATARS_API_KEYS: .*control character"),
    ({"AVATARS_PUBLIC_URL": "https://faces.example/a b"}, "", "AVATARS_PUBLIC_URL: "),
    ({"OPENAI_API_KEY": " \n"}, "", "OPENAI_API_KEY: .*blank"),
    # .env
    ({}, "AVATARS_PORT=9000\n\nthis is no setting\n", r"\.env: line 3 "),
    ({}, "AVATARS_PORT: 9000\n", r"\.env: line 1 "),
    ({}, "\n# a comment\nAVATARS_PORT\n", r"\.env: line 3 "),
    ({}, 'AVATARS_MODEL="gpt-image-2\n', r"\.env: line 1 "),
    ({}, "AVATARS_PORT=9000\n".encode("utf-16"), r"\.env: .*UTF-16"),
    ({}, "AVATARS_PORT=9000\n".encode("utf-16-be"), r"\.env: .*UTF-16"),
    ({}, "A=b\n# für alle\n".encode("latin-1"), r"\.env: line 2 .*UTF-8"),
    # platforms
    ({"PORT": "eighty"}, "", "PORT: "),
    ({"WEB_CONCURRENCY": "0"}, "", "WEB_CONCURRENCY: "),
    ({"AVATARS_ALLOWED_HOSTS": "https://x.com"}, "", "AVATARS_ALLOWED_HOSTS: .*without http"),
    # databases
    ({"DB_STRING": "sqlite://data/x.db"}, "", "DB_STRING: .*sqlite:///data/x.db"),
    ({"DB_STRING": "mysql://u:planted-secret@h/x?ssl=true"}, "", "DB_STRING: .*ssl_ca="),
]


def given(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], env_file: str | bytes) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if env_file:
        Path(".env").write_bytes(env_file.encode() if isinstance(env_file, str) else env_file)


@pytest.mark.parametrize(("environment", "env_file", "field", "value"), TAKEN)
def test_a_setting_is_taken_as_it_is_meant(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], env_file: str | bytes, field: str, value: object
) -> None:
    given(monkeypatch, environment, env_file)

    settings = load_settings()
    check(settings)

    found = getattr(settings, field)
    if hasattr(found, "get_secret_value"):
        found = found.get_secret_value()
    assert (tuple(map(str, found)) if field == "rate_limit" else found) == value
    assert "planted" not in repr(settings)


@pytest.mark.parametrize(("environment", "env_file", "line"), WRONG)
def test_a_setting_that_cannot_be_meant_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], env_file: str | bytes, line: str
) -> None:
    given(monkeypatch, environment, env_file)

    with pytest.raises(WrongSetting, match=rf"^{line}") as wrong:
        check_as_serve_does()

    assert "\n" not in str(wrong.value)
    assert "planted" not in str(wrong.value)


def check_as_serve_does() -> None:
    settings = load_settings()
    check(settings)
    prepare(settings)
    check_edition(settings)


@pytest.mark.slow
def test_what_is_wrong_ends_the_start_with_2(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("AVATARS_PORT=9000\n".encode("utf-16"))

    ended = subprocess.run(
        [sys.executable, "-m", "avatars_as_a_service", "serve"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert ended.stderr.startswith("avatars: .env: is UTF-16")


@pytest.mark.slow
def test_a_platform_s_port_is_listened_on_by_both_families_and_oddities_are_told(serve: Serve, tmp_path: Path) -> None:
    """Also an edition in quotes, under which faces are kept, which then stay."""
    kept = {"DB_STRING": f"sqlite:///{tmp_path}/avatars.db", "AVATARS_EDITION": '"1"'}
    drawn = serve(kept).client.post("/query", json={}).json()
    (tmp_path / ".env").write_text("AVATARS_MODLE=gpt-image-2\n")
    port = free_port()
    platform = {"PORT": str(port), "WEB_CONCURRENCY": "2", "AVATARS_PORT": SERVICE_LINK, "AVATARS_SERVICE_HOST": "x"}

    with started({**kept, **platform, "AVATARS_HOST": "::"}, tmp_path) as log:
        hosts = [f"http://127.0.0.1:{port}", f"http://[::1]:{port}"]
        wait_until(lambda: is_ready(hosts[0]))
        again = [patient.post(f"{host}/query", json={}).json() for host in hosts]
        lines = [json.loads(line) for line in log.read_text().splitlines()]

    assert [each["data"]["image_hash"] for each in again] == [drawn["data"]["image_hash"]] * 2
    assert all(each["cache_hit"] for each in again)
    told = {line.get("variable"): line for line in lines if "variable" in line}
    assert told.keys() - {"AVATARS_TEST_REQUIRE_SERVICES"} == {
        "AVATARS_MODLE",
        "PORT",
        "WEB_CONCURRENCY",
        "AVATARS_EDITION",
        "AVATARS_PORT",
    }
    assert told["AVATARS_MODLE"]["similar"] == "AVATARS_MODEL"
    assert "enableServiceLinks: false" in told["AVATARS_PORT"]["event"]
    assert "quotes" in told["AVATARS_EDITION"]["event"]


@contextmanager
def started(environment: dict[str, str], folder: Path) -> Iterator[Path]:
    """``avatars serve`` without options: its log."""
    log = folder / "started.log"
    with log.open("wb") as written:
        process = subprocess.Popen(SERVE, env={**os.environ, **environment}, cwd=folder, stderr=written)
    try:
        yield log
    finally:
        process.terminate()
        process.wait()


def is_ready(url: str) -> bool:
    try:
        return patient.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"DB_STRING": "sqlite:///{}/below/avatars.db"}, "DB_STRING"),
        ({"DB_STRING": "sqlite://", "OPENAI_API_KEY": KEY, "AVATARS_SPOOL": "{}/spool"}, "AVATARS_SPOOL"),
    ],
)
@pytest.mark.slow
def test_a_folder_that_may_not_be_written_is_told_with_the_user_s_number(
    environment: dict[str, str], variable: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        values = {name: value.format(folder) for name, value in environment.items()}
        ended = subprocess.run(
            [*WITHOUT_RIGHTS, *SERVE],
            env={**os.environ, **values},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )

    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert ended.stderr.startswith(f"avatars: {variable}: user {os.getuid()} may not write the folder {folder};")
