"""Who may what: every address, asked by everybody there is."""

import time
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.domain.signing import signed_query
from tests.conftest import Serve
from tests.support.api_keys import put_key
from tests.support.concurrency import Caller, different_faces
from tests.support.fake_provider import LoopbackProvider
from tests.support.service_runner import ThreadedService

TOKEN: Final = "planted-admin-token"
KEPT, *OTHERS = different_faces(20, seed=31)
CALLERS: Final = ("nobody", "wrong key", "revoked key", "other page", "good key", "admin")
NOT_THERE: Final = "0" * 32

Row = dict[str, int]
"""Each caller's status; where all get the same, that of ``everybody``."""

OPEN: Final[Row] = {"everybody": 200}
NEEDS_A_KEY: Final[Row] = {
    "nobody": 401,
    "wrong key": 403,
    "revoked key": 403,
    "other page": 403,
    "good key": 200,
    "admin": 403,
}
FOR_THE_ADMIN: Final[Row] = {"everybody": 403, "nobody": 401, "admin": 200}
NOT_THERE_FOR_THE_ADMIN: Final[Row] = FOR_THE_ADMIN | {"admin": 404}

TABLE: Final[list[tuple[str, str, Row]]] = [
    ("POST", "/query kept", OPEN),
    ("POST", "/query new", NEEDS_A_KEY),
    ("POST", "/query described", NEEDS_A_KEY),
    ("POST", "/query uncached", NEEDS_A_KEY),
    ("GET", "/images/{name}", OPEN),
    ("HEAD", "/images/{name}", OPEN),
    ("GET", "/avatar", OPEN),
    ("HEAD", "/avatar", OPEN),
    ("GET", "/avatar/jane.png", OPEN),
    ("HEAD", "/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346", OPEN),
    ("GET", "/features", OPEN),
    ("GET", "/healthz", OPEN),
    ("GET", "/readyz", OPEN),
    ("GET", "/docs", OPEN),
    ("GET", "/openapi.json", OPEN),
    ("GET", "/docs/assets/swagger-ui.css", OPEN),
    ("GET", "/faces", OPEN),
    ("GET", f"/faces/{NOT_THERE}", OPEN),
    ("GET", "/dashboard/data", FOR_THE_ADMIN),
    ("GET", "/stats", FOR_THE_ADMIN),
    ("GET", "/metrics", FOR_THE_ADMIN),
    ("DELETE", f"/admin/faces/{NOT_THERE}", NOT_THERE_FOR_THE_ADMIN),
    ("POST", f"/admin/faces/{NOT_THERE}/redraw", NOT_THERE_FOR_THE_ADMIN),
    ("DELETE", f"/admin/pictures/{NOT_THERE * 2}", NOT_THERE_FOR_THE_ADMIN),
    ("DELETE", "/admin/descriptions?older_than=30d", FOR_THE_ADMIN),
]
PICTURES: Final = ("/query", "/images/", "/avatar", "/faces")
SECURE: Final = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


@pytest.fixture
def callers(paid: dict[str, str]) -> dict[str, Caller]:
    """The headers by which each says who it is."""
    put_key(paid["DB_STRING"], "revoked", "planted-revoked-key", revoked=True)
    put_key(paid["DB_STRING"], "page", "planted-key-of-a-page", origins=("https://page.example",))
    keys = {
        "wrong key": "planted-but-wrong",
        "revoked key": "planted-revoked-key",
        "other page": "planted-key-of-a-page",
        "good key": "planted-key-that-is-good",
        "admin": TOKEN,
    }
    said = {name: {"Authorization": f"Bearer {key}"} for name, key in keys.items()}
    said["other page"]["Origin"] = "https://elsewhere.example"
    return {"nobody": {}, **said}


@pytest.fixture
def environment(paid: dict[str, str]) -> dict[str, str]:
    return {**paid, "AVATARS_ADMIN_TOKEN": TOKEN, "AVATARS_API_KEYS": "good:planted-key-that-is-good"}


def bodies(number: int) -> dict[str, dict[str, Any]]:
    return {
        "kept": KEPT,
        "new": OTHERS[number],
        "described": {"properties": {"description": f"a pirate, number {number}"}},
        "uncached": KEPT | {"disable_cache": True},
    }


def ask(service: ThreadedService, method: str, what: str, caller: Caller, number: int) -> httpx.Response:
    path, _, body = what.partition(" ")
    if body:
        return service.client.post(path, json=bodies(number)[body], headers=caller)
    headers = {"X-API-Key": "planted-key-that-is-good"}
    url = service.client.post("/query", json=KEPT, headers=headers).json()["data"]["image_url"]
    return service.client.request(method, path.replace("{name}", url.rpartition("/")[2]), headers=caller)


