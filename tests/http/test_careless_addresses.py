"""Careless ``/avatar`` addresses show a picture: by query, by path, with whatever programs and people add to them."""

from io import BytesIO
from typing import Final

import httpx
import pytest
from PIL import Image

from tests.conftest import Serve
from tests.http.test_avatar_signatures import signed_path, signed_query
from tests.support import patient

CHROME: Final = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
SAFARI: Final = (
    "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/*;q=0.8,*/*;q=0.5"
)
SVG: Final = ("SVG", 512)
CARELESS: Final = [
    ("/avatar?seed=jane&size=80", "*/*", ("PNG", 96)),
    ("/avatar?seed=jane&size=1", "*/*", ("PNG", 32)),
    ("/avatar?seed=jane&size=33", "*/*", ("PNG", 48)),
    ("/avatar?seed=jane&size=512", "*/*", ("PNG", 512)),
    ("/avatar?seed=jane&size=513", "*/*", ("PNG", 1024)),
    ("/avatar?seed=jane&size=2048", "*/*", ("PNG", 1024)),
    ("/avatar?seed=jane&size=2049", "*/*", ("PNG", 1024)),
    ("/avatar?seed=jane&size=99999999999999999999", "*/*", ("PNG", 1024)),
    ("/avatar?seed=jane&size=0080", "*/*", ("PNG", 96)),
    ("/avatar?seed=jane&size=0", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&size=-5", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&size=64px", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&size=64.5", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&size=%D9%A3%D9%A3", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&size=small", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&size=", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&size=32&size=64", "*/*", ("PNG", 64)),
    ("/avatar?seed=jane&format=jpg", "*/*", ("JPEG", 256)),
    ("/avatar?seed=jane&format=JPG&size=40", CHROME, ("JPEG", 48)),
    ("/avatar?seed=jane&format=gif", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&format=bmp", CHROME, SVG),
    ("/avatar?seed=jane&format=", CHROME, SVG),
    ("/avatar?seed=jane&format=svg", "*/*", SVG),
    ("/avatar?seed=jane&format=SVG", "image/png", SVG),
    ("/avatar?seed=", "*/*", ("PNG", 256)),
    ("/avatar?seed", "*/*", ("PNG", 256)),
    ("/avatar?", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&v=2&_=1700000000", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&utm_source=mail&utm_medium=x", SAFARI, ("WEBP", 256)),
    ("/avatar?seed=jane&amp;size=64", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&description=x&hat=true", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&mood=&glasses=&variant=", "*/*", ("PNG", 256)),
    ("/avatar?seed=jane&mood=OFFICIAL&smile_type=CLOSED_LIP", "*/*", ("PNG", 256)),
    ("/avatar?seed=%FF%FE&&&=&=x", "*/*", ("PNG", 256)),
    ("/avatar/jane", "*/*", ("PNG", 256)),
    ("/avatar/jane", CHROME, SVG),
    ("/avatar/jane.png?size=100", CHROME, ("PNG", 128)),
    ("/avatar/jane.JPG", CHROME, ("JPEG", 256)),
    ("/avatar/jane.jpeg?format=png", "*/*", ("JPEG", 256)),
    ("/avatar/jane.webp?s=64", "*/*", ("WEBP", 256)),
    ("/avatar/jane.avif?size=32", "*/*", ("AVIF", 32)),
    ("/avatar/jane.svg?size=70", "image/png", ("SVG", 96)),
    ("/avatar/jane.gif?size=48", CHROME, ("PNG", 48)),
    ("/avatar/jane.doe@example.com?size=48", "*/*", ("PNG", 48)),
    ("/avatar/%F0%9F%99%82%20%26%3F%23.png?size=48", "*/*", ("PNG", 48)),
    ("/avatar/.png?size=48", "*/*", ("PNG", 48)),
    ("/avatar/..%2e?size=48", "*/*", ("PNG", 48)),
]


def shown(answer: httpx.Response) -> tuple[str | None, int]:
    assert answer.status_code == 200, answer.text
    assert len(answer.headers["x-avatar-hash"]) == 32
    if answer.headers["content-type"] == "image/svg+xml":
        return "SVG", int(answer.text.partition('width="')[2].partition('"')[0])
    image = Image.open(BytesIO(answer.content))
    return image.format, image.size[0]


@pytest.mark.parametrize(("address", "accept", "picture"), CARELESS)
def test_a_careless_address_shows_a_picture(
    local: httpx.Client, address: str, accept: str, picture: tuple[str, int]
) -> None:
    first, again = (local.get(address, headers={"Accept": accept}) for _ in range(2))

    assert shown(first) == shown(again) == picture
    assert first.content == again.content
    names = ("etag", "cache-control", "vary", "x-avatar-hash", "x-avatar-status", "content-encoding", "content-length")
    assert [first.headers.get(name) for name in names] == [again.headers.get(name) for name in names]


def test_a_path_shows_the_face_of_its_seed(local: httpx.Client) -> None:
    for text, seed in (("jane.doe", "jane.doe"), ("jane.doe.svg", "jane.doe"), ("a%2Eb%20c", "a.b c"), (".svg", "")):
        by_path = local.get(f"/avatar/{text}", params={"seed": "said in vain", "mood": "official", "format": "svg"})
        by_query = local.get("/avatar", params={"seed": seed, "mood": "official", "format": "svg"})

        assert by_path.content == by_query.content
        assert by_path.headers["x-avatar-hash"] == by_query.headers["x-avatar-hash"]


def test_the_key_in_a_header_is_that_of_the_face(local: httpx.Client) -> None:
    answer = local.get("/avatar?variant=3")

    assert answer.headers["x-avatar-hash"] == "528cd05c135c3fe3da3f332d7f14c786"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/avatar/", 404),
        ("/avatar/a/b", 404),
        ("/avatar/a%2fb", 404),
        ("/avatar/a/", 404),
        ("/avatar/a%2Fb.png", 404),
        ("/avatar/a%00", 400),
        ("/avatar/a%0a.png", 400),
        ("/avatar/%7f", 400),
        (f"/avatar/{'x' * 257}", 422),
        (f"/avatar/{'x' * 257}.png", 422),
        (f"/avatar/{'x' * 256}.png", 200),
        ("/avatar/jane?variant=100", 422),
        (f"/avatar/jane?v={'x' * 9_000}", 414),
    ],
)
def test_a_path_that_shows_no_face_says_so_and_is_kept_by_no_cache(local: httpx.Client, path: str, status: int) -> None:
    for _ in range(2):
        answer = local.get(path)

        assert answer.status_code == status
        assert status == 200 or answer.headers["cache-control"] == "no-store"
        assert_shared(answer)
    if status == 422 and "variant" not in path:
        assert answer.json()["detail"][0]["loc"] == ["path", "text"]


