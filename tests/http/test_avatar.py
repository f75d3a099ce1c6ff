"""``GET /avatar``: any text has a face, shown at once; and no address pays but a signed one, once."""

import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from PIL import Image

from avatars_as_a_service.domain.picture import SIZES
from avatars_as_a_service.domain.signing import sign
from tests.conftest import Serve
from tests.support import patient
from tests.support.addresses import original
from tests.support.clock import wait_until
from tests.support.fake_provider import LoopbackProvider, Mode
from tests.support.ledger_checks import claims_held, faces_kept, ledger
from tests.support.service_runner import ThreadedService, new_service, processes

KEY: Final = "a-key-that-nobody-guesses"
LATER: Final = str(int(time.time()) + 3_600)
CHROME: Final = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
OLD_SAFARI: Final = "image/png,image/*;q=0.8,*/*;q=0.5"
FORMATS: Final = ("webp", "png", "jpeg", "avif")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service without a key, for requests that leave nothing behind that another test would see."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DB_STRING", f"sqlite:///{folder}/avatars.db")
        service = new_service().start()
    yield service.client
    service.stop()


@pytest.fixture
def lite(provider: LoopbackProvider, tmp_path: Path) -> dict[str, str]:
    """The environment of a service that pays and signs, on SQLite alone."""
    return {
        "DB_STRING": f"sqlite:///{tmp_path}/lite.db",
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": provider.base_url,
        "AVATARS_SIGNING_KEY": KEY,
    }


def signed(**parameters: str) -> dict[str, str]:
    said = {"exp": LATER, **parameters}
    return {**said, "sig": sign(said.items(), KEY)}


def opened(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    image = Image.open(BytesIO(answer.content))
    image.load()
    return image


# --- seeds ---


def test_a_seed_has_one_face_and_it_is_that_of_the_features_that_it_picks(local: httpx.Client) -> None:
    by_seed = local.get("/avatar", params={"seed": "jane"})
    features = (
        "head_shape=heart&skin_tone=dark&smile_type=open-lip&nose_type=roman&eye_color=hazel&glasses=true&variant=47"
    )

    assert local.get("/avatar", params={"seed": "jane"}).content == by_seed.content
    assert local.get("/avatar", params={"seed": "Jane"}).content != by_seed.content
    assert local.get(f"/avatar?{features}").content == by_seed.content


def test_what_is_given_beside_a_seed_stands(local: httpx.Client) -> None:
    given = local.get("/avatar", params={"seed": "jane", "eye_color": "BLUE", "glasses": "false", "mood": ""})

    features = "head_shape=heart&skin_tone=dark&smile_type=open-lip&nose_type=roman&eye_color=blue&variant=47"
    assert given.content == local.get(f"/avatar?{features}").content


@pytest.mark.parametrize(
    "seed", ["x" * 256, "🙂" * 256, "Zoë", "a b+c&d=e/f?g#h", "<script>", "' OR 1=1 --", "\x00\n\t"]
)
def test_any_text_is_a_seed(local: httpx.Client, seed: str) -> None:
    answer = local.get("/avatar", params={"seed": seed, "format": "svg"})

    assert answer.status_code == 200
    assert answer.text.startswith("<svg")


def test_a_seed_that_is_too_long_is_bad_input(local: httpx.Client) -> None:
    answer = local.get("/avatar", params={"seed": "x" * 257})

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "seed"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_seed_is_stored_and_logged_nowhere(lite: dict[str, str], tmp_path: Path) -> None:
    seed = "jane.doe-4711@example.com"
    with processes(lite, tmp_path) as (service,):
        for parameters in ({"seed": seed}, {"seed": seed, "mood": "x"}, {"seed": seed * 20}, signed(seed=seed)):
            patient.get(f"{service.url}/avatar", params=parameters)
        for path in (seed, f"{seed}.png", f"{seed}/x", f"{seed}%2fx", f"{seed}%00", seed * 20):
            patient.get(f"{service.url}/avatar/{path}")
            patient.post(f"{service.url}/avatar/{path}")
        wait_until(lambda: kept(service.url, seed))
        log = service.log()

    assert '"/avatar/{text}"' in log
    assert "4711" not in log
    assert "sig=" not in log
    assert b"4711" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.db*"))


def kept(url: str, seed: str) -> bool:
    return patient.get(f"{url}/avatar", params={"seed": seed}).headers["x-avatar-status"] == "kept"


# --- what is shown ---


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_drawing_is_there_in_each_size_and_format(local: httpx.Client, file_format: str) -> None:
    for size in (32, 96, 1024):
        answer = local.get("/avatar", params={"seed": "jane", "size": size, "format": file_format})

        image = opened(answer)
        assert (image.format, image.size) == (file_format.upper(), (size, size))
        assert answer.headers["content-type"] == f"image/{file_format}"
        assert answer.headers["x-avatar-status"] == "kept"
        assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=86400"
        assert "vary" not in answer.headers
        assert "link" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (CHROME, "image/svg+xml"),
        ("image/svg+xml", "image/svg+xml"),
        ("text/html, image/svg+xml;level=1;q=0.001", "image/svg+xml"),
        ("*/*", "image/png"),
        (None, "image/png"),
        ("image/*", "image/png"),
        ("image/*;q=0.8,*/*;q=0.5", "image/png"),
        ("image/svg+xml;q=0,*/*", "image/png"),
        ("image/webp,*/*", "image/webp"),
        (OLD_SAFARI, "image/png"),
        ("image/avif", "image/avif"),
        ("image/svg+xml;q=0.1,image/jpeg", "image/jpeg"),
        ("text/html", "image/png"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "image/png"),
        ("image/gif", "image/png"),
        ("q=;,,;;", "image/png"),
    ],
)
def test_a_drawing_comes_as_svg_to_those_alone_who_name_it(
    local: httpx.Client, accept: str | None, media_type: str
) -> None:
    request = local.build_request("GET", "/avatar?seed=jane")
    del request.headers["Accept"]
    if accept is not None:
        request.headers["Accept"] = accept
    answer = local.send(request)

    assert answer.headers["content-type"] == media_type
    if media_type == "image/svg+xml":
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert 'width="512" height="512"' in answer.text
        small = local.get("/avatar?seed=jane&size=48", headers={"Accept": accept or ""})
        assert 'width="48" height="48"' in small.text
    else:
        assert answer.headers["vary"] == "Accept"
        assert opened(answer).size == (256, 256)


