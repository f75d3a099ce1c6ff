"""README and docs tell the truth: each command and snippet in them runs, and each link, file and name in them exists.

A block in a language that no test here runs, and a command that none knows, fail: no snippet escapes.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from avatars_as_a_service import errors
from avatars_as_a_service.errors import AvatarsError
from avatars_as_a_service.settings import Settings, load_settings, variable
from docs.settings_page import PAGE, default_of, page
from tests.support import patient
from tests.support.clock import wait_until
from tests.support.databases import REQUIRED
from tests.support.fake_provider import LoopbackProvider
from tests.support.markdown import MANUAL, PAGES, ROOT, Block, anchors, blocks, links, spans
from tests.support.service_runner import ServiceProcess, free_port, processes

pytestmark = pytest.mark.in_process("runs the commands of this environment on the service's own files")

Json = dict[str, Any]
DOCUMENTED: Final = "http://127.0.0.1:8000"
"""Where the pages say that the service is."""
EXAMPLE_KEY: Final = "037332244527bf34823d0f9efc2ec4bb"
"""The model's face that the pages purge and redraw."""
EXAMPLE_FACE: Final = {
    "properties": {
        "skin_tone": "fair",
        "head_shape": "oval",
        "eye_color": "blue",
        "smile_type": "closed-lip",
        "nose_type": "button",
        "glasses": True,
        "mood": "official",
    }
}
SIGNING_KEY: Final = "planted-signing-key"
SETTINGS: Final = {variable(field) for field in Settings.model_fields}
ALL: Final = [block for path in MANUAL for block in blocks(path)]
PICTURES: Final = {"text", "mermaid"}
"""Blocks that show how something works, and that nobody runs."""
SIGNERS: Final = {"python", "javascript", "php"}
COMPOSE: Final[Json] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def written_in(*languages: str) -> pytest.MarkDecorator:
    chosen = [block for block in ALL if block.language in languages]
    return pytest.mark.parametrize("block", chosen, ids=map(str, chosen))


