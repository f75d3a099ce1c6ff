"""Gravatar and Libravatar addresses: programs with a setting for such a server show faces."""

from collections.abc import Iterator
from hashlib import md5, sha256
from io import BytesIO
from typing import Final

import httpx
import pytest
from PIL import Image

from avatars_as_a_service.commands import keys
from avatars_as_a_service.settings import WrongSetting, load_settings
from avatars_as_a_service.wiring import check
from tests.conftest import Serve
from tests.http.test_avatar_signatures import signed_path
from tests.support.clock import wait_until
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import ledger
from tests.support.service_runner import ThreadedService, new_service

MD5: Final = md5(b"jane@example.com", usedforsecurity=False).hexdigest()
SHA256: Final = sha256(b"jane@example.com").hexdigest()
BROWSER: Final = "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8"
PROGRAMS: Final = [
    ("Gitea", f"/avatar/{MD5}?d=identicon&s=56", 64, "PNG"),
    ("Gitea, Libravatar", f"/avatar/{SHA256}?d=identicon&s=290", 384, "PNG"),
    ("GitLab", f"/avatar/{SHA256}?s=80&d=identicon", 96, "PNG"),
    ("Discourse", f"/avatar/{MD5}.png?s=360&d=404&reset_cache=5", 384, "PNG"),
    ("WordPress", f"/avatar/{SHA256}?s=96&d=mm&r=g", 96, "PNG"),
    ("WordPress, twice as sharp", f"/avatar/{MD5}?s=192&d=mm&r=g", 192, "PNG"),
    ("Gerrit", f"/avatar/{MD5}.jpg?d=identicon&r=pg&s=26", 32, "JPEG"),
    ("Libravatar", f"/avatar/{SHA256}?s=512&default=retro", 512, "PNG"),
    ("pyLibravatar", f"/avatar/{MD5}?d=https%3A%2F%2Fexample.com%2Fx.png&s=80", 96, "PNG"),
    ("Isso", f"/avatar/{MD5}?d=identicon&s=55", 64, "PNG"),
    ("django-gravatar2", f"/avatar/{MD5}.jpg?s=80&r=g&d=mm", 96, "JPEG"),
    ("Flask-Gravatar", f"/avatar/{MD5}?s=100&d=retro&r=g", 128, "PNG"),
    ("Waline", f"/avatar/{MD5}", 96, "PNG"),
    ("upper case", f"/avatar/{MD5.upper()}.GIF?s=2000&f=n", 1024, "PNG"),
    ("size", f"/avatar/{MD5}.webp?size=2048", 1024, "WEBP"),
    ("SVG by Accept only", f"/avatar/{MD5}?format=svg&s=x", 96, "PNG"),
]


