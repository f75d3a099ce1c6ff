"""``GET /images/…`` and ``GET /avatar``: pictures for browsers, caches and content delivery networks."""

import random
from hashlib import sha256
from typing import Final

import httpx
import pytest

from tests.conftest import Serve
from tests.support import patient
from tests.support.addresses import digest, original
from tests.support.databases import on_every_database
from tests.support.fake_provider import Format, LoopbackProvider, Mode, Picture

NOBODY: Final = "0" * 64
FACE: Final = {"mood": "official", "eye_color": "green", "glasses": True}
WEBP: Final = {"Accept": "image/webp,*/*"}


@pytest.fixture
def drawing(local: httpx.Client) -> str:
    """The path of a kept SVG."""
    return httpx.URL(original(local.post("/query", json={}).json()["data"]["image_url"], "svg")).path


# --- kept pictures ---


@on_every_database
@pytest.mark.parametrize("output_format", ["webp", "png", "jpeg"])
def test_the_bytes_are_those_that_were_paid_for(paid: dict[str, str], serve: Serve, output_format: Format) -> None:
    service = serve(paid, AVATARS_OUTPUT_FORMAT=output_format)
    sent = Picture(1, 816, 816, output_format)

    url = service.client.post("/query", json={}).json()["data"]["image_url"]
    picture = patient.get(original(url, output_format))

    assert picture.headers["content-type"] == f"image/{output_format}"
    assert sha256(picture.content).hexdigest() == digest(url)
    assert picture.content == sent.data()


@pytest.mark.parametrize("mode", [Mode.URL, Mode.URL_RELATIVE])
def test_a_picture_that_came_by_its_address_is_kept_as_well(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, mode: Mode
) -> None:
    provider.mode = mode
    service = serve(paid)
    url = service.client.post("/query", json={}).json()["data"]["image_url"]

    pictures = [patient.get(url) for _ in range(3)]

    assert {picture.status_code for picture in pictures} == {200}
    assert len({picture.content for picture in pictures}) == 1
    assert provider.downloads == 1


@on_every_database
def test_a_kept_picture_survives_a_restart_on_every_database(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)
    path = httpx.URL(service.client.post("/query", json={}).json()["data"]["image_url"]).path
    before = service.client.get(path)

    after = serve(paid).client.get(path)

    assert after.status_code == 200
    assert after.content == before.content
    assert after.headers["etag"] == before.headers["etag"]
    assert after.headers["content-type"] == before.headers["content-type"]


def test_a_picture_may_be_cached_for_ever(local: httpx.Client, drawing: str) -> None:
    picture = local.get(drawing)

    assert picture.status_code == 200
    assert picture.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["content-encoding"] == "gzip"
    assert picture.headers["vary"] == "Accept-Encoding"
    assert picture.headers["etag"] == f'"{sha256(picture.content).hexdigest()}-gzip"'
    plain = local.get(drawing, headers={"Accept-Encoding": "identity"})
    assert plain.headers["etag"] == f'"{sha256(plain.content).hexdigest()}"'
    assert int(plain.headers["content-length"]) == len(plain.content) > int(picture.headers["content-length"])


def test_an_svg_may_run_and_load_nothing(local: httpx.Client, drawing: str) -> None:
    picture = local.get(drawing)

    assert picture.headers["content-type"] == "image/svg+xml"
    policy = {part.strip() for part in picture.headers["content-security-policy"].split(";")}
    assert {"default-src 'none'", "sandbox"} <= policy


def test_head_says_what_get_says_without_the_bytes(local: httpx.Client, drawing: str) -> None:
    got, head = local.get(drawing), local.head(drawing)

    assert head.status_code == 200
    assert head.content == b""
    assert _without_request(head) == _without_request(got)