def expected(row: Row, caller: str) -> int:
    return row.get(caller, row.get("everybody", 0))


def test_each_may_what_it_should_and_nothing_else(
    serve: Serve, environment: dict[str, str], callers: dict[str, Caller], provider: LoopbackProvider
) -> None:
    service = serve(environment)
    service.client.post("/query", json=KEPT, headers=callers["good key"]).raise_for_status()

    seen = {
        (what, name): ask(service, method, f"{what}", caller, number)
        for number, (name, caller) in enumerate(callers.items())
        for method, what, _ in TABLE
    }

    wrong = {
        asked: answer.status_code
        for asked, answer in seen.items()
        if answer.status_code != next(expected(row, asked[1]) for _, what, row in TABLE if what == asked[0])
    }
    assert not wrong
    assert len(provider.calls) == 4
    for asked, answer in seen.items():
        assert SECURE.items() <= dict(answer.headers).items(), asked
        assert "content-security-policy" in answer.headers, asked
        assert "planted" not in answer.text, asked


def test_the_table_has_every_address(serve: Serve, environment: dict[str, str]) -> None:
    document = serve(environment).client.get("/openapi.json").json()

    known = {what.partition(" ")[0].partition("?")[0] for _, what, _ in TABLE}
    filled = {"image_hash": NOT_THERE, "digest": NOT_THERE * 2, "name": "{name}", "text": "jane.png"}
    assert {path.format(**filled) for path in document["paths"]} <= known


def test_where_nothing_is_public_no_picture_is_seen_without_a_key(
    serve: Serve, environment: dict[str, str], callers: dict[str, Caller]
) -> None:
    service = serve(environment, AVATARS_PRIVATE="on")
    service.client.post("/query", json=KEPT, headers=callers["good key"]).raise_for_status()

    for number, (name, caller) in enumerate(callers.items()):
        for method, what, row in TABLE:
            wanted = NEEDS_A_KEY if what.startswith(PICTURES) else row
            answer = ask(service, method, what, caller, number)
            assert answer.status_code == expected(wanted, name), (name, method, what)
            assert "public" not in answer.headers.get("cache-control", "") or not what.startswith(PICTURES)


def test_where_nothing_is_public_a_signed_address_is_its_own_leave(serve: Serve, environment: dict[str, str]) -> None:
    key = "planted-signing-key"
    client = serve(environment, AVATARS_PRIVATE="on", AVATARS_SIGNING_KEY=key).client
    tomorrow = round(time.time()) + 86_400
    query = signed_query([("mood", "official")], key, expires=tomorrow)

    assert client.get(f"/avatar?{query}").status_code == 200
    assert client.get(f"/avatar?{query[:-1]}x").status_code == 401
    assert client.get(f"/images/x.webp?{query}").status_code == 401


def test_what_is_refused_has_its_id_and_may_be_read_by_allowed_pages(serve: Serve, environment: dict[str, str]) -> None:
    client = serve(environment, AVATARS_PRIVATE="on", AVATARS_CORS_ORIGINS="https://page.example").client

    answer = client.post("/query", json=KEPT, headers={"Origin": "https://page.example", "X-Request-ID": "seen"})

    assert answer.status_code == 401
    assert answer.headers["X-Request-ID"] == "seen"
    assert answer.headers["Access-Control-Allow-Origin"] == "https://page.example"


def test_a_page_may_send_its_key_and_read_the_limit(serve: Serve, environment: dict[str, str]) -> None:
    asked = {
        "Origin": "https://page.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-api-key,traceparent,x-requested-with",
    }
    client = serve(environment, AVATARS_CORS_ORIGINS="https://page.example", AVATARS_RATE_LIMIT="1/day").client

    preflight = client.options("/query", headers=asked)
    refused = [client.post("/query", json=KEPT, headers={"Origin": "https://page.example"}) for _ in range(2)][-1]

    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Headers"] == asked["Access-Control-Request-Headers"]
    assert refused.status_code == 429
    readable = {name.strip().lower() for name in refused.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"etag", "link", "x-avatar-hash", "x-avatar-status", "x-avatar-reason", "x-avatar-signature"} <= readable
    told = {name for name in refused.headers if name.startswith(("ratelimit", "retry-", "x-request-", "x-avatar-"))}
    assert len(told) >= 7
    assert told <= readable


# --- hits, hosts and proxies ---


