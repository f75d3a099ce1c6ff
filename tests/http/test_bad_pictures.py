"""A provider that sends bombs, damaged, moving, mixed and mislabelled pictures: refused in little memory, not kept."""

import base64
import re
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.http.test_odd_answers import OddProvider, answer, environment, picture
from tests.support.ledger_checks import claims_held, faces_kept, ledger, pictures_kept
from tests.support.service_runner import processes
from tests.unit.test_inspection import BAD

pytestmark = pytest.mark.slow

MOST_MB: Final = 200


def test_no_bad_picture_is_kept_or_takes_much_memory(tmp_path: Path) -> None:
    odd = OddProvider(answer({"data": [{"b64_json": picture()}]}))
    with odd.listening() as base_url:
        paid = environment(base_url, tmp_path) | {
            "AVATARS_BREAKER_PAUSE_S": "0.001",
            "AVATARS_DAILY_BUDGET_USD": "none",
        }
        with processes(paid, tmp_path) as (service,):
            good = httpx.post(f"{service.url}/query", json={}, timeout=120)
            before = most_memory(service.process.pid)
            answers = {}
            for variant, (name, data) in enumerate(BAD.items(), start=1):
                odd.said = answer({"data": [{"b64_json": base64.b64encode(data).decode()}]})
                answers[name] = httpx.post(
                    f"{service.url}/query", json={"properties": {"variant": variant}}, timeout=60
                )
            grown = most_memory(service.process.pid) - before

    assert good.status_code == 200
    assert {name: (bad.status_code, bad.json()["code"]) for name, bad in answers.items()} == dict.fromkeys(
        BAD, (502, "provider_bad_answer")
    )
    assert grown < MOST_MB
    assert (pictures_kept(paid["DB_STRING"]), faces_kept(paid["DB_STRING"]), claims_held(paid["DB_STRING"])) == (
        1,
        1,
        0,
    )
    assert [entry.state for entry in ledger(paid["DB_STRING"])] == ["settled"] * (1 + len(BAD))


def most_memory(pid: int) -> int:
    """The most that this process has ever had, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024
