"""A page elsewhere, a name that points here: from this machine, faces are paid for only under names that are known."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.domain.signing import signed_query
from avatars_as_a_service.web.requests.client import may_be_local
from tests.conftest import Serve
from tests.support import patient
from tests.support.clock import wait_until
from tests.support.concurrency import different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import free_port

ROOT: Final = Path(__file__).parents[2]
FACES: Final = different_faces(60, seed=13)
EVIL: Final = {"Host": "evil.example:8000"}
OF_THIS_MACHINE: Final = ("localhost", "LocalHost:9", "a.b.localhost:8000", "127.0.0.1", "[::1]:8000", "localhost.")
OF_OTHERS: Final = (
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "notlocalhost",
    "0.0.0.0:8000",
    "10.0.0.7",
    "evil.example#localhost",
    "",
)


def paid_for(answer: httpx.Response) -> bool:
    """Whether it was drawn and paid for; else it is the stand-in that says why."""
    body = answer.raise_for_status().json()
    if body["provisional"]:
        assert answer.headers["X-Avatar-Reason"] == "host_not_allowed"
        assert body["cost_usd"] == 0
    else:
        assert body["cost_usd"] > 0
    return not body["provisional"]


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_only_under_a_name_of_this_machine_is_a_miss_paid_for(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    client = serve(paid).client
    faces = iter(FACES)

    def asked(host: str) -> bool:
        return paid_for(client.post("/query", json=next(faces), headers={"Host": host}))

    assert {host: asked(host) for host in OF_THIS_MACHINE} == dict.fromkeys(OF_THIS_MACHINE, True)
    assert {host: asked(host) for host in OF_OTHERS} == dict.fromkeys(OF_OTHERS, False)
    assert len(provider.calls) == len(OF_THIS_MACHINE)


def test_no_way_to_pay_is_open_under_another_name_and_hits_are_everybody_s(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    client = serve(paid, AVATARS_ADMIN_TOKEN="token-of-the-operator").client
    kept = client.post("/query", json=FACES[0]).raise_for_status().json()["data"]
    described = {"properties": {"description": "a pirate"}}
    uncached = FACES[0] | {"disable_cache": True}

    for more in (
        {},
        {"Idempotency-Key": "once"},
        {"Prefer": "respond-async"},
        {"X-API-Key": "whatever-there-is"},
    ):
        assert told(client.post("/query", json=described, headers=EVIL | more)) == (400, "host_not_allowed")
        assert not paid_for(client.post("/query", json=uncached, headers=EVIL | more))
        assert not paid_for(client.post("/query", json=FACES[1], headers=EVIL | more))
    redrawn = client.post(f"/admin/faces/{kept['image_hash']}/redraw", headers=EVIL)
    assert told(redrawn) == (401, "admin_token_needed")
    assert client.get("/avatar?mood=official&variant=7", headers=EVIL).headers["X-Avatar-Status"] == "provisional"
    assert len(provider.calls) == 1
    hit = client.post("/query", json=FACES[0], headers=EVIL).json()
    assert (hit["cache_hit"], hit["data"]["image_hash"]) == (True, kept["image_hash"])
    assert client.get(httpx.URL(kept["image_url"]).raw_path.decode(), headers=EVIL).status_code == 200


def test_where_there_are_no_stand_ins_it_is_an_error_that_names_the_setting(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    answer = serve(paid, AVATARS_STAND_IN="off").client.post("/query", json=FACES[0], headers=EVIL)

    assert told(answer) == (400, "host_not_allowed")
    assert "AVATARS_PUBLIC_URL" in answer.json()["detail"]
    assert provider.calls == []


def test_a_valid_signature_has_a_face_drawn_under_any_name(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    key = "planted-signing-key"
    client = serve(paid, AVATARS_SIGNING_KEY=key).client
    query = signed_query([("mood", "official")], key, expires=round(time.time()) + 86_400)

    assert client.get(f"/avatar?{query}", headers=EVIL).status_code == 200
    wait_until(lambda: len(provider.calls) == 1)


@pytest.mark.parametrize(
    ("origin", "is_known"),
    [
        ("http://localhost:3000", True),
        ("https://127.0.0.1", True),
        ("https://page.example", True),
        ("https://evil.example", False),
        ("http://page.example", False),
        ("https://page.example.evil.example", False),
        ("chrome-extension://localhost", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_page_elsewhere_spends_nothing_unless_it_is_named(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, origin: str, *, is_known: bool
) -> None:
    client = serve(paid, AVATARS_CORS_ORIGINS="https://page.example").client

    assert paid_for(client.post("/query", json=FACES[0], headers={"Origin": origin})) is is_known
    assert len(provider.calls) == is_known


def test_the_operator_names_the_hosts(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    public = serve(paid, AVATARS_PUBLIC_URL="https://faces.example:8443/below").client
    ways = {"faces.example": True, "faces.example:1": True, "x.faces.example": False}
    asked = {
        host: paid_for(public.post("/query", json=face, headers={"Host": host, "Origin": f"https://{host}"}))
        for host, face in zip(ways, FACES, strict=False)
    }
    assert asked == ways

    allowed = serve(paid, AVATARS_PUBLIC_URL="", AVATARS_ALLOWED_HOSTS="avatars.example,*.b.example").client
    for host, face in zip(("avatars.example", "a.b.example:8000"), FACES[10:], strict=False):
        assert paid_for(allowed.post("/query", json=face, headers={"Host": host}))
    assert told(allowed.post("/query", json=FACES[20], headers=EVIL)) == (400, "host_not_allowed")
    assert len(provider.calls) == 4


def test_where_there_is_a_key_the_key_decides(paid: dict[str, str], serve: Serve) -> None:
    key = "planted-key-of-the-shop"
    client = serve(paid, AVATARS_API_KEYS=f"shop:{key}").client

    assert told(client.post("/query", json=FACES[0], headers=EVIL)) == (401, "api_key_needed")
    assert paid_for(client.post("/query", json=FACES[0], headers=EVIL | {"X-API-Key": key}))


def test_what_costs_nothing_is_drawn_under_any_name(serve: Serve, database: str) -> None:
    answer = serve({"DB_STRING": database}).client.post("/query", json=FACES[0], headers=EVIL | {"Origin": "null"})

    assert (answer.status_code, answer.json()["provisional"]) == (200, False)


def test_a_proxy_here_that_is_trusted_is_asked_for_a_known_name_and_asks_by_one(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    """A page whose name points here can claim to be that proxy, but its own name stands in ``Host``."""
    client = serve(paid, AVATARS_TRUSTED_PROXIES="127.0.0.1", AVATARS_PUBLIC_URL="https://faces.example").client
    visitor = {"X-Forwarded-For": "203.0.113.9"}
    ours, others = {"X-Forwarded-Host": "faces.example"}, {"X-Forwarded-Host": "other.example"}

    assert paid_for(client.post("/query", json=FACES[0], headers=visitor | ours))
    assert not paid_for(client.post("/query", json=FACES[1], headers=visitor | others))
    assert not paid_for(client.post("/query", json=FACES[1], headers=visitor | ours | EVIL))
    assert not paid_for(client.post("/query", json=FACES[1], headers=EVIL | visitor | {"X-Forwarded-Host": "[::1]"}))
    assert len(provider.calls) == 1


@contextmanager
def uvicorn(environment: dict[str, str], folder: Path) -> Iterator[tuple[str, Path]]:
    """``uvicorn main:app``, which believes proxies on this machine by itself: its address and its log."""
    port, log = free_port(), folder / "uvicorn.log"
    command = [sys.executable, "-m", "uvicorn", "main:app", "--app-dir", str(ROOT), "--port", str(port)]
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=written, stderr=subprocess.STDOUT)
    try:

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(answers)
        yield f"http://127.0.0.1:{port}", log
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_uvicorn_by_itself_is_not_talked_round_and_the_log_names_the_setting(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    lies = ("203.0.113.9", "203.0.113.9:5000", "[2001:DB8::1]:5000", "foo:1", "[foo]:1", "127.0.0.1, 203.0.113.9", "")
    with uvicorn({**os.environ, **paid}, tmp_path) as (url, log), patient.Client(base_url=url) as client:
        for lie in lies:
            assert not paid_for(client.post("/query", json=FACES[0], headers=EVIL | {"X-Forwarded-For": lie})), lie
        assert not paid_for(client.post("/query", json=FACES[0], headers={"Origin": "https://evil.example"}))
        assert provider.calls == []
        assert paid_for(client.post("/query", json=FACES[0]))
        lines = [json.loads(line) for line in log.read_text().splitlines() if "is not paid for" in line]

    assert len(lines) == len(lies) + 1
    assert {line["settings"] for line in lines[:-1]} == {"AVATARS_PUBLIC_URL or AVATARS_ALLOWED_HOSTS"}
    assert lines[0]["hosts"] == ["evil.example:8000"]
    assert (lines[-1]["settings"], lines[-1]["origin"]) == ("AVATARS_CORS_ORIGINS", "https://evil.example")


@pytest.mark.parametrize(
    ("client", "forwarded_for", "may_be"),
    [
        (("127.0.0.1", 5), "", True),
        (("::1", 5), "", True),
        (("::ffff:127.0.0.1", 5), "", True),
        (("10.0.0.7", 5), "", False),
        (("10.0.0.7", 5), "203.0.113.9, 10.0.0.77", False),
        (("203.0.113.9", 0), "203.0.113.9", True),
        (("2001:db8::1", 5000), "[2001:DB8::1]:5000", True),
        (("somebody", 0), "somebody:1", True),
        (None, "", False),
    ],
)
def test_a_connection_is_from_here_unless_it_is_known_to_be_from_elsewhere(
    database: str,  # noqa: ARG001 - every test of this file takes it
    client: tuple[str, int] | None,
    forwarded_for: str,
    *,
    may_be: bool,
) -> None:
    headers = [(b"x-forwarded-for", forwarded_for.encode())] if forwarded_for else []
    scope: dict[str, Any] = {"type": "http", "client": client, "headers": headers}

    assert may_be_local(scope) is may_be