def test_hits_are_limited_apart_where_that_is_set(serve: Serve, environment: dict[str, str]) -> None:
    client = serve(environment, AVATARS_HIT_RATE_LIMIT="5/minute").client
    key = {"X-API-Key": "planted-key-that-is-good"}
    url = client.post("/query", json=KEPT, headers=key).json()["data"]["image_url"]

    pictures = [client.get(url) for _ in range(7)]
    hits = [client.post("/query", json=KEPT, headers=key).status_code for _ in range(6)]

    assert [answer.status_code for answer in pictures] == [200] * 5 + [429] * 2
    assert pictures[-1].json()["code"] == "too_many_requests"
    assert pictures[-1].headers["RateLimit-Policy"] == '"hit";q=5;w=60'
    assert hits == [200] * 4 + [429] * 2
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("host", "status"), [("faces.example", 200), ("a.b.example:8000", 200), ("evil.example", 400)])
def test_other_hosts_are_not_served(serve: Serve, environment: dict[str, str], host: str, status: int) -> None:
    client = serve(environment, AVATARS_ALLOWED_HOSTS="faces.example,*.b.example").client

    assert client.get("/features", headers={"Host": host}).status_code == status
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


FORWARDED: Final = {
    "X-Forwarded-For": "10.9.9.9, 203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "faces.example",
}


def test_a_trusted_proxy_is_believed(serve: Serve, environment: dict[str, str]) -> None:
    client = serve(environment, AVATARS_TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8", AVATARS_RATE_LIMIT="1/minute").client
    key = {"X-API-Key": "planted-key-that-is-good"}

    drawn = client.post("/query", json=KEPT, headers=FORWARDED | key).json()
    first, again = (client.post("/query", json=OTHERS[0], headers=FORWARDED) for _ in range(2))
    elsewhere = client.post("/query", json=OTHERS[0], headers=FORWARDED | {"X-Forwarded-For": "203.0.113.10"})
    lying = {"X-Forwarded-For": "203.0.113.11, 203.0.113.9, 10.1.1.1"}

    assert drawn["data"]["image_url"].startswith("https://faces.example/images/")
    assert [answer.status_code for answer in (first, again, elsewhere)] == [401, 429, 401]
    assert client.post("/query", json=OTHERS[0], headers=FORWARDED | lying).status_code == 429


def test_nobody_else_is(serve: Serve, environment: dict[str, str]) -> None:
    client = serve(environment, AVATARS_TRUSTED_PROXIES="10.0.0.0/8", AVATARS_RATE_LIMIT="1/minute").client
    key = {"X-API-Key": "planted-key-that-is-good"}

    drawn = client.post("/query", json=KEPT, headers=FORWARDED | key).json()
    answers = [client.post("/query", json=OTHERS[0], headers={"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(3)]

    assert drawn["data"]["image_url"].startswith("http://127.0.0.1:")
    assert [answer.status_code for answer in answers] == [401, 429, 429]


def test_without_a_token_a_proxy_on_the_same_machine_opens_nothing(serve: Serve, paid: dict[str, str]) -> None:
    direct, trusting = serve(paid).client, serve(paid, AVATARS_TRUSTED_PROXIES="127.0.0.1").client

    for client in (direct, trusting):
        assert client.get("/stats").status_code == 200
        assert client.get("/stats", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
        assert client.get("/stats", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


def test_a_key_in_a_web_page_is_limited_for_each_visitor(serve: Serve, environment: dict[str, str]) -> None:
    put_key(environment["DB_STRING"], "page", "planted-key-of-a-page", origins=("https://page.example",))
    client = serve(environment, AVATARS_TRUSTED_PROXIES="127.0.0.1", AVATARS_RATE_LIMIT="1/minute").client

    def status(face: int, address: str) -> int:
        said = {"X-API-Key": "planted-key-of-a-page", "Origin": "https://page.example", "X-Forwarded-For": address}
        return client.post("/query", json=OTHERS[face], headers=said).status_code

    assert [status(0, "203.0.113.1"), status(1, "203.0.113.1"), status(2, "203.0.113.2")] == [200, 429, 200]
    assert [status(3, "2001:db8::1"), status(4, "2001:db8::2"), status(5, "2001:db8:0:1::1")] == [200, 429, 200]


def test_an_address_that_is_too_long_is_refused(serve: Serve, environment: dict[str, str]) -> None:
    answer = serve(environment).client.get("/avatar", params={"mood": "a" * 9000})

    assert (answer.status_code, answer.json()["code"]) == (414, "address_too_long")