@pytest.mark.parametrize(
    ("query", "accept", "path"),
    [
        ("", "*/*", ".png?size=256"),
        ("", CHROME, ".webp?size=256"),
        ("", OLD_SAFARI, ".png?size=256"),
        ("size=64", "image/avif", ".avif?size=64"),
        ("size=64&format=jpeg", CHROME, ".jpeg?size=64"),
        ("format=SVG", CHROME, ".webp?size=256"),
    ],
)
def test_a_kept_face_points_to_the_address_where_it_never_changes(
    lite: dict[str, str], serve: Serve, query: str, accept: str, path: str
) -> None:
    service = serve(lite, AVATARS_PUBLIC_URL="https://faces.example/a")
    url = service.client.post("/query", json={"properties": {"variant": 4}}).json()["data"]["image_url"]

    answer = service.client.get(f"/avatar?variant=4&{query}", headers={"Accept": accept})

    assert answer.headers["x-avatar-status"] == "kept"
    assert answer.headers["content-type"] == f"image/{path[1:].partition('?')[0]}"
    assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=86400"
    link = re.fullmatch(r'<https://faces\.example/a(/images/.*)>; rel="canonical"', answer.headers["link"])
    assert link is not None
    assert link[1] == httpx.URL(original(url, "")).path.removeprefix("/a").removesuffix(".") + path
    same = service.client.get(link[1])
    assert same.content == answer.content
    assert same.headers["etag"] == answer.headers["etag"]
    assert answer.headers.get("vary") == (None if "format" in query else "Accept")


def test_a_kept_drawing_is_the_picture_itself(local: httpx.Client) -> None:
    url = local.post("/query", json={"properties": {"variant": 17}}).json()["data"]["image_url"]

    shown = local.get("/avatar?variant=17", headers={"Accept": CHROME})
    small = local.get("/avatar?variant=17&size=64&format=svg")

    assert shown.headers["x-avatar-status"] == small.headers["x-avatar-status"] == "kept"
    assert shown.content == patient.get(original(url, "svg")).content
    assert small.content == patient.get(original(url, "svg") + "?size=64").content


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("query", ["", "&size=64", "&format=webp", "&format=png&size=32"])
def test_head_and_not_modified_say_what_get_says(local: httpx.Client, query: str, *, is_kept: bool) -> None:
    target = f"/avatar?variant={18 if is_kept else 19}{query}"
    if is_kept:
        local.post("/query", json={"properties": {"variant": 18}})

    got, head = local.get(target), local.head(target)
    unchanged = local.get(target, headers={"If-None-Match": got.headers["etag"]})

    assert got.headers["x-avatar-status"] == "kept"
    assert ("link" in got.headers) is is_kept
    assert head.content == b""
    assert without_request(head) == without_request(got)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for name in ("etag", "cache-control", "vary", "link", "x-avatar-status"):
        assert unchanged.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize(
    ("query", "place", "allowed"),
    [
        ("mood=grim", "mood", "'fun' or 'official'"),
        ("eye_color=red", "eye_color", "'brown'"),
        ("glasses=maybe", "glasses", "boolean"),
        ("variant=100", "variant", "from 0 to 99"),
        ("variant=-1", "variant", "from 0 to 99"),
        ("variant=x", "variant", "from 0 to 99"),
    ],
)
def test_a_wrong_feature_lists_what_there_is(local: httpx.Client, query: str, place: str, allowed: str) -> None:
    for path in ("/avatar", "/avatar/jane", f"/avatar/{'0' * 32}"):
        answer = local.get(f"{path}?{query}&seed=x")

        assert answer.status_code == 422
        (problem,) = answer.json()["detail"]
        assert problem["loc"] == ["query", place]
        assert allowed in problem["msg"]