# --- services, with and without a model ---


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A service in a folder of its own, with the command ``avatars`` beside it."""

    folder: Path
    service: ServiceProcess
    environment: Mapping[str, str]

    def run(self, line: str) -> str:
        """What a line of shell writes. It has to succeed."""
        path = f"{self.folder}/.venv/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
        ended = subprocess.run(
            ["sh", "-e", "-c", line.replace(DOCUMENTED, self.service.url)],
            env={**os.environ, **self.environment, "PATH": path},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout


Open = Callable[..., Sandbox]


def opened(folder: Path, stack: ExitStack, *, model: bool) -> Sandbox:
    command = folder / ".venv/bin/avatars"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m avatars_as_a_service "$@"\n')
    command.chmod(0o755)
    environment = {
        "PYTHONPATH": str(ROOT),
        "DB_STRING": f"sqlite:///{folder}/avatars.db",
        "AVATARS_SIGNING_KEY": SIGNING_KEY,
    }
    if model:
        provider = stack.enter_context(LoopbackProvider())
        environment |= {"OPENAI_API_KEY": "sk-planted-secret", "OPENAI_BASE_URL": provider.base_url}
    (service,) = stack.enter_context(processes(environment, folder))
    return Sandbox(folder, service, environment)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Open]:
    """Opens a sandbox with the local artist, or with a model."""
    with ExitStack() as stack:
        yield lambda *, model=False: opened(tmp_path, stack, model=model)


@pytest.fixture(scope="module")
def artist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with ExitStack() as stack:
        yield opened(tmp_path_factory.mktemp("artist"), stack, model=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with ExitStack() as stack:
        yield opened(tmp_path_factory.mktemp("model"), stack, model=True)


# --- commands ---


def commands(text: str) -> list[str]:
    """The commands of a shell block, one for each line or run of continued lines, without comments."""
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def program(line: str) -> str:
    return line.split(maxsplit=1)[0].removeprefix(".venv/bin/")


def is_there(name: str) -> bool:
    """Whether the program is installed; where it has to be, a missing one fails."""
    found = shutil.which(name) is not None
    assert found or not REQUIRED, f"there is no {name}"
    return found


def run_curl(box: Sandbox, line: str) -> None:
    if is_there("curl"):
        answer = json.loads(box.run(f"{line} --fail"))
        picture = patient.get(answer["data"]["image_url"])
        assert picture.status_code == httpx.codes.OK
        assert picture.headers["content-type"] == "image/webp"


def run_echo(box: Sandbox, line: str) -> None:
    """It adds a line to ``.env``, which the service then reads."""
    assert line.endswith(">> .env")
    if "openssl" in line and not is_there("openssl"):
        return
    box.run(line)
    name, _, value = (box.folder / ".env").read_text().splitlines()[-1].partition("=")
    assert name in SETTINGS
    assert value
    assert load_settings().model_fields_set


def run_avatars(box: Sandbox, line: str) -> None:
    names_face = EXAMPLE_KEY in line
    if names_face:
        assert httpx.post(f"{box.service.url}/query", json=EXAMPLE_FACE, timeout=30).is_success
    box.run(line)
    if names_face and "purge" in line:  # the service hears of it within seconds
        wait_until(lambda: patient.get(f"{box.service.url}/faces/{EXAMPLE_KEY}").json()["state"] != "kept")


def check_make(_: Sandbox | None, line: str) -> None:
    """The goal exists, and make would know how to reach it."""
    if is_there("make"):
        subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, check=True)


def check_docker(_: Sandbox | None, line: str) -> None:
    words = shlex.split(line)[1:]
    check_compose(words[1:]) if words[0] == "compose" else check_image(words)
    if has_engine():
        run_docker(shlex.split(line))


def check_compose(words: list[str]) -> None:
    """The profile and the services that it names are in the compose file."""
    if "--profile" in words:
        at = words.index("--profile")
        profile = words[at + 1]
        assert any(profile in service.get("profiles", ()) for service in COMPOSE["services"].values())
        del words[at : at + 2]
    assert words[0] in {"up", "build", "pull", "down"}
    assert set(words[1:]) <= COMPOSE["services"].keys()


def check_image(words: list[str]) -> None:
    """The image has the name that the compose file gives it; port and folder are the Dockerfile's."""
    name = COMPOSE["x-api"]["image"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    if words[0] == "build":
        assert words == ["build", "-t", name, "."]
        return
    assert words[0] == "run"
    assert words[-1] == name
    options = dict(pairwise(words))
    assert re.search(rf"^EXPOSE {options['-p'].partition(':')[2]}$", dockerfile, re.MULTILINE)
    assert options["-v"].partition(":")[2] == "/data"
    assert "chown=10001:10001 /data /data" in dockerfile
    assert {word for before, word in pairwise(words) if before == "-e"} <= SETTINGS
    if "--stop-timeout" in options:
        assert f"{options['--stop-timeout']}s" == COMPOSE["x-api"]["stop_grace_period"]


@cache
def has_engine() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def run_docker(words: list[str]) -> None:
    if words[1] == "compose":
        subprocess.run([*words[:-1], "config", "--quiet"], cwd=ROOT, check=True)
    elif words[1] == "build":
        subprocess.run(words, cwd=ROOT, check=True)
    else:
        port = free_port()
        words = [word.replace("8000:8000", f"127.0.0.1:{port}:8000") for word in words if word != "-it"]
        started = subprocess.run(
            [*words[:2], "--detach", "--rm", *words[2:]], capture_output=True, text=True, check=True
        )
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 60)
        finally:
            subprocess.run(["docker", "stop", started.stdout.strip()], capture_output=True, check=True)


def answers(url: str) -> bool:
    try:
        return patient.get(url).is_success
    except httpx.TransportError:
        return False


