"""``POST /query``: what it takes, what it refuses and in which words, and what reaches the cache."""

import json
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import create_engine, text

from avatars_as_a_service.storage.database_url import database_url
from tests.conftest import Serve
from tests.support import patient
from tests.support.addresses import original
from tests.support.databases import on_every_database
from tests.support.fake_provider import LoopbackProvider, Mode

JSON: Final = {"Content-Type": "application/json"}
MOST_BYTES: Final = 64 * 1024
OFFICIAL: Final[dict[str, Any]] = {
    "skin_tone": "fair",
    "head_shape": "oval",
    "eye_color": "blue",
    "smile_type": "closed-lip",
    "nose_type": "button",
    "glasses": True,
    "mood": "official",
}
DESCRIPTIONS: Final = [
    "x",
    "x" * 1000,
    "🧙" * 1000,
    "a 👩‍👩‍👧‍👦 wizard",
    "Ünïcödé ﷽ \u202e",
    'say "no" \\ {braces} %s',
    "two\nlines\tand more",
    "two\r\nlines",
]


# --- what is accepted ---


@pytest.mark.parametrize(
    "properties",
    [
        OFFICIAL,
        {name: value.upper() if isinstance(value, str) else value for name, value in OFFICIAL.items()},
        OFFICIAL | {"smile_type": "CLOSED_LIP"},
        OFFICIAL | {"smile_type": "Closed_Lip", "mood": "Official"},
        OFFICIAL | {"variant": 0, "description": None},
        OFFICIAL | {"variant": None, "description": "  \n\t "},
        dict(reversed(OFFICIAL.items())),
        OFFICIAL | {"glasses": "true"},
        OFFICIAL | {"glasses": "TRUE"},
        OFFICIAL | {"glasses": 1},
    ],
)
def test_a_face_is_the_same_however_it_is_written(local: httpx.Client, properties: dict[str, Any]) -> None:
    answer = local.post("/query", json={"properties": properties})

    assert answer.status_code == 200
    assert answer.json()["data"]["image_hash"] == "8876e7f4577a899073c2c1b791a5c72a"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"properties": None},
        {"properties": {}},
        {"properties": {"mood": None, "glasses": None, "variant": None, "eye_color": None, "description": None}},
        {"properties": {"mood": "fun", "glasses": False, "variant": 0}},
        {"properties": {"glasses": "false"}, "disable_cache": "False"},
        {"properties": {"glasses": 0}, "disable_cache": 0, "seed": None},
        {"properties": {"description": ""}, "disable_cache": None},
    ],
)
def test_what_is_left_out_null_or_stated_as_it_is_anyway_is_the_same(local: httpx.Client, body: dict[str, Any]) -> None:
    answer = local.post("/query", json=body)

    assert answer.json()["data"]["image_hash"] == "94bb93a58a364062676714f442e401e0"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON;charset=UTF-8",
        "application/json ;a=b",
        "application/vnd.api+json",
        "application/ld+json; profile=x",
    ],
)
def test_a_charset_another_case_or_a_suffix_is_still_json(local: httpx.Client, content_type: str) -> None:
    assert local.post("/query", content=b"{}", headers={"Content-Type": content_type}).status_code == 200


def test_of_a_name_that_comes_twice_the_last_counts(local: httpx.Client) -> None:
    twice = local.post("/query", content=b'{"properties":{"mood":"fun","mood":"official"}}', headers=JSON)
    once = local.post("/query", json={"properties": {"mood": "official"}})

    assert twice.json()["data"] == once.json()["data"]


@pytest.mark.parametrize("variant", [0, 1, 99])
def test_a_variant_within_bounds_is_drawn(local: httpx.Client, variant: int) -> None:
    assert local.post("/query", json={"properties": {"variant": variant}}).status_code == 200


def test_another_variant_is_another_face(local: httpx.Client) -> None:
    answers = [local.post("/query", json={"properties": {"variant": variant}}).json() for variant in (0, 1, 2)]

    assert len({answer["data"]["image_hash"] for answer in answers}) == 3
    assert len({answer["data"]["image_url"] for answer in answers}) == 3


