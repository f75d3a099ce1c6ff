"""Programs that nobody wrote for this service ask it: a face that is drawn, the same again, a mistake, the picture."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.installed import node_modules, run, tool
from tests.conftest import Serve
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ThreadedService

PROGRAMS: Final = Path(__file__).parent / "programs"
KEY: Final = "planted-key-of-the-shop"
Json = dict[str, Any]


@pytest.fixture
def service(paid: dict[str, str], serve: Serve) -> ThreadedService:
    return serve(paid, AVATARS_API_KEYS=f"shop:{KEY}")


def ask(*command: str | Path, service: ThreadedService, folder: Path | None = None) -> Json:
    told: Json = json.loads(run([*command, service.url, KEY], folder))
    return told


def check_faces(told: Json, provider: LoopbackProvider) -> None:
    """A face that was drawn and paid for, then a hit that needs no key, then a mistake."""
    assert (told["miss"]["cache_hit"], told["hit"]["cache_hit"], told["error"]) == (False, True, 422)
    assert told["miss"]["data"] == told["hit"]["data"]
    assert told["miss"]["cost_usd"] > 0
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("java", "Ask.java"),
        ("node", "ask-fetch.mjs"),
        ("node", "ask-axios.mjs"),
        ("php", "ask.php"),
        (sys.executable, "ask-urllib.py"),
        ("curl", "ask-curl.sh"),
        ("wget", "ask-wget.sh"),
    ],
)
def test_a_program_gets_a_face_and_reads_its_picture(
    service: ThreadedService, provider: LoopbackProvider, program: str, name: str
) -> None:
    command: list[str | Path] = ["sh", PROGRAMS / name] if name.endswith(".sh") else [program, PROGRAMS / name]
    if program == "node":
        node_modules()
    run([program, "--version"])

    told = ask(*command, service=service)

    check_faces(told, provider)
    assert told["width"] == 256


def test_a_client_generated_in_typescript_is_compiled_and_works(
    service: ThreadedService, provider: LoopbackProvider, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(node_modules())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(PROGRAMS / "generated.ts", tmp_path)
    bin_folder = node_modules() / ".bin"
    run([bin_folder / "openapi-typescript", f"{service.url}/openapi.json", "--output", "schema.d.ts"], tmp_path)
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"]
    run([bin_folder / "tsc", *options, "generated.ts"], tmp_path)

    check_generated(ask("node", "generated.js", service=service, folder=tmp_path), provider)


def test_a_client_generated_in_python_is_whole_and_works(
    service: ThreadedService, provider: LoopbackProvider, tmp_path: Path
) -> None:
    (tmp_path / "config.yaml").write_text(json.dumps({"content_type_overrides": PICTURES_AS_BYTES, "post_hooks": []}))
    made = run(
        [
            tool("clients", "openapi-python-client"),
            *("generate", "--url", f"{service.url}/openapi.json", "--config", "config.yaml"),
            *("--meta", "none", "--output-path", "generated", "--fail-on-warning"),
        ],
        tmp_path,
    )
    shutil.copy(PROGRAMS / "generated.py", tmp_path / "program.py")
    names = {path.stem for path in (tmp_path / "generated" / "api").glob("*/*.py")}
    document = service.client.get("/openapi.json").json()

    run([sys.executable, "-m", "compileall", "-q", "generated"], tmp_path)

    assert {operation["operationId"] for path in document["paths"].values() for operation in path.values()} < names, (
        made
    )
    check_generated(ask(tool("clients", "python"), "program.py", service=service, folder=tmp_path), provider)


PICTURES_AS_BYTES: Final = {
    f"image/{kind}": "application/octet-stream" for kind in ("webp", "png", "jpeg", "avif", "svg+xml")
}


def check_generated(told: Json, provider: LoopbackProvider) -> None:
    check_faces(told, provider)
    assert (told["state"], told["mood"]) == ("kept", "fun")
    assert told["problem"][0]["loc"][0] == "body"
    assert told["picture"] > 100