def test_the_default_size_and_format_are_those_that_are_set(lite: dict[str, str], serve: Serve) -> None:
    service = serve(lite, AVATARS_DEFAULT_SIZE="96", AVATARS_DEFAULT_FORMAT="PNG")

    url = service.client.post("/query", json={}).json()["data"]["image_url"]

    assert url.endswith(".png?size=96")
    assert opened(patient.get(url)).size == (96, 96)
    assert service.client.get("/avatar").content == patient.get(url).content


# --- what is paid for ---


def test_a_signed_address_has_its_face_drawn_and_shows_it_from_then_on(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(lite)
    address = signed(seed="jane", mood="official")

    first = service.client.get("/avatar", params=address)
    wait_until(lambda: len(provider.calls) == 1)
    wait_until(lambda: kept_by(service, seed="jane", mood="official"))
    later = service.client.get("/avatar", params={**address, "size": "64", "format": "png"})

    assert (first.status_code, first.headers["x-avatar-status"]) == (200, "provisional")
    assert (first.headers["x-avatar-signature"], later.headers["x-avatar-signature"]) == ("valid", "valid")
    assert later.headers["x-avatar-status"] == "kept"
    assert opened(later).size == (64, 64)
    assert provider.paid == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sig": ""},
        {"sig": "0" * 64},
        {"exp": "9" * 10},
        {"seed": "john"},
        {"mood": "official"},
        {"variant": "1"},
        {"eye_color": ""},
    ],
)
def test_an_edited_address_never_pays_and_shows_a_picture_all_the_same(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve, change: dict[str, str]
) -> None:
    service = serve(lite)

    answer = service.client.get("/avatar", params=signed(seed="jane") | change)

    assert (answer.status_code, answer.headers["x-avatar-status"]) == (200, "provisional")
    assert answer.headers.get("x-avatar-signature") == "wrong"
    nothing_is_paid(service, provider)


def test_neither_head_nor_an_expired_nor_an_unsigned_address_pays(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(lite)
    expired = signed(seed="jane", exp=str(int(time.time()) - 1))

    answers = [
        service.client.head("/avatar", params=signed(seed="jane")),
        service.client.get("/avatar", params=expired),
        service.client.get("/avatar", params={"seed": "jane"}),
        service.client.get("/avatar", params={"seed": "jane", "exp": LATER}),
    ]

    assert [answer.headers.get("x-avatar-signature") for answer in answers] == ["valid", "expired", None, None]
    assert {answer.headers["x-avatar-status"] for answer in answers} == {"provisional"}
    nothing_is_paid(service, provider)


def test_without_a_key_no_signature_is_valid(lite: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    del lite["AVATARS_SIGNING_KEY"]
    service = serve(lite)

    answer = service.client.get("/avatar", params=signed(seed="jane"))

    assert answer.headers["x-avatar-signature"] == "wrong"
    nothing_is_paid(service, provider)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_signed_address_pays_once_though_five_hundred_ask_at_once_over_four_processes(
    paid: dict[str, str], database: str, provider: LoopbackProvider, tmp_path: Path
) -> None:
    provider.delay = 1
    address = signed(seed="jane")
    with processes(paid | {"AVATARS_SIGNING_KEY": KEY}, tmp_path, count=4) as services:
        urls = [service.url for service in services]
        with ThreadPoolExecutor(100) as clients:
            asked = [
                clients.submit(httpx.get, f"{urls[i % 4]}/avatar", params=address, timeout=120) for i in range(500)
            ]
            answers = [each.result() for each in asked]
        wait_until(lambda: faces_kept(database) == 1 and not claims_held(database))
        shown = [httpx.get(f"{url}/avatar", params=address, timeout=120) for url in urls]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in shown}) == 1
    assert {answer.headers["x-avatar-status"] for answer in shown} == {"kept"}
    assert len(provider.calls) == 1
    assert [entry.state for entry in ledger(database)] == ["settled"]