@pytest.mark.parametrize("seed", ["user-17", "", "é", "a b&c=d"])
@pytest.mark.parametrize("given", [{}, {"mood": "official", "glasses": False, "eye_color": None}])
def test_a_seed_picks_what_is_not_given_as_for_an_avatar(
    local: httpx.Client, seed: str, given: dict[str, str | bool | None]
) -> None:
    seeded = local.post("/query", json={"seed": seed, "properties": given}).json()
    parameters = {name: str(value).lower() for name, value in given.items() if value is not None}

    embedded = local.get("/avatar", params={"seed": seed, "size": "256", "format": "webp", **parameters})

    assert embedded.headers["x-avatar-status"] == "kept"
    assert embedded.content == local.get(seeded["data"]["image_url"]).content


def test_a_seed_is_any_text_however_it_is_composed(local: httpx.Client) -> None:
    seeds = ["", "e\u0301" * 256, "\u00e9" * 256, None]

    hashes = [local.post("/query", json={"seed": seed}).json()["data"]["image_hash"] for seed in seeds]

    assert hashes[1] == hashes[2]
    assert len({*hashes}) == 3


# --- what is refused ---


@pytest.mark.parametrize(
    ("properties", "named", "allowed"),
    [
        ({"skin_tone": "green"}, "skin_tone", ["fair", "medium", "dark"]),
        ({"head_shape": "egg"}, "head_shape", ["oval", "round", "square", "heart", "triangular"]),
        ({"eye_color": "red"}, "eye_color", ["brown", "blue", "amber", "hazel", "green", "grey"]),
        ({"nose_type": 5}, "nose_type", ["straight", "roman", "button", "snub", "wide", "narrow"]),
        ({"smile_type": ""}, "smile_type", ["wide", "full", "closed-lip", "open-lip", "teeth-baring", "smirk"]),
        ({"mood": ["fun"]}, "mood", ["fun", "official"]),
        ({"beard": "full"}, "beard", ["skin_tone", "head_shape", "mood", "variant", "description"]),
        ({"Mood": "fun"}, "Mood", ["mood"]),
        ({"variant": -1}, "variant", ["integer", "0", "99"]),
        ({"variant": 100}, "variant", ["integer", "0", "99"]),
        ({"variant": True}, "variant", ["integer", "0", "99"]),
        ({"variant": 1.0}, "variant", ["integer", "0", "99"]),
        ({"variant": "1"}, "variant", ["integer", "0", "99"]),
        ({"variant": 10**30}, "variant", ["integer", "0", "99"]),
        ({"glasses": "yes"}, "glasses", ["boolean", "true or false"]),
        ({"glasses": 2}, "glasses", ["boolean", "true or false"]),
        ({"glasses": 1.0}, "glasses", ["boolean", "true or false"]),
        ({"seed": "jane"}, "seed", ["beside properties"]),
        ({"description": 5}, "description", ["string"]),
        ({"description": "x" * 1001}, "description", ["1000"]),
    ],
)
def test_an_unknown_field_or_value_is_named_with_what_is_allowed(
    local: httpx.Client, properties: dict[str, Any], named: str, allowed: list[str]
) -> None:
    answer = local.post("/query", json={"properties": properties})

    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem["loc"] == ["body", "properties", named]
    assert not [word for word in allowed if word not in problem["msg"]]


@pytest.mark.parametrize(
    ("body", "named", "told"),
    [
        ({"propertys": {}}, "propertys", "allowed are properties, seed, disable_cache"),
        ({"mood": "fun"}, "mood", 'inside properties: {"properties": {"mood": …}}'),
        ({"description": "a knight"}, "description", 'inside properties: {"properties": {"description": …}}'),
        ({"disable_cache": "yes"}, "disable_cache", "true or false"),
        ({"seed": 17}, "seed", "string"),
        ({"seed": "x" * 257}, "seed", "256 characters"),
        ({"seed": "e\u0301" * 257}, "seed", "256 characters"),
    ],
)
def test_a_wrong_field_beside_the_properties_is_named(
    local: httpx.Client, body: dict[str, Any], named: str, told: str
) -> None:
    answer = local.post("/query", json=body)

    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem["loc"] == ["body", named]
    assert told in problem["msg"]


