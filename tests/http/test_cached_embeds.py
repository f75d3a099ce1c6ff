"""``/avatar`` from memory is what the framework answers, and stays true to what other processes keep and remove."""

import asyncio
import random
import time
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.http.test_avatar_signatures import KEY, signed_path, signed_query
from tests.http.test_cached_hits import JSON, PAGE, Asked, Headers, both_ways
from tests.support import patient
from tests.support.api_keys import new_key
from tests.support.clock import stretched, wait_until
from tests.support.command_line import avatars
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import processes

ACCEPTS: Final = (b"image/svg+xml,*/*;q=0.8", b"image/webp,*/*", b"image/*", b"text/html", b"image/svg+xml;q=0", b"")
ENCODINGS: Final = (b"gzip", b"gzip, deflate, br", b"identity", b"gzip;q=0", b"*", b"")
PATHS: Final = (
    "/avatar",
    "/avatar/jane",
    "/avatar/jane.svg",
    "/avatar/x.gif",
    f"/avatar/{'ab' * 16}",
    "/avatar/a/b",
    "/avatarx",
)
OPTIONS: Final = (
    "variant=7",
    "mood=official&head_shape=oval&skin_tone=fair&glasses=true",
    "seed=jane",
    "seed=",
    "size=48",
    "size=5000",
    "size=x",
    "format=svg",
    "format=bmp",
    "mood=grim",
    "variant=100",
    "s=40",
    "d=404",
    "f=y",
    "v=2",
    "sig=" + "0" * 64,
    "exp=5",
    "%73ig=x",
)

REFUSED_S: Final = 5.0
"""Within this time a revoked key is refused everywhere."""


def some_embed(chance: random.Random, tags: list[bytes]) -> Asked:
    """A request for a face, with the headers that change its answer."""
    query = "&".join(chance.sample(OPTIONS, chance.choice([0, 1, 1, 2, 3])))
    target = chance.choice(PATHS) + (f"?{query}" if query else "")
    if chance.random() < 0.1:
        target = chance.choice([signed_query(KEY, seed="jane"), signed_path(KEY, "jane.webp"), signed_path(KEY, "x")])
    headers: Headers = [(b"host", chance.choice([b"a.example", b"b.example:81"]))]
    for name, values in ((b"accept", ACCEPTS), (b"accept-encoding", ENCODINGS), (b"if-none-match", tags)):
        if chance.random() < 0.6:
            headers.append((name, chance.choice(values)))
    if chance.random() < 0.2:
        headers.append((b"origin", chance.choice([PAGE, b"https://elsewhere.example"])))
    return Asked(chance.choice(["GET"] * 9 + ["HEAD", "POST"]), target, headers)


@pytest.mark.slow
def test_each_face_comes_the_same_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(20)

    async def compare() -> tuple[int, set[int | None]]:
        statuses, tags = set(), [b"*", b'"x"']
        async with both_ways(tmp_path, monkeypatch, signing_key=KEY) as ways:
            for way in ways:
                await way.ask(Asked("POST", "/query", [(b"content-type", JSON)], [b'{"properties": {"variant": 7}}']))
            for _ in range(400):
                asked = some_embed(chance, tags)
                expected = await ways[1].ask(asked)
                for _ in range(2):
                    assert await ways[0].ask(asked) == expected, asked
                tags += [value for name, value in expected.headers if name == b"etag"][:20]
                statuses.add(expected.status)
            assert ways[1].hits_from_memory == 0
            return ways[0].hits_from_memory, statuses

    hits, statuses = asyncio.run(compare())

    assert hits > 200
    assert statuses >= {200, 304, 404, 405, 422}


def test_four_workers_show_what_one_of_them_keeps_and_removes(
    paid: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    token = "planted-token-of-the-operator"
    address, admin = "/avatar?variant=3&size=32", {"Authorization": f"Bearer {token}"}
    with processes(paid | {"AVATARS_ADMIN_TOKEN": token}, tmp_path, workers=4) as (service,):

        def statuses(wanted: str) -> bool:
            """Whether a dozen connections, which all workers take, are shown this."""
            shown = [patient.get(service.url + address) for _ in range(12)]
            return {answer.headers["x-avatar-status"] for answer in shown} == {wanted}

        wait_until(lambda: statuses("provisional"))
        patient.post(f"{service.url}/query", json={"properties": {"variant": 3}}).raise_for_status()
        wait_until(lambda: statuses("kept"))
        first = patient.get(service.url + address)
        shown = [
            (host, patient.get(service.url + address, headers={"Host": host}))
            for host in ("a.example", "b.example") * 12
        ]
        name = first.headers["x-avatar-hash"]
        httpx.post(f"{service.url}/admin/faces/{name}/redraw", headers=admin, timeout=120).raise_for_status()
        wait_until(lambda: all(patient.get(service.url + address).content != first.content for _ in range(12)))
        httpx.delete(f"{service.url}/admin/faces/{name}", headers=admin, timeout=120).raise_for_status()
        wait_until(lambda: statuses("provisional"))

    links = {(host, answer.headers["link"]) for host, answer in shown if answer.headers["x-avatar-status"] == "kept"}
    assert len(links) == 2
    assert all(link.startswith(f"<http://{host}/images/") for host, link in links)
    assert provider.paid == 2


def test_four_workers_refuse_a_revoked_key_though_they_remember_the_reply(paid: dict[str, str], tmp_path: Path) -> None:
    key = new_key(paid, "pages")
    headers = {"Authorization": f"Bearer {key}"}
    with processes(paid | {"AVATARS_PRIVATE": "on"}, tmp_path, workers=4) as (service,):

        def statuses() -> set[int]:
            """What a dozen connections, which all workers take, are answered."""
            address = f"{service.url}/avatar?seed=jane&size=32"
            return {patient.get(address, headers=headers).status_code for _ in range(12)}

        before = [statuses() for _ in range(3)]
        assert avatars(paid, "keys", "revoke", "pages").returncode == 0
        revoked = time.monotonic()
        wait_until(lambda: statuses() == {403}, REFUSED_S)
        seconds = time.monotonic() - revoked
        time.sleep(max(0.0, stretched(REFUSED_S) - seconds))  # one that none of the dozen reached has the time as well
        after = [statuses() for _ in range(3)]

    assert before == [{200}] * 3
    assert seconds < stretched(REFUSED_S)
    assert after == [{403}] * 3