def test_a_face_whose_drawing_failed_is_not_tried_again_by_everybody_who_looks(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    provider.mode = Mode.HANGS
    service = serve(lite, AVATARS_PROVIDER_TIMEOUT_S="1", AVATARS_RETRY_WAIT_S="0.01")
    address = signed(seed="jane")
    service.client.get("/avatar", params=address)
    wait_until(lambda: len(provider.calls) >= 1 and not claims_held(lite["DB_STRING"]))
    calls = len(provider.calls)

    provider.mode = Mode.OK
    for _ in range(5):
        assert service.client.get("/avatar", params=address).status_code == 200
    time.sleep(0.5)

    assert len(provider.calls) == calls
    assert not service.client.post("/query", json={}).json()["provisional"]


def test_a_budget_that_is_used_up_is_used_up_for_signed_addresses_too(
    lite: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(lite, AVATARS_DAILY_BUDGET_USD="0")

    answers = [service.client.get("/avatar", params=signed(seed=str(number))) for number in range(10)]

    assert {answer.headers["x-avatar-status"] for answer in answers} == {"provisional"}
    nothing_is_paid(service, provider)


def kept_by(service: ThreadedService, **parameters: str) -> bool:
    return service.client.get("/avatar", params=parameters).headers["x-avatar-status"] == "kept"


def nothing_is_paid(service: ThreadedService, provider: LoopbackProvider) -> None:
    """Now, nor once all that may have been begun has ended."""
    service.stop()
    service.stop = lambda: None  # type: ignore[method-assign]  # it is stopped already
    assert not provider.calls


# --- floods ---


@pytest.mark.slow
def test_ten_thousand_random_addresses_cost_nothing_and_little(
    lite: dict[str, str], provider: LoopbackProvider, tmp_path: Path
) -> None:
    """Whatever stands in them: no paid call, no other status than these, and memory and processes within bounds."""
    chance = random.Random(11)
    environment = lite | {"AVATARS_PICTURES_IN_MEMORY_MB": "4", "AVATARS_RENDITION_QUEUE": "8"}
    with processes(environment, tmp_path) as (service,), httpx.Client(base_url=service.url, timeout=120) as client:
        known = [
            client.post("/query", json={"properties": {"variant": variant}}).json()["data"]["image_url"]
            for variant in range(3)
        ]
        calls, before = len(provider.calls), memory_of(service.process.pid)
        addresses = [some_address(chance, known) for _ in range(10_000)]
        with ThreadPoolExecutor(24) as clients:
            statuses = Counter(clients.map(lambda each: client.get(each).status_code, addresses))
        grown = memory_of(service.process.pid) - before
        children = children_of(service.process.pid)

    assert statuses.keys() <= {200, 304, 404, 422, 503}
    assert statuses[200] > 2_000
    assert statuses[404] > 500
    assert statuses[422] > 500
    assert len(provider.calls) == calls
    assert grown < 96
    assert len(children) <= 2


def some_address(chance: random.Random, known: list[str]) -> str:
    digest = chance.choice([*known, "0" * 64, f"{chance.getrandbits(256):064x}"]).rpartition("/")[2].partition(".")[0]
    size = chance.choice([*SIZES[:6], 33, "", "x", -1])
    kind = chance.choice([*FORMATS, "svg", "gif", ""])
    features: dict[str, Any] = {
        "seed": chance.choice(["", str(chance.random()), "x" * chance.choice([256, 257])]),
        "mood": chance.choice(["", "fun", "official", "grim"]),
        "variant": chance.choice(["", "5", "99", "100"]),
        "size": size,
        "format": kind,
        "sig": chance.choice(["", "0" * 64]),
        "exp": chance.choice(["", LATER]),
    }
    said = {name: value for name, value in features.items() if chance.random() < 0.3}
    image = f"/images/{digest}" + (f".{kind}" if kind else "") + chance.choice(["", f"?size={size}"])
    svg = {**said, "format": "svg"}
    return chance.choice([image, image, f"/avatar?{httpx.QueryParams(svg)}", f"/avatar?{httpx.QueryParams(said)}"])


def memory_of(pid: int) -> int:
    """Resident, of this process alone, in MiB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


def children_of(pid: int) -> list[str]:
    return [
        child for thread in Path(f"/proc/{pid}/task").iterdir() for child in (thread / "children").read_text().split()
    ]


def without_request(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}