def test_all_that_is_wrong_is_said_at_once(local: httpx.Client) -> None:
    answer = local.post("/query", json={"properties": {"mood": "sad", "glasses": "no", "hat": True}, "x": 1})

    assert {problem["loc"][-1] for problem in answer.json()["detail"]} == {"mood", "glasses", "hat", "x"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"null",
        b"[]",
        b'"face"',
        b"7",
        b"\xff\xfe{}",
        b'{"properties":{"mood":"\xff"}}',
        b'{"properties":{"mood":"\\ud800"}}',
        b'{"properties":{"description":"\\ud800"}}',
        b'{"properties":{"\\udfff":1}}',
        b'{"properties":{"variant":NaN}}',
        b'{"properties":{"variant":-Infinity}}',
        b'{"properties":{"variant":1e999}}',
        b'{"properties":{"variant":' + b"9" * 5000 + b"}}",
        b'{"properties":{"description":"a\\u0000b"}}',
        b'{"properties":{"description":"a\\u001bb"}}',
        b'{"properties":{"description":"a\x00b"}}',
        b"[" * 60_000,
        b'{"properties":' * 4_000,
        b'{"properties":{"mood":' + b"[" * 1000 + b"]" * 1000 + b"}}",
        "{}".encode("utf-16"),
        b"{} {}",
    ],
    ids=range(24),
)
def test_what_cannot_be_read_is_bad_input_and_never_an_error_of_ours(local: httpx.Client, body: bytes) -> None:
    answer = local.post("/query", content=body, headers=JSON)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["detail"][0]["loc"][0] == "body"


def test_an_answer_to_bad_input_is_never_much_longer_than_the_input(local: httpx.Client) -> None:
    many = {f"f{number}": 1 for number in range(4_500)}

    answer = local.post("/query", json={"properties": many})

    assert answer.status_code == 422
    assert len(answer.content) < MOST_BYTES


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "text/json", "json", "application/+json"]
)
def test_a_body_that_is_not_said_to_be_json_is_turned_away(local: httpx.Client, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    answer = local.post("/query", content=b"{}", headers=headers)

    assert answer.status_code == 415
    assert answer.json()["code"] == "not_json"
    assert "application/json" in answer.json()["detail"]


def test_a_body_of_exactly_64_kib_is_read(local: httpx.Client) -> None:
    assert local.post("/query", content=b"{}".ljust(MOST_BYTES), headers=JSON).status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MOST_BYTES + 1, 16 * MOST_BYTES])
