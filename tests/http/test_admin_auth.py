"""The admin gate: who gets past it, and who does not."""

from base64 import b64encode

import httpx2
import pytest
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient

from avatars_as_a_service.access.guess_limits import GuessLimits
from avatars_as_a_service.access.rate_limits import MemoryCounters, RateLimiter
from avatars_as_a_service.web.admin_auth import AdminAuth
from avatars_as_a_service.web.requests.client import caller_network
from avatars_as_a_service.web.responses.error_responses import add_handlers

TOKEN = "the-right-token-of-the-operator"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def new_gate(token: str | None) -> AdminAuth:
    return AdminAuth(token, GuessLimits("admin token", own=RateLimiter(MemoryCounters()), shared=None, workers=1))


def guarded(token: str | None, *, peer: str = "127.0.0.1", host: str = "127.0.0.1:8000") -> TestClient:
    app = FastAPI()
    add_handlers(app)

    gate = new_gate(token)

    @app.get("/secret", dependencies=[Depends(gate.figures)])
    def secret() -> str:
        return "seen"

    @app.delete("/face", dependencies=[Depends(gate.changes)])
    def face() -> str:
        return "gone"

    return TestClient(app, base_url=f"http://{host}", client=(peer, 4711))


def told(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_without_a_token_the_machine_itself_may(peer: str) -> None:
    assert told(guarded(None, peer=peer).get("/secret")) == (200, "")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "avatars", "10.0.0.7:80"])
def test_without_a_token_by_an_address_or_a_plain_name(host: str) -> None:
    assert told(guarded(None, host=host).get("/secret")) == (200, "")


@pytest.mark.parametrize("peer", ["10.0.0.7", "203.0.113.9", "fd00::1", "testclient", ""])
def test_without_a_token_nobody_else_may(peer: str) -> None:
    assert told(guarded(None, peer=peer).get("/secret")) == (403, "admin_from_loopback_only")


@pytest.mark.parametrize(
    "header",
    [
        "CDN-Loop",
        "CF-Connecting-IP",
        "Forwarded",
        "True-Client-IP",
        "Via",
        "X-Envoy-External-Address",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Proto",
        "X-Forwarded-Server",
        "X-Real-IP",
    ],
)
def test_without_a_token_not_through_a_proxy_whatever_it_says(header: str) -> None:
    answer = guarded(None).get("/secret", headers={header: "127.0.0.1"})

    assert told(answer) == (403, "admin_from_loopback_only")


def test_without_a_token_not_by_a_name_that_a_stranger_s_page_points_here() -> None:
    answer = guarded(None, host="rebound.example:8000").get("/secret")

    assert told(answer) == (403, "admin_from_loopback_only")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize("token", [TOKEN, None])
def test_a_page_of_another_origin_may_not_ask(headers: dict[str, str], token: str | None) -> None:
    assert told(guarded(token).get("/secret", headers=headers | BEARER)) == (403, "foreign_page")


def test_a_page_of_its_own_may_and_a_link_from_elsewhere_opens() -> None:
    client = guarded(TOKEN)

    for headers in (
        {"Origin": "http://127.0.0.1:8000"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ):
        assert told(client.get("/secret", headers=headers | BEARER)) == (200, "")


@pytest.mark.parametrize(
    "authorization", [f"Bearer {TOKEN}", f"bearer  {TOKEN} ", f"Basic {b64encode(b'a:' + TOKEN.encode()).decode()}"]
)
def test_the_token_opens_from_anywhere(authorization: str) -> None:
    answer = guarded(TOKEN, peer="203.0.113.9").get("/secret", headers={"Authorization": authorization})

    assert told(answer) == (200, "")


def test_where_there_is_a_token_the_machine_itself_needs_it_too() -> None:
    assert told(guarded(TOKEN).get("/secret")) == (401, "admin_token_needed")


@pytest.mark.parametrize(
    "authorization", [f"Bearer {TOKEN}x", "Bearer", f"Bearer {TOKEN[:-1]}", "Basic ", "Basic !!", "Basic YTpi"]
)
def test_a_wrong_token_does_not(authorization: str) -> None:
    answer = guarded(TOKEN).get("/secret", headers={"Authorization": authorization})

    assert told(answer) == (403, "admin_token_wrong")
    assert TOKEN not in answer.text


def test_a_browser_that_opens_a_page_asks_its_user_and_no_other_client_is_interrupted() -> None:
    client = guarded(TOKEN)

    opened = client.get("/secret", headers={"Sec-Fetch-Mode": "navigate"})
    fetched = client.get("/secret", headers={"Sec-Fetch-Mode": "cors"})

    assert opened.headers["WWW-Authenticate"].startswith("Basic ")
    assert fetched.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
@pytest.mark.parametrize(
    "headers", [{}, BEARER, {"X-Forwarded-For": "203.0.113.9"}, {"Origin": "https://evil.example"}]
)
def test_without_a_token_nobody_changes_anything(peer: str, headers: dict[str, str]) -> None:
    answer = guarded(None, peer=peer).delete("/face", headers=headers)

    assert told(answer) == (403, "admin_not_configured")
    assert "AVATARS_ADMIN_TOKEN" in answer.json()["detail"]


def test_with_the_token_the_operator_changes_what_is_kept() -> None:
    client = guarded(TOKEN, peer="203.0.113.9")

    assert told(client.delete("/face")) == (401, "admin_token_needed")
    assert told(client.delete("/face", headers=BEARER)) == (200, "")


def test_who_has_sent_the_right_token_before_goes_on_whatever_else_comes_from_there() -> None:
    client = guarded(TOKEN)
    client.get("/secret", headers=BEARER).raise_for_status()

    for n in range(40):
        client.get("/secret", headers={"Authorization": f"Bearer {n}"})

    assert told(client.get("/secret", headers={"Authorization": "Bearer 41"})) == (429, "too_many_failures")
    assert told(client.get("/secret", headers=BEARER)) == (200, "")


def test_guesses_from_one_address_are_limited_the_right_one_included() -> None:
    client = guarded(TOKEN)

    answers = [client.get("/secret", headers={"Authorization": f"Bearer {n}"}) for n in range(40)]
    right = client.get("/secret", headers=BEARER)

    assert [told(answer) for answer in answers] == [(403, "admin_token_wrong")] * 30 + [(429, "too_many_failures")] * 10
    assert told(right) == (429, "too_many_failures")
    assert 1 <= int(right.headers["Retry-After"]) <= 60


def test_guesses_elsewhere_do_not_keep_the_operator_out() -> None:
    app = FastAPI(dependencies=[Depends(new_gate(TOKEN).figures)])
    add_handlers(app)
    app.get("/secret")(lambda: "seen")
    guesser, operator = (TestClient(app, client=(peer, 1)) for peer in ("203.0.113.9", "203.0.113.10"))

    for n in range(40):
        guesser.get("/secret", headers={"Authorization": f"Bearer {n}"})

    assert told(operator.get("/secret", headers=BEARER)) == (200, "")


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_client_is_counted_by_its_address_of_ipv6_by_its_network(address: str, counted_as: str) -> None:
    assert caller_network(address) == counted_as
