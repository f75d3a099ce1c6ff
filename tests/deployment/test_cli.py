"""The command ``avatars``: what it says, to whom, and how it ends."""

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.settings import WrongSetting, load_settings
from tests.support.command_line import avatars
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.service_runner import free_port, processes

API_KEY: Final = "sk-planted-secret-key"
DESCRIPTION: Final = "an unmistakable wizard called Xylophonicus"
Line = dict[str, Any]


# --- wrong settings ---


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"DB_STRING": "garbage"}, "DB_STRING"),
        ({"DB_STRING": "mysql+mysqldb://user:secret@localhost/x"}, "DB_STRING"),
        ({"DB_STRING": "sqlite://", "AVATARS_WORKERS": "2"}, "DB_STRING"),
        ({"AVATARS_ADMIN_TOKEN": "a-secret-of-15c"}, "AVATARS_ADMIN_TOKEN"),
        ({"AVATARS_API_KEYS": "shop:1"}, "AVATARS_API_KEYS"),
        ({"AVATARS_PORT": "eighty"}, "AVATARS_PORT"),
        ({"AVATARS_PROVIDER": "openai"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": API_KEY, "AVATARS_MODEL": "some-model"}, "AVATARS_PRICE_PER_IMAGE_USD"),
    ],
)
@pytest.mark.slow
def test_a_wrong_setting_ends_the_start_with_one_line_that_names_it(
    tmp_path: Path, environment: dict[str, str], variable: str
) -> None:
    ended = avatars(environment, "serve", folder=tmp_path)

    said = (ended.stdout + ended.stderr).splitlines()
    assert ended.returncode == 2
    assert len(said) == 1
    assert re.match(rf"avatars: {variable}\b", said[0])
    assert "secret" not in said[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AVATARS_PORT", "65536"),
        ("AVATARS_WORKERS", "0"),
        ("AVATARS_PROVIDER", "dalle"),
        ("OPENAI_BASE_URL", "api.openai.com"),
        ("AVATARS_DAILY_BUDGET_USD", "lots"),
        ("AVATARS_DAILY_BUDGET_USD", "-1"),
        ("AVATARS_PUBLIC_URL", "faces.example"),
        ("AVATARS_PUBLIC_URL", "https://faces.example/?a=b"),
        ("AVATARS_CORS_ORIGINS", "https://a.example,b.example"),
        ("AVATARS_CORS_ORIGINS", "https://a.example/page"),
        ("AVATARS_EDITION", "two words"),
        ("AVATARS_STAND_IN", "perhaps"),
        ("AVATARS_SIZE", "big"),
        ("AVATARS_OUTPUT_FORMAT", "gif"),
        ("AVATARS_PROVIDER_TIMEOUT_S", "nan"),
        ("AVATARS_DB_POOL_SIZE", "0"),
        ("AVATARS_ADMIN_TOKEN", " \n"),
        ("AVATARS_SIGNING_KEY", " " * 20),
    ],
)
def test_each_setting_is_checked_and_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(WrongSetting, match=rf"^{name}: ") as wrong:
        load_settings()

    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AVATARS_PROVIDER", "LOCAL"),
        ("AVATARS_DAILY_BUDGET_USD", "none"),
        ("AVATARS_DAILY_BUDGET_USD", "0"),
        ("AVATARS_CORS_ORIGINS", " https://a.example/ ,http://localhost:3000,"),
        ("AVATARS_CORS_ORIGINS", "*"),
        ("AVATARS_CORS_ORIGINS", "capacitor://localhost"),
        ("AVATARS_PUBLIC_URL", "https://faces.example/avatars/"),
        ("AVATARS_PORT", ""),
    ],
)
def test_a_setting_is_taken_as_people_write_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    assert load_settings()