def test_a_larger_body_is_refused_however_it_is_sent(local: httpx.Client, *, size: int, chunked: bool) -> None:
    body = b"{}".ljust(size)
    content = iter([body[:MOST_BYTES], body[MOST_BYTES:]]) if chunked else body

    answer = local.post("/query", content=content, headers=JSON)

    assert answer.status_code == 413
    assert answer.json() == {
        "detail": "The body is larger than 65536 bytes. Send a smaller one.",
        "code": "body_too_large",
    }
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/query", 405, "method_not_allowed"),
        ("DELETE", "/features", 405, "method_not_allowed"),
        ("GET", "/images/nothing", 404, "picture_not_found"),
        ("GET", "/avatar/?seed=jane", 404, "not_found"),
        ("GET", "/query/", 405, "method_not_allowed"),
    ],
)
def test_every_other_error_has_words_and_a_code(
    local: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    answer = local.request(method, path)

    assert answer.status_code == status
    assert answer.json().keys() == {"detail", "code"}
    assert answer.json()["code"] == code
    assert answer.json()["detail"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", [b"[::1", b"a b", b"x:abc", b"", b'"><script>', b"\xe4"], ids=range(6))
def test_a_host_that_cannot_be_one_is_no_error(local: httpx.Client, host: bytes) -> None:
    answer = local.post("/query", json={}, headers=[(b"Host", host)])

    assert answer.status_code in {200, 400}


# --- descriptions ---


def test_a_description_is_paid_for_each_time_and_never_kept_as_a_face(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    body = {"properties": OFFICIAL | {"description": "  a very old wizard\n"}}

    first, second = (service.client.post("/query", json=body).json() for _ in range(2))

    assert [call.body["prompt"] for call in provider.calls] == ["a very old wizard"] * 2
    assert first["prompt"] == "a very old wizard"
    assert (first["data"]["image_hash"], first["cache_hit"], first["provisional"]) == ("", False, False)
    assert first["cost_usd"] > 0
    assert first["data"]["image_url"] != second["data"]["image_url"]
    assert patient.get(first["data"]["image_url"]).headers["content-type"] == "image/webp"
    assert service.client.get("/stats").json()["faces"] == 0


def test_a_description_does_not_see_the_kept_face(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    kept = service.client.post("/query", json={"properties": OFFICIAL}).json()

    described = service.client.post("/query", json={"properties": OFFICIAL | {"description": "a wizard"}}).json()
    again = service.client.post("/query", json={"properties": OFFICIAL}).json()

    assert not described["cache_hit"]
    assert again["cache_hit"]
    assert again["data"] == kept["data"] != described["data"]
    assert len(provider.calls) == 2


def test_a_description_reaches_the_model_as_it_was_written(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)

    answers = [service.client.post("/query", json={"properties": {"description": each}}) for each in DESCRIPTIONS]

    assert [answer.status_code for answer in answers] == [200] * len(DESCRIPTIONS)
    assert [answer.json()["prompt"] for answer in answers] == DESCRIPTIONS
    assert [call.body["prompt"] for call in provider.calls] == DESCRIPTIONS


def test_a_description_needs_a_model(database: str, serve: Serve) -> None:
    service = serve({"DB_STRING": database})

    answer = service.client.post("/query", json={"properties": {"description": "a wizard"}})

    assert answer.status_code == 503
    assert answer.json()["code"] == "description_needs_a_model"
    assert "OPENAI_API_KEY" in answer.json()["detail"]
    assert service.client.get("/stats").json()["faces"] == 0


# --- the cache ---


def test_a_face_drawn_past_the_cache_leaves_it_as_it_was(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    kept = service.client.post("/query", json={"properties": OFFICIAL}).json()

    anew = service.client.post("/query", json={"properties": OFFICIAL, "disable_cache": True}).json()
    again = service.client.post("/query", json={"properties": OFFICIAL}).json()

    assert (anew["cache_hit"], again["cache_hit"]) == (False, True)
    assert anew["data"]["image_hash"] == kept["data"]["image_hash"]
    assert anew["data"]["image_url"] != kept["data"]["image_url"]
    assert anew["cost_usd"] > 0
    assert again["data"] == kept["data"]
    assert len(provider.calls) == 2


def test_a_face_drawn_past_the_cache_is_not_kept_as_the_face(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid)
    anew = service.client.post("/query", json={"disable_cache": True}).json()

    first = service.client.post("/query", json={}).json()

    assert not first["cache_hit"]
    assert first["data"]["image_hash"] == anew["data"]["image_hash"]
    assert first["data"]["image_url"] != anew["data"]["image_url"]
    assert patient.get(anew["data"]["image_url"]).status_code == 200
    assert len(provider.calls) == 2


def test_neither_another_model_nor_quality_nor_prompt_bills_a_kept_face_again(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    first = serve(paid).client.post("/query", json={"properties": OFFICIAL}).json()
    _run(paid["DB_STRING"], "UPDATE avatars SET prompt_version = 0, prompt = 'an older prompt'")

    later = serve(paid, AVATARS_MODEL="gpt-image-2", AVATARS_QUALITY="high", AVATARS_SIZE="1536x1024")
    again = later.client.post("/query", json={"properties": OFFICIAL}).json()

    assert again["cache_hit"]
    assert again["data"]["image_hash"] == first["data"]["image_hash"]
    assert again["data"]["image_url"].rpartition("/")[2] == first["data"]["image_url"].rpartition("/")[2]
    assert again["cost_usd"] == 0
    assert again["prompt"] == "an older prompt"
    assert len(provider.calls) == 1


def test_another_edition_draws_anew_and_the_old_one_is_still_there(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    first = serve(paid).client.post("/query", json={"properties": OFFICIAL}).json()

    other = serve(paid, AVATARS_EDITION="2").client.post("/query", json={"properties": OFFICIAL}).json()
    back = serve(paid, AVATARS_EDITION="1").client.post("/query", json={"properties": OFFICIAL}).json()

    assert [answer["cache_hit"] for answer in (first, other, back)] == [False, False, True]
    assert other["data"]["image_hash"] != first["data"]["image_hash"] == back["data"]["image_hash"]
    assert len(provider.calls) == 2


def test_the_local_artist_s_faces_are_kept_like_any_others_and_cost_nothing(database: str, serve: Serve) -> None:
    service = serve({"DB_STRING": database})

    first, second = (service.client.post("/query", json={"properties": {"variant": 3}}).json() for _ in range(2))
    restarted = serve({"DB_STRING": database}).client.post("/query", json={"properties": {"variant": 3}}).json()

    answers = (first, second, restarted)
    assert [answer["cache_hit"] for answer in answers] == [False, True, True]
    assert {answer["data"]["image_hash"] for answer in answers} == {"528cd05c135c3fe3da3f332d7f14c786"}
    assert {(answer["cost_usd"], answer["provisional"]) for answer in answers} == {(0, False)}
    picture = patient.get(original(restarted["data"]["image_url"], "svg"))
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")


def test_the_local_artist_s_faces_do_not_stand_for_the_model_s(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    drawn_here = serve({"DB_STRING": paid["DB_STRING"]}).client.post("/query", json={}).json()

    drawn_by_model = serve(paid).client.post("/query", json={}).json()

    assert not drawn_by_model["cache_hit"]
    assert drawn_by_model["data"]["image_hash"] != drawn_here["data"]["image_hash"]
    assert len(provider.calls) == 1


def test_an_error_of_the_provider_has_words_and_a_code(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    provider.mode = Mode.NOT_A_PICTURE
    service = serve(paid, AVATARS_STAND_IN="off")

    answer = service.client.post("/query", json={})

    assert answer.status_code == 502
    assert answer.json().keys() == {"detail", "code"}
    assert answer.json()["code"] == "provider_bad_answer"
    assert int(answer.headers["retry-after"]) >= 1
    assert service.client.get("/stats").json()["faces"] == 0


@on_every_database
def test_a_row_that_cannot_be_read_is_an_error_that_can_be_found_in_the_log(paid: dict[str, str], serve: Serve) -> None:
    serve(paid).client.post("/query", json={})
    _run(paid["DB_STRING"], "UPDATE avatars SET mood = 'sad', features = NULL")

    answer = serve(paid).client.post("/query", json={}, headers={"X-Request-ID": "look-here"})

    assert answer.status_code == 500
    assert answer.json().keys() == {"detail", "code"}
    assert answer.json()["code"] == "internal_error"
    assert answer.headers["x-request-id"] == "look-here"


def _run(address: str, statement: str) -> None:
    engine = create_engine(database_url(address))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_the_answer_has_the_published_form(paid: dict[str, str], serve: Serve) -> None:
    answer = serve(paid).client.post("/query", json={"properties": OFFICIAL})

    body = json.loads(answer.text)
    assert [*body] == ["data", "cache_hit", "prompt", "provisional", "cost_usd", "reason", "status_url"]
    assert (body["reason"], body["status_url"]) == (None, None)
    assert body["data"].keys() == {"image_hash", "image_url"}
    assert [type(body[name]) for name in ("cache_hit", "prompt", "provisional", "cost_usd")] == [bool, str, bool, float]
    assert body["data"]["image_url"].startswith("http://127.0.0.1:")
    assert answer.headers["cache-control"] == "no-store"
