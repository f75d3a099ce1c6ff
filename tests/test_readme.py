"""The README tells the truth: its settings, its curl, the variables of ``.env.example``."""

import re
import shlex
import subprocess
from pathlib import Path

import httpx
import pytest

from avatars_as_a_service.settings import Settings, variable
from tests import patient
from tests.conftest import Serve

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def default_of(field: str) -> str:
    default = Settings.model_fields[field].get_default()
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    if field.endswith("_budget_usd") and default is None:
        return "none"
    return "" if default in (None, ()) else str(default)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_table_of_settings_has_each_with_its_default_and_meaning(field: str) -> None:
    default = default_of(field)
    shown = f"`{default}`" if default else ""

    assert f"| `{variable(field)}` | {shown} | {Settings.model_fields[field].description} |" in README


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_example_environment_holds_each_variable_with_its_default(field: str) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert f"#{variable(field)}={default_of(field)}" in lines


def test_the_curl_gives_a_face_whose_address_opens_as_a_picture(serve: Serve, tmp_path: Path) -> None:
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/avatars.db"})
    command = re.search(r"^curl .*?}'$", README, re.MULTILINE | re.DOTALL)
    assert command is not None

    words = shlex.split(command[0].replace("\\\n", " ").replace("http://127.0.0.1:8000", service.url))
    answer = httpx.Response(200, content=subprocess.run(words, capture_output=True, check=True).stdout).json()

    picture = patient.get(answer["data"]["image_url"])
    assert picture.status_code == httpx.codes.OK
    assert picture.headers["content-type"] == "image/webp"
    assert answer["cache_hit"] is False