def test_a_wrong_setting_in_the_file_is_named_as_well(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AVATARS_LEASE_S=soon\n")

    ended = avatars({}, "serve", folder=tmp_path)

    assert ended.returncode == 2
    assert ended.stderr.startswith("avatars: AVATARS_LEASE_S")


# --- a database that is not there ---


@pytest.mark.parametrize("action", ["serve", "migrate"])
@pytest.mark.parametrize(
    "address",
    [
        "postgresql://somebody:hidden-password@127.0.0.1:{port}/avatars",
        "mysql://somebody:hidden-password@127.0.0.1:{port}/avatars?charset=utf8",
    ],
)
@pytest.mark.slow
def test_an_unreachable_database_ends_the_start_without_telling_the_password(
    tmp_path: Path, address: str, action: str
) -> None:
    ended = avatars({"DB_STRING": address.format(port=free_port())}, action, folder=tmp_path)

    assert ended.returncode == 1
    (said,) = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert said.startswith("avatars: DB_STRING: ")
    assert "127.0.0.1" in said
    assert "hidden-password" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("address", ["sqlite:////dev/null/x.db", "mysql://root:hidden@127.0.0.1/x?ssl-mode=REQUIRED"])
def test_a_database_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path, address: str) -> None:
    ended = avatars({"DB_STRING": address, "AVATARS_PORT": str(free_port())}, "serve", folder=tmp_path)

    assert ended.returncode == 1
    (said,) = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert said.startswith("avatars: DB_STRING: ")
    assert "hidden" not in ended.stderr


@pytest.mark.slow
def test_tables_are_made_once(empty_database: str, tmp_path: Path) -> None:
    first, second = (avatars({"DB_STRING": empty_database}, "migrate", folder=tmp_path) for _ in range(2))

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout != second.stdout
    assert len(first.stdout.splitlines()) == len(second.stdout.splitlines()) == 1


# --- the log ---


