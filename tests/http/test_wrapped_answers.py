"""What was paid for is read, however a server wraps it; and no link leads the service into the operator's network."""

import base64
import itertools
import json
import random
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import httpx
import pytest
from PIL import Image

from tests.support import patient
from tests.support.fake_provider.scripted import Received, ScriptedServer, always, redirect, reply
from tests.support.ledger_checks import Entry, claims_held, ledger
from tests.support.service_runner import ThreadedService, new_service

KEY: Final = "sk-planted-secret"
EXTRA: Final = "planted-extra-header"
BOM: Final = b"\xef\xbb\xbf"
_variants = itertools.count()


def picture(file_format: str = "PNG") -> bytes:
    """A picture whose base64 has every letter and needs padding."""
    for seed in itertools.count():
        noise = random.Random(seed).randbytes(32 * 32 * 3)
        file = BytesIO()
        Image.frombytes("RGB", (32, 32), noise).save(file, file_format)
        letters = base64.b64encode(file.getvalue()).decode()
        if "+" in letters and "/" in letters and letters.endswith("="):
            return file.getvalue()
    raise AssertionError


PNG: Final = picture()
LETTERS: Final = base64.b64encode(PNG).decode()
URL_SAFE: Final = base64.urlsafe_b64encode(PNG).decode()
URI: Final = f"data:image/png;base64,{LETTERS}"


def inline(text: str) -> bytes:
    return json.dumps({"created": 1, "data": [{"b64_json": text}]}).encode()


def linked(text: str) -> bytes:
    return json.dumps({"created": 1, "data": [{"url": text}]}).encode()