def check_audit(_: Sandbox | None, line: str) -> None:
    """The tool is in the development set-up, and the file is there. It asks a server elsewhere, so it is not run."""
    words = shlex.split(line)
    assert re.search(rf"^{program(line)}==", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    assert (ROOT / words[words.index("-r") + 1]).is_file()


RUN: Final[Mapping[str, Callable[[Sandbox, str], None]]] = {
    "curl": run_curl,
    "echo": run_echo,
    "avatars": run_avatars,
    "make": check_make,
    "docker": check_docker,
    "pip-audit": check_audit,
}


@written_in("sh")
@pytest.mark.slow
def test_each_command_of_a_shell_block_runs(block: Block, sandbox: Open) -> None:
    lines = commands(block.text)
    unknown = [line for line in lines if program(line) not in RUN]
    assert not unknown
    box = sandbox(model=EXAMPLE_KEY in block.text)

    for line in lines:
        RUN[program(line)](box, line)


# --- commands in the prose ---


@cache
def help_of(command: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "avatars_as_a_service", *command.split(), "--help"],
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout if ended.returncode == 0 else ""


def check_avatars(_: None, line: str) -> None:
    """There is such a command, and it has such options."""
    words = shlex.split(line)[1:]
    named = " ".join(word for word in words[: 2 if words[0] == "keys" else 1] if not word.startswith("-"))
    shown = help_of(named)
    assert shown
    assert all(word.partition("=")[0] in shown for word in words if word.startswith("--"))


def check_uvicorn(_: None, line: str) -> None:
    """Uvicorn has these options, and the application is there."""
    application, options = line.split()[1], [word for word in line.split() if word.startswith("--")]
    command = [sys.executable, "-m", "uvicorn", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert all(option.removeprefix("--no-").removeprefix("--") in shown for option in options)
    assert application in {"main:app", *options}
    assert (ROOT / "main.py").is_file()


def check_python(_: None, line: str) -> None:
    words = shlex.split(line)[1:]
    if words[0] == "-m":
        assert find_spec(words[1]) is not None
    else:
        assert (ROOT / words[0]).is_file()


def check_pip(_: None, line: str) -> None:
    """The package is one that the service does not come with."""
    *before, package = shlex.split(line)
    assert before == ["pip", "install"]
    assert not re.search(rf"^{package}==", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE)


def check_generator(_: None, line: str) -> None:
    if is_there("openssl"):
        subprocess.run(shlex.split(line), capture_output=True, check=True)


def check_hooks(_: None, line: str) -> None:
    assert re.search(rf"^{program(line)}==", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)


PROSE: Final[Mapping[str, Callable[[None, str], None]]] = {
    "avatars": check_avatars,
    "make": check_make,
    "docker": check_docker,
    "uvicorn": check_uvicorn,
    "python": check_python,
    "pip": check_pip,
    "openssl": check_generator,
    "pre-commit": check_hooks,
}
IN_PROSE: Final = sorted(
    {
        span
        for path in PAGES
        for span in spans(path)
        if len(span.split()) > 1 and program(span) in {*PROSE, *RUN, "pip-audit", "poetry", "npm", "kubectl", "nginx"}
    }
)


@pytest.mark.parametrize("line", IN_PROSE)
def test_each_command_in_the_prose_exists(line: str) -> None:
    PROSE[program(line)](None, line)


# --- blocks that are no commands ---


def test_no_block_is_in_a_language_that_nothing_here_runs() -> None:
    assert {block.language for block in ALL} <= {"sh", "json", "html", *SIGNERS, *PICTURES}


@written_in(*PICTURES)
def test_a_picture_in_letters_holds_no_command(block: Block) -> None:
    assert not [line for line in commands(block.text) if program(line) in {*RUN, *PROSE}]


@written_in("json")
@pytest.mark.slow
def test_what_is_shown_as_json_is_true(block: Block, artist: Sandbox, model: Sandbox) -> None:
    shown = json.loads(block.text)

    if shown.keys() <= {"properties", "disable_cache", "seed"}:
        answer = httpx.post(f"{model.service.url}/query", json=shown, timeout=30)
        assert answer.status_code == httpx.codes.OK
    elif "data" in shown:
        check_answer(shown, asked_before(block), artist)
    elif "state" in shown:
        told = httpx.get(f"{artist.service.url}/faces/{shown['image_hash']}?wait=0").json()
        assert shown.keys() == told.keys()
    else:
        assert shown.keys() == patient.get(f"{artist.service.url}/nowhere").json().keys()


def asked_before(block: Block) -> str:
    """The last curl above the block."""
    above = [other for other in blocks(block.page) if other.line < block.line and other.language == "sh"]
    return [line for other in above for line in commands(other.text) if program(line) == "curl"][-1]


def check_answer(shown: Json, command: str, artist: Sandbox) -> None:
    """The service answers that command so. An ellipsis in a text stands for what was left out."""
    if not is_there("curl"):
        return
    answer = json.loads(artist.run(command))
    told, written = (answer.pop("prompt"), shown.pop("prompt"))
    beginning, _, end = written.partition("…")
    assert told.startswith(beginning)
    assert told.endswith(end)
    assert json.dumps(answer).replace(artist.service.url, DOCUMENTED) == json.dumps(shown)


class Images(HTMLParser):
    """Where the images of a piece of HTML are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.urls.append(dict(attrs)["src"] or "")


@written_in("html")
def test_each_image_of_a_page_is_shown(block: Block, artist: Sandbox) -> None:
    urls = Images(block.text).urls

    assert urls
    for url in urls:
        picture = patient.get(url.replace(DOCUMENTED, artist.service.url))
        assert picture.status_code == httpx.codes.OK
        assert picture.headers["content-type"].startswith("image/")


CALLS: Final = {
    "javascript": ("node", "sign.mjs", '{}\nconsole.log(signedAvatar({{seed: "jane"}}, "{}"));'),
    "php": ("php", "sign.php", "<?php\n{}\necho signed_avatar(['seed' => 'jane'], '{}');"),
}


@written_in(*SIGNERS)
def test_what_a_snippet_signs_is_accepted(block: Block, tmp_path: Path, model: Sandbox) -> None:
    if block.language == "python":
        names: Json = {}
        exec(block.text, names)  # noqa: S102 - our own page
        signed = names["signed_avatar"]({"seed": "jane"}, SIGNING_KEY)
    else:
        command, name, call = CALLS[block.language]
        if not is_there(command):
            pytest.skip(f"there is no {command}")
        (tmp_path / name).write_text(call.format(block.text, SIGNING_KEY))
        signed = subprocess.run(
            [command, name], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()

    answer = httpx.get(f"{model.service.url}{signed}", timeout=30)

    assert answer.status_code == httpx.codes.OK
    assert answer.headers["x-avatar-signature"] == "valid"


# --- links, files and names ---

LINKS: Final = sorted({(path, link) for path in PAGES for link in links(path)})


@pytest.mark.parametrize(("path", "link"), LINKS, ids=[f"{path.name} {link}" for path, link in LINKS])
def test_each_link_leads_somewhere(path: Path, link: str, artist: Sandbox) -> None:
    if link.startswith(DOCUMENTED):
        assert patient.get(link.replace(DOCUMENTED, artist.service.url)).status_code == httpx.codes.OK
        return
    assert "://" not in link, "a link elsewhere, which no test can vouch for"
    file, _, anchor = link.partition("#")
    target = (path.parent / file).resolve() if file else path
    assert target.is_file()
    assert not anchor or anchor in anchors(target)


FILES: Final = sorted(
    {
        (path, span)
        for path in PAGES
        for span in spans(path)
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*\.(py|md|toml|conf|yaml|yml|txt|in|lock)|(tests|docs|deploy)/[\w/]*", span)
    }
)
HOMES: Final = [ROOT, ROOT / "avatars_as_a_service", ROOT / "docs", ROOT / "avatars_as_a_service/storage"]


@pytest.mark.parametrize(("path", "name"), FILES, ids=[f"{path.name} {name}" for path, name in FILES])
def test_each_file_that_is_named_exists(path: Path, name: str) -> None:
    homes = [*HOMES, path.parent]

    assert any((home / name).exists() for home in homes)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_variable_that_is_named_is_read(path: Path) -> None:
    known = SETTINGS | {f"AVATARS_TEST_{name}" for name in ("POSTGRESQL", "MYSQL", "REDIS", "REQUIRE_SERVICES")}

    named = {name for span in spans(path) for name in re.findall(r"\bAVATARS_[A-Z_]*[A-Z]\b", span)}

    assert named <= known


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_metric_that_is_named_is_measured(path: Path, artist: Sandbox) -> None:
    measured = set(re.findall(r"^# TYPE (\w+)", patient.get(f"{artist.service.url}/metrics").text, re.MULTILINE))

    named = {name for span in spans(path) for name in re.findall(r"\bavatars_(?!as_a_)[a-z_]*[a-z]\b", span)}

    assert {name for name in named if not name.endswith("_conninfo")} <= measured


def every_code() -> set[str]:
    return {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, AvatarsError) and "code" in vars(kind)
    }


def test_each_code_of_an_error_is_explained() -> None:
    explained = set(spans(ROOT / "docs/failures.md"))

    assert every_code() <= explained


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


# --- settings ---


def test_the_page_of_settings_is_up_to_date() -> None:
    assert PAGE.read_text() == page()


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_example_environment_holds_each_variable_with_its_default(field: str) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert f"#{variable(field)}={default_of(field)}" in lines