def test_the_log_names_the_local_artist_and_the_file(tmp_path: Path) -> None:
    with processes({"DB_STRING": "sqlite:///./here/x.db"}, tmp_path) as (service,):
        lines = _lines(service.log())

    assert len([line for line in lines if "local artist" in line["event"] and "OPENAI_API_KEY" in line["event"]]) == 1
    assert [line for line in lines if str(tmp_path / "here/x.db") in line.get("address", "")]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What one service has said of all kinds of requests: it pays, logs every fifth hit and is stopped at the end."""
    folder = tmp_path_factory.mktemp("log")
    with LoopbackProvider(key=API_KEY) as provider:
        environment = {
            "DB_STRING": f"sqlite:///{folder}/x.db",
            "OPENAI_API_KEY": API_KEY,
            "OPENAI_BASE_URL": provider.base_url,
            "AVATARS_LOG_EVERY_NTH_HIT": "5",
            "AVATARS_MODERATION": "on",
            "AVATARS_RETRY_WAIT_S": "0.01",
            "AVATARS_MODLE": "a slip of the pen",
        }
        with processes(environment, folder) as (service,):
            _ask_for_everything(service.url, provider)
            service.stop()
            yield service.log()


def _ask_for_everything(url: str, provider: LoopbackProvider) -> None:
    described = {"properties": {"description": DESCRIPTION}}
    with httpx.Client(base_url=url, timeout=120) as client:
        for _ in range(12):
            client.post("/query", json={})
        client.post("/query", json=described, headers={"X-Request-ID": "described"})
        client.post("/query", json=described, headers={"Idempotency-Key": "once"})
        client.post("/query", json={"properties": {"mood": DESCRIPTION}}, headers={"X-Request-ID": "bad-input"})
        client.get("/avatar", params={"hat": DESCRIPTION})
        client.get("/nowhere")
        for mode in (Mode.SERVER_ERROR, Mode.REFUSED, Mode.NOT_A_PICTURE, Mode.UNAUTHORIZED, Mode.CLOSES):
            provider.mode = mode
            client.post("/query", json=described)
            client.post("/query", json={"properties": {"variant": list(Mode).index(mode)}})


def test_every_line_is_json_where_nobody_watches(log: str) -> None:
    for line in _lines(log):
        assert line["event"]
        assert line["level"] in {"info", "warning", "error"}
        assert line["timestamp"].endswith("Z")


def test_a_request_s_line_says_what_happened(log: str) -> None:
    requests = _requests(log)

    for line in requests:
        assert line.keys() >= {"method", "path", "status", "ms", "request_id"}
        assert line["ms"] >= 0
    assert len({line["request_id"] for line in requests}) == len(requests)
    (described,) = [line for line in requests if line["request_id"] == "described"]
    assert (described["path"], described["status"], described["outcome"]) == ("/query", 200, "drawn")
    (refused,) = [line for line in requests if line["request_id"] == "bad-input"]
    assert (refused["path"], refused["status"]) == ("/query", 422)


def test_of_hits_one_in_so_many_is_logged(log: str) -> None:
    hits = [line for line in _requests(log) if line.get("outcome") == "hit" and line["path"] == "/query"]

    assert len(hits) == 3


def test_a_stand_in_is_told_from_a_drawing(log: str) -> None:
    assert {line.get("outcome") for line in _requests(log)} >= {"hit", "drawn", "stand_in"}


def test_a_variable_that_nothing_reads_is_pointed_out(log: str) -> None:
    assert [line for line in _lines(log) if line.get("variable") == "AVATARS_MODLE" and line["level"] == "warning"]


@pytest.mark.parametrize("secret", [API_KEY, "planted", DESCRIPTION, "Xylophonicus", "Traceback"])
def test_the_log_never_has_a_secret_a_description_or_an_error_of_ours(log: str, secret: str) -> None:
    assert secret not in log


def test_the_log_is_readable_on_a_terminal(tmp_path: Path) -> None:
    with terminal() as (screen, said):
        subprocess.run(
            [sys.executable, "-m", "avatars_as_a_service", "migrate"],
            env={**os.environ, "DB_STRING": "sqlite:///x.db", "NO_COLOR": "1"},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=screen,
            timeout=120,
            check=True,
        )

    assert str(tmp_path / "x.db") in said()
    assert "{" not in said()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_traceback_on_a_terminal_shows_no_values(provider: LoopbackProvider, tmp_path: Path, workers: int) -> None:
    environment = {
        "DB_STRING": "sqlite:///x.db",
        "OPENAI_API_KEY": API_KEY,
        "OPENAI_BASE_URL": provider.base_url,
        "COLUMNS": "1000",
    }
    with terminal() as (screen, said), processes(environment, tmp_path, workers=workers, stderr=screen) as (service,):
        with closing(sqlite3.connect(tmp_path / "x.db")) as database:
            database.execute("CREATE TRIGGER full BEFORE INSERT ON paid_calls BEGIN SELECT RAISE(FAIL, 'no room'); END")
        answer = httpx.post(
            f"{service.url}/query",
            json={"properties": {"description": DESCRIPTION}},
            headers={"X-API-Key": "planted-key-of-a-caller"},
            timeout=120,
        )
        service.stop()  # and so says all it has to say

    assert answer.status_code == 500
    assert "no room" in said()
    for secret in (API_KEY, DESCRIPTION, "planted"):
        assert secret not in said()


@contextmanager
def terminal() -> Iterator[tuple[int, Callable[[], str]]]:
    """A terminal to write to, and what has been written once that is over."""
    ours, theirs = pty.openpty()
    written: list[bytes] = []

    def read() -> None:
        with suppress(OSError):  # how the end of a terminal is told
            while part := os.read(ours, 10_000):
                written.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield theirs, lambda: b"".join(written).decode()
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)


# --- the start and the end ---


def test_a_port_that_is_taken_is_told_and_ends_the_start(tmp_path: Path) -> None:
    with processes({"DB_STRING": "sqlite:///one.db"}, tmp_path) as (service,):
        ended = avatars({"DB_STRING": "sqlite:///two.db", "AVATARS_PORT": str(service.port)}, "serve", folder=tmp_path)

    assert ended.returncode != 0
    assert "address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_application_that_does_not_start_ends_the_command_with_1(tmp_path: Path) -> None:
    broken = (
        "from avatars_as_a_service.operations.background_tasks import BackgroundTasks\n"
        "async def start(self): raise RuntimeError('a part that does not start')\n"
        "BackgroundTasks.start = start\n"
        "from avatars_as_a_service.cli import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", broken, "serve", "--port", str(free_port()), "--workers", "1"],
        env={**os.environ, "DB_STRING": "sqlite:///x.db", "PYTHONPATH": str(_ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "avatars: the application could not start; its log says why"
    assert "a part that does not start" in ended.stderr


def test_the_application_of_main_works_under_uvicorn(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port), "--app-dir", str(_ROOT)]
    environment = {**os.environ, "DB_STRING": "sqlite:///x.db", "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=120) as client:
            answers = [client.post("/query", json={}).json() for _ in range(2)]
        process.terminate()

    assert [answer["cache_hit"] for answer in answers] == [False, True]


_ROOT: Final = Path(__file__).parents[2]


def _lines(log: str) -> list[Line]:
    return [json.loads(line) for line in log.splitlines()]


def _requests(log: str) -> list[Line]:
    return [line for line in _lines(log) if line["event"] == "request"]