@pytest.mark.parametrize("form", ['"{}"', '"{}-gzip"', 'W/"{}"', '"other", "{}"', '"a","b" , W/"{}"', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_the_picture_is_told_so(local: httpx.Client, drawing: str, form: str, method: str) -> None:
    tag = form.replace("{}", digest(drawing))

    answer = local.request(method, drawing, headers={"If-None-Match": tag})

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"].removeprefix("W/") in {f'"{digest(drawing)}"', tag}
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("tag", ['"other"', "", '"', "{}", '"{}x"', '"a", b'])
def test_who_has_another_picture_gets_this_one(local: httpx.Client, drawing: str, tag: str) -> None:
    answer = local.get(drawing, headers={"If-None-Match": tag.replace("{}", digest(drawing))})

    assert answer.status_code == 200
    assert answer.content


@pytest.mark.parametrize(
    "name",
    [
        f"{NOBODY}.webp",
        f"{NOBODY}.svg",
        f"{NOBODY}.gif",
        NOBODY,
        f"{NOBODY}.",
        f"{NOBODY[1:]}.webp",
        f"{NOBODY}0.webp",
        "x" * 5000,
        "",
        ".webp",
        "..%2f..%2fetc%2fpasswd",
        "..%5c..%5cwindows",
        "%2e%2e",
        "%ff.webp",
        f"{NOBODY}/webp",
        "' OR 1=1 --.webp",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_picture_is_not_found_and_not_cached(local: httpx.Client, name: str, method: str) -> None:
    answer = local.request(method, f"/images/{name}")

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert method == "HEAD" or answer.json()["code"] in {"picture_not_found", "not_found"}


@pytest.mark.parametrize("name", ["%00.webp", f"{NOBODY}.webp%0a"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_name_with_a_control_character_is_refused_and_not_cached(local: httpx.Client, name: str, method: str) -> None:
    answer = local.request(method, f"/images/{name}")

    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"
    assert method == "HEAD" or answer.json()["code"] == "bad_path"


@pytest.mark.parametrize("extension", ["SVG", "svg.webp", "JPG", "gif", "WEBP", ""])
def test_a_kept_picture_in_a_format_that_nothing_is_made_into_is_not_found(
    local: httpx.Client, drawing: str, extension: str
) -> None:
    local.get(drawing)

    answer = local.get(drawing.replace(".svg", f".{extension}"))

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["code"] == "picture_not_found"


def test_a_digest_in_capitals_is_no_second_address(local: httpx.Client, drawing: str) -> None:
    folder, _, name = drawing.rpartition("/")

    assert local.get(f"{folder}/{name[:64].upper()}.svg").status_code == 404


# --- the picture's address ---


def test_an_address_is_made_from_the_request_s_host(local: httpx.Client) -> None:
    answers = [local.post("/query", json={}, headers={"Host": host}) for host in ("a.example", "b.example:8443")]

    urls = [answer.json()["data"]["image_url"] for answer in answers]
    assert urls[0].startswith("http://a.example/images/")
    assert urls[1] == urls[0].replace("a.example", "b.example:8443")


@pytest.mark.parametrize(
    ("public_url", "begins"),
    [
        ("https://faces.example", "https://faces.example/images/"),
        ("https://faces.example/", "https://faces.example/images/"),
        ("https://cdn.example:8443/avatars/", "https://cdn.example:8443/avatars/images/"),
    ],
)
def test_a_public_address_goes_before_the_request_s_host(
    paid: dict[str, str], serve: Serve, public_url: str, begins: str
) -> None:
    service = serve(paid, AVATARS_PUBLIC_URL=public_url)

    hosts = ("localhost", "evil.example")  # the first one has it drawn, and paid for
    answers = [service.client.post("/query", json={}, headers={"Host": host}).json() for host in hosts]

    assert [answer["cache_hit"] for answer in answers] == [False, True]
    assert all(answer["data"]["image_url"].startswith(begins) for answer in answers)


# --- a face straight into <img> ---


def test_a_face_that_is_not_kept_is_drawn_here_for_a_moment(paid: dict[str, str], serve: Serve) -> None:
    answer = serve(paid).client.get("/avatar", params={"mood": "official", "variant": 42, "format": "svg"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["x-avatar-status"] == "provisional"
    assert _max_age(answer) <= 60
    assert "immutable" not in answer.headers["cache-control"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.text.startswith("<svg")


def test_a_kept_face_is_shown_as_it_was_paid_for(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)
    kept = patient.get(service.client.post("/query", json={"properties": FACE}).json()["data"]["image_url"])

    shown = service.client.get("/avatar?mood=OFFICIAL&eye_color=green&glasses=true&variant=0", headers=WEBP)

    assert shown.content == kept.content
    assert shown.headers["content-type"] == kept.headers["content-type"] == "image/webp"
    assert shown.headers["etag"] == kept.headers["etag"]
    assert shown.headers["x-avatar-status"] == "kept"
    assert "immutable" not in shown.headers["cache-control"]


def test_a_face_shows_by_the_same_address_once_it_is_kept(paid: dict[str, str], serve: Serve) -> None:
    service = serve(paid)
    address = "/avatar?mood=official&eye_color=green&glasses=true"
    before = service.client.get(address)
    service.client.post("/query", json={"properties": FACE})

    after = service.client.get(address, headers={"If-None-Match": before.headers["etag"]})
    elsewhere = serve(paid).client.get(address)

    assert (before.headers["x-avatar-status"], after.headers["x-avatar-status"]) == ("provisional", "kept")
    assert after.status_code == 200
    assert elsewhere.content == after.content != before.content


@pytest.mark.parametrize(
    "query",
    [
        "mood=sad",
        "variant=100",
        "variant=-1",
        "variant=x",
        "glasses=perhaps",
        "mood=%ff",
        "mood=%00",
    ],
)
def test_an_unknown_value_is_bad_input(local: httpx.Client, query: str) -> None:
    answer = local.get(f"/avatar?{query}")

    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem["loc"] == ["query", query.partition("=")[0]]
    assert answer.headers["cache-control"] == "no-store"


def test_no_address_pays(paid: dict[str, str], provider: LoopbackProvider, serve: Serve) -> None:
    service = serve(paid)
    features = service.client.get("/features").json()["features"]
    chance = random.Random(7)

    for _ in range(10):
        face = {each["name"]: chance.choice(each["values"]) for each in features}
        answer = service.client.get("/avatar", params=face | {"variant": chance.randrange(100)})
        assert answer.headers["x-avatar-status"] == "provisional"

    assert not provider.calls
    assert service.client.get("/stats").json()["faces"] == 0


def test_head_of_a_face_says_what_get_says(local: httpx.Client) -> None:
    got, head = local.get("/avatar?variant=5"), local.head("/avatar?variant=5")

    assert head.status_code == 200
    assert head.content == b""
    assert _without_request(head) == _without_request(got)


def test_who_has_the_face_is_told_so(local: httpx.Client) -> None:
    etag = local.get("/avatar?variant=6").headers["etag"]

    again = local.get("/avatar?variant=6", headers={"If-None-Match": etag})

    assert again.status_code == 304
    assert again.content == b""


def test_a_stand_in_s_address_shows_the_real_face_later(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, AVATARS_RETRY_WAIT_S="0.01")
    provider.mode = Mode.BAD_REQUEST
    stand_in = service.client.post("/query", json={"properties": FACE}).json()
    before = patient.get(stand_in["data"]["image_url"])
    provider.mode = Mode.OK

    face = service.client.post("/query", json={"properties": FACE}).json()
    after = patient.get(stand_in["data"]["image_url"], headers=WEBP)

    assert (stand_in["provisional"], face["provisional"]) == (True, False)
    assert stand_in["data"]["image_hash"] == face["data"]["image_hash"]
    assert before.headers["x-avatar-status"] == "provisional"
    assert after.headers["x-avatar-status"] == "kept"
    assert after.content == patient.get(face["data"]["image_url"]).content


def _without_request(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}


def _max_age(answer: httpx.Response) -> int:
    directives = dict(part.strip().partition("=")[::2] for part in answer.headers["cache-control"].split(","))
    return int(directives["max-age"])