# --- pages of other sites ---


def assert_shared(answer: httpx.Response) -> None:
    assert answer.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origins", ["", "https://page.example", "*"])
def test_a_page_of_any_site_may_show_and_read_pictures(paid: dict[str, str], serve: Serve, origins: str) -> None:
    service = serve(paid, AVATARS_CORS_ORIGINS=origins, AVATARS_PROVIDER="local")
    image = httpx.URL(service.client.post("/query", json={}).json()["data"]["image_url"]).raw_path.decode()
    paths = [
        "/avatar",
        "/avatar/jane.png",
        "/avatar?mood=x",
        "/avatar/a/b",
        image,
        "/images/x",
        image.replace("256", "7"),
    ]

    for path in paths * 2:
        for headers in ({}, {"Origin": "https://page.example"}, {"Origin": "https://other.example"}):
            got, head = service.client.get(path, headers=headers), service.client.head(path, headers=headers)
            tag = got.headers.get("etag", "*")
            for answer in (got, head, service.client.get(path, headers={**headers, "If-None-Match": tag})):
                assert_shared(answer)
                assert "X-Avatar-Hash" in answer.headers["access-control-expose-headers"]
    for path in ("/features", "/", "/stats"):
        answer = service.client.get(path, headers={"Origin": "https://other.example"})
        assert "cross-origin-resource-policy" not in answer.headers
        assert answer.headers.get("access-control-allow-origin") == ("*" if origins == "*" else None)


def test_in_private_mode_only_a_signed_picture_is_for_pages_of_other_sites(paid: dict[str, str], serve: Serve) -> None:
    signing, key = "planted-signing-key", "planted-key-of-the-shop"
    service = serve(paid, AVATARS_PRIVATE="on", AVATARS_SIGNING_KEY=signing, AVATARS_API_KEYS=f"shop:{key}")
    by_key = {"X-API-Key": key}
    image = service.client.post("/query", json={}, headers=by_key).json()["data"]["image_url"]
    for path in ("/avatar", "/avatar/jane", "/avatar/%0a", image, "/avatar?sig=x", "/avatar/a/b"):
        for headers in ({}, by_key):
            for _ in range(2):
                answer = service.client.get(path, headers=headers)
                assert "access-control-allow-origin" not in answer.headers
                assert "cross-origin-resource-policy" not in answer.headers
                assert answer.status_code in ({400, 401} if not headers else {200, 400, 404})
                assert "public" not in answer.headers["cache-control"]
    for path in (signed_query(signing, seed="jane"), signed_path(signing, "jane.png")):
        for _ in range(2):
            answer = service.client.get(path)
            assert answer.status_code == 200
            assert_shared(answer)
            assert answer.headers["cache-control"].startswith("private")


# --- compression ---


def test_text_is_compressed_for_those_who_take_it(local: httpx.Client) -> None:
    local.post("/query", json={})
    drawn = ["/avatar?format=svg", "/avatar/jane.svg"]
    lists = [*drawn, "/openapi.json", "/docs", "/docs/assets/swagger-ui.css", "/", "/faces", "/metrics"]
    for path in [*lists, "/avatar?format=svg"]:
        plain = local.get(path, headers={"Accept-Encoding": "identity"})
        packed = local.get(path, headers={"Accept-Encoding": "br, gzip;q=0.5"})
        refused = local.get(path, headers={"Accept-Encoding": "gzip;q=0, *;q=1"})

        is_long = len(plain.content) >= 1_000
        assert "content-encoding" not in plain.headers
        assert "content-encoding" not in refused.headers
        assert packed.headers.get("content-encoding") == ("gzip" if is_long else None)
        assert not is_long or {"Accept-Encoding"} <= {each.strip() for each in plain.headers["vary"].split(",")}
        assert path == "/metrics" or packed.content == plain.content
        if "etag" in plain.headers:
            assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
            for tag in (plain.headers["etag"], packed.headers["etag"], f"W/{packed.headers['etag']}"):
                assert local.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert "content-encoding" not in local.post("/query", json={}, headers={"Accept-Encoding": "gzip"}).headers
    assert "content-encoding" not in local.get("/avatar/jane.png").headers


def test_a_kept_picture_is_found_as_jpg_too(local: httpx.Client) -> None:
    url = local.post("/query", json={"properties": {"variant": 9}}).json()["data"]["image_url"]

    as_jpg, as_jpeg = (patient.get(url.replace(".webp", ending)) for ending in (".jpg", ".jpeg"))

    assert as_jpg.headers["content-type"] == "image/jpeg"
    assert as_jpg.content == as_jpeg.content
    assert patient.get(url.replace("256", "80")).status_code == 422
