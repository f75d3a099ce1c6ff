"""A feature that is added later changes no table, no key and no row, and faces are found by it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.support.service_runner import ServiceProcess

pytestmark = [pytest.mark.in_process("the code of a later version runs, and the image has none"), pytest.mark.slow]

Json = dict[str, Any]
PACKAGE: Final = "avatars_as_a_service"
HAT: Final = {
    "domain/features.py": ("    facial_hair: FacialHair | None = None\n", "    hat: bool = False\n"),
    "web/schemas/requests.py": (
        '        None, description="The beard. No seed picks it.", examples=[None]\n    )\n',
        '    hat: _Boolean = Field(None, description="A hat.")\n',
    ),
}
"""By the module: behind which text a developer adds what."""
FACES: Final[list[Json]] = [{}, {"mood": "official", "variant": 3}, {"hair_style": "bun"}]


@pytest.fixture
def later_code(tmp_path: Path) -> Path:
    """A folder with the package of a later version, which knows hats."""
    folder = tmp_path / "later"
    shutil.copytree(Path(__file__).parents[2] / PACKAGE, folder / PACKAGE)
    for name, (before, added) in HAT.items():
        module = folder / PACKAGE / name
        code = module.read_text()
        assert code.count(before) == 1, name
        module.write_text(code.replace(before, before + added))
    return folder


def test_a_feature_added_later_changes_no_table_no_key_and_no_row(later_code: Path, tmp_path: Path) -> None:
    file = tmp_path / "avatars.db"
    environment = {"DB_STRING": f"sqlite:///{file}"}
    today = ServiceProcess(environment, tmp_path).wait_until_ready()
    later = None
    try:
        old_keys = [ask(today, face)["data"]["image_hash"] for face in FACES]
        tables, rows = dump(file)

        later = ServiceProcess(environment | {"PYTHONPATH": str(later_code)}, tmp_path).wait_until_ready()
        again = [ask(later, face) for face in FACES]
        assert [answer["data"]["image_hash"] for answer in again] == old_keys
        assert all(answer["cache_hit"] for answer in again)
        assert dump(file) == (tables, rows)

        with_hat = ask(later, {"hat": True, "hair_style": "bun"})["data"]["image_hash"]
        assert listed(later, hat="true") == [with_hat]
        assert sorted(listed(later, hair_style="bun")) == sorted([with_hat, old_keys[2]])
        assert sorted(listed(today, hair_style="bun")) == sorted([with_hat, old_keys[2]])
        assert dump(file)[0] == tables
        assert rows.items() <= dump(file)[1].items()
    finally:
        today.kill()
        if later is not None:
            later.kill()


def ask(service: ServiceProcess, properties: Json) -> Json:
    answer = httpx.post(f"{service.url}/query", json={"properties": properties}, timeout=120)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def listed(service: ServiceProcess, **features: str) -> list[str]:
    answer = httpx.get(f"{service.url}/faces", params=features, timeout=120)
    assert answer.status_code == 200, answer.text
    return [face["image_hash"] for face in answer.json()["faces"]]


def dump(file: Path) -> tuple[list[str], dict[str, tuple[Any, ...]]]:
    """The definitions of all tables, and the rows of the faces by their keys."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master ORDER BY name")]
        rows = {row[0]: row for row in connection.execute("SELECT * FROM avatars")}
    return tables, rows