WRAPPED: Final = {
    "with line ends": inline("\r\n".join(textwrap.wrap(LETTERS, 76)) + "\n"),
    "with blanks": inline(f"  {LETTERS[:40]} \t{LETTERS[40:]} "),
    "in the URL-safe alphabet": inline(URL_SAFE),
    "without padding": inline(LETTERS.rstrip("=")),
    "URL-safe, without padding, with line ends": inline("\n".join(textwrap.wrap(URL_SAFE.rstrip("="), 64))),
    "as a data URI in b64_json": inline(URI),
    "as a data URI in url": linked(URI),
    "as a data URI with a parameter": linked(f"data:image/png;charset=utf-8;base64,{LETTERS}"),
    "as a data URI in capitals": linked(f"DATA:image/png;BASE64,{LETTERS}"),
    "as a data URI that is quoted": linked(URI.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")),
    "with a mark before the JSON": BOM + inline(LETTERS),
    "with an empty b64_json": json.dumps({"data": [{"b64_json": "", "url": URI}]}).encode(),
    "with fields of its own": json.dumps({"id": 1, "data": [{"b64_json": LETTERS, "seed": 3, "index": 0}]}).encode(),
    "as a GIF": inline(base64.b64encode(picture("GIF")).decode()),
    "as an AVIF": inline(base64.b64encode(picture("AVIF")).decode()),
}


@dataclass(slots=True)
class Scene:
    """A provider, a host from which pictures may be fetched, and one of the operator's that nobody may reach."""

    provider: ScriptedServer
    files: ScriptedServer
    private: ScriptedServer
    service: ThreadedService
    database: str

    def ask(self) -> tuple[list[httpx.Response], list[Entry]]:
        """Ask twice for a face of its own. The answers, and what has come into the ledger."""
        before = {entry.id for entry in ledger(self.database)}
        body = {"properties": {"variant": next(_variants)}}
        answers = [self.service.client.post("/query", json=body) for _ in range(2)]
        return answers, [entry for entry in ledger(self.database) if entry.id not in before]


@pytest.fixture(scope="module")
def stage(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One service for all."""
    provider, files, private = (ScriptedServer(always(reply(b"", status=404))) for _ in range(3))
    with provider.listening(), files.listening(), private.listening(), pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("wrapped"))
        environment = {
            "DB_STRING": shared_database,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": f"{provider.origin}/v1",
            "AVATARS_DOWNLOAD_HOSTS": f"localhost:{files.port}",
            "AVATARS_EXTRA_HEADERS": json.dumps({"X-Extra": EXTRA}),
            "AVATARS_STAND_IN": "off",
            "AVATARS_DAILY_BUDGET_USD": "none",
            "AVATARS_BREAKER_PAUSE_S": "0.001",
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        service = new_service().start()
        yield Scene(provider, files, private, service, shared_database)
        service.stop()


@pytest.fixture
def scene(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr("avatars_as_a_service.providers.download._PAUSE_S", 0)
    for server in (stage.provider, stage.files, stage.private):
        server.received.clear()
    stage.private.respond = always(reply(PNG, media_type="image/png"))  # only not asking keeps it out
    return stage


def test_no_wrapping_costs_a_second_call(scene: Scene) -> None:
    kept, answered = {}, {}
    for name, body in WRAPPED.items():
        scene.provider.respond = always(reply(body))
        scene.provider.received.clear()
        answers, entries = scene.ask()
        answered[name] = ([answer.status_code for answer in answers], len(scene.provider.calls))
        kept[name] = (answers[1].json()["cache_hit"], [entry.state for entry in entries])

    assert answered == dict.fromkeys(WRAPPED, ([200, 200], 1))
    assert kept == dict.fromkeys(WRAPPED, (True, ["settled"]))


def test_a_gif_has_the_url_of_a_png_and_an_avif_is_kept_byte_for_byte(scene: Scene) -> None:
    for name, media_type in (("as a GIF", "image/png"), ("as an AVIF", "image/avif")):
        scene.provider.respond = always(reply(WRAPPED[name]))
        url = httpx.URL(scene.ask()[0][0].json()["data"]["image_url"])
        digest = Path(url.path).stem
        original = patient.get(url.copy_with(path=f"/images/{digest}.{media_type.partition('/')[2]}", query=None))

        assert original.headers["Content-Type"] == media_type
        sent = base64.b64decode(json.loads(WRAPPED[name])["data"][0]["b64_json"])
        assert (original.content == sent) is (media_type == "image/avif")
        with Image.open(BytesIO(original.content)) as after, Image.open(BytesIO(sent)) as before:
            assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()


# --- links ---


def pictures(paths: dict[str, bytes], link: str) -> Callable[[Received], bytes]:
    """A server that draws by sending that link, and answers those paths."""

    def respond(request: Received) -> bytes:
        path = request.path.partition("?")[0]
        return reply(linked(link)) if request.method == "POST" else paths.get(path, reply(b"", status=404))

    return respond


def locked(request: Received) -> bytes:
    """A picture for who has the key."""
    if request.method == "POST":
        return reply(linked("/files/1.png"))
    if request.headers.get("authorization") != f"Bearer {KEY}":
        return reply({"detail": "unauthorized"}, status=401)
    return reply(PNG, media_type="image/png")


FOUND: Final = reply(PNG, media_type="image/png")


def test_a_link_is_followed_where_it_may_lead(scene: Scene) -> None:
    elsewhere = f"http://localhost:{scene.files.port}/files/1.png"
    scene.files.respond = pictures({"/files/1.png": FOUND, "/back": redirect(f"{scene.provider.origin}/1.png")}, "")
    ways = {
        "one redirect": pictures({"/a": redirect("/1.png"), "/1.png": FOUND}, "/a"),
        "redirects of every kind": pictures(
            {
                "/a": redirect("b", status=301),
                "/b": redirect("/c?sig=1", status=303),
                "/c": redirect(f"{scene.provider.origin}/d", status=307),
                "/d": redirect("//" + scene.provider.origin.removeprefix("http://") + "/1.png", status=308),
                "/1.png": FOUND,
            },
            f"{scene.provider.origin}/a",
        ),
        "a host that is allowed": pictures({}, elsewhere),
        "a redirect to a host that is allowed": pictures({"/a": redirect(elsewhere)}, "/a"),
        "and back": pictures({"/1.png": FOUND}, elsewhere.replace("files/1.png", "back")),
        "the same key": locked,
    }
    drawn = {}
    for name, respond in ways.items():
        scene.provider.respond = respond
        scene.provider.received.clear()
        answers, entries = scene.ask()
        drawn[name] = (answers[0].status_code, len(scene.provider.calls), [entry.state for entry in entries])

    assert drawn == dict.fromkeys(ways, (200, 1, ["settled"]))


def test_neither_key_nor_extra_headers_reach_another_host(scene: Scene) -> None:
    elsewhere = f"http://localhost:{scene.files.port}"
    refusing = reply(b"", status=401)
    scene.files.respond = pictures({"/1.png": refusing, "/back": redirect(f"{scene.provider.origin}/1.png")}, "")
    for link in (f"{elsewhere}/1.png", "/a", f"{elsewhere}/back"):
        scene.provider.respond = pictures({"/a": redirect(f"{elsewhere}/1.png"), "/1.png": refusing}, link)
        answers, _ = scene.ask()
        assert answers[0].json()["code"] == "provider_bad_answer"

    shown = [request for request in scene.provider.received if request.method == "GET"]
    assert len(scene.files.received) == 3
    assert not [request for request in (*scene.files.received, *shown) if KEY in str(request.headers)]
    assert not [request for request in (*scene.files.received, *shown) if EXTRA in str(request.headers)]
    assert {request.headers["x-extra"] for request in scene.provider.calls} == {EXTRA}


def test_no_redirect_leads_into_the_machine(scene: Scene) -> None:
    port, allowed = scene.private.port, f"http://localhost:{scene.files.port}"
    tricks = [
        f"http://127.0.0.1:{port}/secret.png",
        f"http://localhost:{port}/secret.png",
        f"http://[::1]:{port}/secret.png",
        f"http://[::ffff:127.0.0.1]:{port}/secret.png",
        f"http://2130706433:{port}/secret.png",
        f"http://0x7f.1:{port}/secret.png",
        f"http://0.0.0.0:{port}/secret.png",
        f"//127.0.0.1:{port}/secret.png",
        f"http://localhost:{scene.files.port}@127.0.0.1:{port}/secret.png",
        f"http://user:password@127.0.0.1:{port}/secret.png",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "data:image/png;base64,AAAA",
        "http://[::1",
        "/loop",
    ]
    said = {}
    for number, trick in enumerate(tricks):
        status = (301, 302, 303, 307, 308)[number % 5]
        hops = {"/loop": redirect("/loop"), "/a": redirect(f"{allowed}/b"), "/c": redirect(trick, status=status)}
        scene.files.respond = pictures({"/b": redirect(f"{scene.provider.origin}/c")}, "")
        scene.provider.respond = pictures(hops, "/c" if number % 2 else "/a")
        scene.provider.received.clear()
        answers, entries = scene.ask()
        said[trick] = (
            [(answer.status_code, answer.json()["code"]) for answer in answers],
            [entry.state for entry in entries],
            len(scene.provider.calls),
        )

    assert said == dict.fromkeys(tricks, ([(502, "provider_bad_answer")] * 2, ["settled"], 1))
    assert scene.private.received == []
    assert claims_held(scene.database) == 0