@pytest.fixture(scope="module", params=["local", "openai"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service that draws by itself, and one that shows stand-ins."""
    folder = tmp_path_factory.mktemp("gravatar")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DB_STRING", f"sqlite:///{folder}/avatars.db")
        patch.setenv("OPENAI_API_KEY", "sk-planted-secret")
        patch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        patch.setenv("AVATARS_PROVIDER", request.param)
        running = new_service().start()
    running.client.headers["x-provider"] = request.param
    yield running.client
    running.stop()


@pytest.mark.parametrize(
    ("address", "size", "kind"), [each[1:] for each in PROGRAMS], ids=[each[0] for each in PROGRAMS]
)
def test_each_program_is_shown_a_picture(service: httpx.Client, address: str, size: int, kind: str) -> None:
    is_local = service.headers["x-provider"] == "local"
    for _ in range(2):
        answer = service.get(address, headers={"Accept": BROWSER}, follow_redirects=False)

        if "d=404" in address and not is_local:
            assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
            assert answer.json()["code"] == "face_not_found"
            continue
        assert answer.status_code == 200, answer.text
        image = Image.open(BytesIO(answer.content))
        assert (image.format, image.size) == (kind, (size, size))
        assert answer.headers["x-avatar-status"] == ("kept" if is_local else "provisional")
        assert "vary" not in answer.headers
        assert service.head(address, headers={"Accept": BROWSER}).headers["etag"] == answer.headers["etag"]


def test_a_hash_is_a_seed_and_its_letters_have_no_case(service: httpx.Client) -> None:
    by_seed = service.get("/avatar", params={"seed": MD5, "format": "png", "size": "96"})

    assert service.get(f"/avatar/{MD5.upper()}").content == by_seed.content
    assert service.get(f"/avatar/{SHA256}").content != by_seed.content
    assert service.get(f"/avatar/{MD5}?mood=official").content != by_seed.content


def test_the_local_artist_s_may_be_asked_for(service: httpx.Client) -> None:
    for option in ("f=y", "forcedefault=y", "f=y&d=mp"):
        for _ in range(2):
            answer = service.get(f"/avatar/{MD5}?{option}&s=32")
            assert (answer.status_code, answer.headers["x-avatar-status"]) == (200, "provisional")
    for option in ("f=y&d=404", "forcedefault=y&default=404"):
        for _ in range(2):
            assert service.get(f"/avatar/{MD5}?{option}&s=32").status_code == 404


# --- kept faces, drawing, and the settings ---


def status_of(service: ThreadedService, address: str) -> str:
    return str(service.client.get(address).headers.get("x-avatar-status"))


def test_a_face_is_drawn_once_from_the_budget_of_gravatar(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    environment = {"AVATARS_GRAVATAR": "draw", "AVATARS_GRAVATAR_DAILY_BUDGET_USD": "1"}
    service = serve(paid | environment, AVATARS_API_KEYS="shop:planted-key-of-the-shop")
    address = f"/avatar/{MD5}?s=64&d=404"

    for quiet in (f"{address}&f=y", f"/avatar?seed={MD5}", f"/avatar/{MD5}x"):
        service.client.get(quiet)
    heads = [service.client.head(address) for _ in range(2)]
    assert not provider.calls
    first = service.client.get(address)
    wait_until(lambda: status_of(service, address) == "kept")
    faces = [service.client.get(address) for _ in range(3)]

    assert [answer.status_code for answer in [*heads, first, *faces]] == [404, 404, 404, 200, 200, 200]
    assert provider.paid == 1
    assert {entry.payer for entry in ledger(paid["DB_STRING"])} == {"gravatar"}


def test_without_money_gravatar_shows_stand_ins(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid, AVATARS_GRAVATAR="draw", AVATARS_GRAVATAR_DAILY_BUDGET_USD="0")

    answers = [service.client.get(f"/avatar/{number:032x}?s=32") for number in range(10)]

    assert {answer.headers["x-avatar-status"] for answer in answers} == {"provisional"}
    service.client.post("/query", json={}).raise_for_status()
    assert provider.paid == 1


def test_gravatar_may_be_off_and_never_pays_by_itself(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    off, shown = serve(paid, AVATARS_GRAVATAR="off"), serve(paid, AVATARS_GRAVATAR="show")

    for _ in range(2):
        answer = off.client.get(f"/avatar/{MD5}")
        assert (answer.status_code, answer.json()["code"], answer.headers["cache-control"]) == (
            404,
            "gravatar_off",
            "no-store",
        )
        assert status_of(shown, f"/avatar/{MD5}?s=32") == "provisional"
        assert (
            status_of(off, f"/avatar/{MD5}x?size=32") == status_of(off, f"/avatar?seed={MD5}&size=32") == "provisional"
        )
    assert not provider.calls


def test_private_mode_shows_a_hash_to_a_key_and_a_signature_alone(paid: dict[str, str], serve: Serve) -> None:
    signing, key = "planted-signing-key", "planted-key-of-the-shop"
    service = serve(paid, AVATARS_PRIVATE="on", AVATARS_SIGNING_KEY=signing, AVATARS_API_KEYS=f"shop:{key}")

    asked = [
        service.client.get(f"/avatar/{MD5}"),
        service.client.get(f"/avatar/{MD5}", headers={"X-API-Key": key}),
        service.client.get(f"/avatar/{MD5}"),
        service.client.get(signed_path(signing, f"{MD5}.png")),
    ]

    assert [answer.status_code for answer in asked] == [401, 200, 401, 200]


def test_a_purged_face_is_shown_no_longer(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    provider.mode = Mode.OK
    service = serve(paid, AVATARS_ADMIN_TOKEN="planted-token-of-the-operator")
    service.client.post("/query", json={"properties": {"variant": 7}})
    address = "/avatar?variant=7&size=32"
    kept = [service.client.get(address) for _ in range(3)][-1]
    admin = {"Authorization": "Bearer planted-token-of-the-operator"}
    name = kept.headers["x-avatar-hash"]
    service.client.request("DELETE", f"/admin/faces/{name}", headers=admin).raise_for_status()

    after = service.client.get(address)

    assert kept.headers["x-avatar-status"] == "kept"
    assert after.headers["x-avatar-status"] == "provisional"
    assert after.content != kept.content


def test_wrong_settings_and_a_key_of_that_name_are_refused(
    paid: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in paid.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AVATARS_API_KEYS", "gravatar:planted-key-of-the-shop")
    check(load_settings())
    monkeypatch.setenv("AVATARS_GRAVATAR", "draw")
    with pytest.raises(WrongSetting, match=r"^AVATARS_GRAVATAR_DAILY_BUDGET_USD: must be set"):
        check(load_settings())
    monkeypatch.setenv("AVATARS_GRAVATAR_DAILY_BUDGET_USD", "1")
    with pytest.raises(WrongSetting, match=r"^AVATARS_GRAVATAR: .* 'gravatar'"):
        check(load_settings())
    with pytest.raises(SystemExit, match="2"):
        keys.add("gravatar", daily_usd=None, monthly_usd=None, per_minute=None, origins=())
