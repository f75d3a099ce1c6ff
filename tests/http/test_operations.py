"""What who runs or embeds the service relies on: health, the form's features, the OpenAPI page, CORS, request ids."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from avatars_as_a_service.domain.features import OPTIONAL_VALUES
from tests.conftest import Serve
from tests.support.service_runner import new_service

Json = dict[str, Any]
SHOP: Final = "https://shop.example"
ERRORS_OF_QUERY: Final = {
    "400": {"host_not_allowed"},
    "401": {"api_key_needed"},
    "403": {"api_key_wrong", "api_key_revoked", "origin_not_allowed"},
    "413": {"body_too_large"},
    "414": {"address_too_long"},
    "415": {"not_json"},
    "422": {"conflicting_features", "refused", "flagged", "idempotency_key_reused", "idempotency_key_invalid"},
    "429": {"too_many_requests"},
    "502": {"provider_bad_answer"},
    "503": {
        "budget_exhausted",
        "busy",
        "database_unavailable",
        "description_needs_a_model",
        "limits_unavailable",
        "moderation_unavailable",
        "provider_quota",
        "provider_unavailable",
        "shutting_down",
        "storage_unavailable",
    },
    "504": {"provider_timeout"},
}


@pytest.fixture(scope="module")
def local(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one service without a key, whose pages may be called from a shop."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DB_STRING", shared_database)
        patch.setenv("AVATARS_SPOOL", f"{folder}/spool")
        patch.setenv("AVATARS_CORS_ORIGINS", f"https://other.example, {SHOP}/")
        service = new_service().start()
    yield service.client
    service.stop()


@pytest.fixture(scope="module")
def document(local: httpx.Client) -> Json:
    """The OpenAPI document."""
    loaded: Json = local.get("/openapi.json").json()
    return loaded


# --- health ---


def test_it_is_alive_and_ready(database: str, serve: Serve) -> None:
    service = serve({"DB_STRING": database})

    assert service.client.get("/healthz").json() == {"status": "alive"}
    ready = service.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    assert ready.headers["cache-control"] == "no-store"


def test_a_form_can_be_built_from_the_features(local: httpx.Client) -> None:
    told = local.get("/features").json()

    features = {feature["name"]: feature for feature in told["features"]}
    assert {name: feature["values"] for name, feature in features.items()} == {
        "mood": ["fun", "official"],
        "head_shape": ["oval", "round", "square", "heart", "triangular"],
        "skin_tone": ["fair", "medium", "dark"],
        "smile_type": ["wide", "full", "closed-lip", "open-lip", "teeth-baring", "smirk"],
        "nose_type": ["straight", "roman", "button", "snub", "wide", "narrow"],
        "eye_color": ["brown", "blue", "amber", "hazel", "green", "grey"],
        "glasses": [False, True],
        **{name: list(values) for name, values in OPTIONAL_VALUES.items()},
    }
    assert {name: feature["default"] for name, feature in features.items() if feature["default"] is not None} == {
        "mood": "fun",
        "glasses": False,
    }
    assert all(feature["description"] for feature in features.values())
    assert (told["max_variant"], told["max_description"]) == (99, 1000)


def test_every_value_of_the_form_is_accepted(local: httpx.Client) -> None:
    features = local.get("/features").json()["features"]
    wanted = [{feature["name"]: value} for feature in features for value in feature["values"]]

    answers = [local.post("/query", json={"properties": properties}) for properties in wanted]

    assert {answer.status_code for answer in answers} == {200}


# --- the OpenAPI document and its page ---


def test_every_property_of_every_body_has_a_description_and_an_example(document: Json) -> None:
    lacking = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
        if not said.get("description") or not (said.get("examples") or "example" in said)
    ]

    assert not lacking


def test_every_body_has_a_description(document: Json) -> None:
    assert not [name for name, schema in document["components"]["schemas"].items() if not schema.get("description")]


def test_every_parameter_has_a_description(document: Json) -> None:
    parameters = [parameter for operation in _operations(document) for parameter in operation.get("parameters", [])]

    assert parameters
    assert not [parameter["name"] for parameter in parameters if not parameter.get("description")]


def test_every_error_of_a_query_is_described_with_an_example(document: Json) -> None:
    answers = document["paths"]["/query"]["post"]["responses"]

    assert answers.keys() - {"200", "202"} == ERRORS_OF_QUERY.keys()
    for status, codes in ERRORS_OF_QUERY.items():
        examples = answers[status]["content"]["application/json"]["examples"]
        assert codes <= examples.keys()
        for code in codes:
            assert code in answers[status]["description"]
            assert examples[code]["value"]["code"] == code
            assert examples[code]["value"]["detail"]


def test_bad_input_is_shown_in_the_form_that_it_has(local: httpx.Client, document: Json) -> None:
    told = local.post("/query", json={"properties": {"mood": "sad"}}).json()

    answer = document["paths"]["/query"]["post"]["responses"]["422"]["content"]["application/json"]
    (shown,) = [
        example["value"] for example in answer["examples"].values() if not isinstance(example["value"]["detail"], str)
    ]
    assert shown.keys() == told.keys()
    assert shown["detail"][0].keys() == told["detail"][0].keys()


def test_every_answer_says_what_it_is_for(document: Json) -> None:
    for operation in _operations(document):
        assert operation["summary"]
        for status, answer in operation["responses"].items():
            assert answer["description"] != "Successful Response", (operation["operationId"], status)


def test_no_two_operations_share_an_id(document: Json) -> None:
    ids = [operation["operationId"] for operation in _operations(document)]

    assert len(ids) == len(set(ids))


def test_each_example_of_a_query_is_one_that_works(local: httpx.Client, document: Json) -> None:
    examples = document["paths"]["/query"]["post"]["requestBody"]["content"]["application/json"]["examples"]

    answers = {name: local.post("/query", json=example["value"]) for name, example in examples.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(examples, 200) | {
        "description": 503  # the local artist draws no descriptions
    }


def test_every_reference_in_the_document_leads_somewhere(document: Json) -> None:
    references = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", repr(document)))

    assert references
    assert references <= document["components"]["schemas"].keys()


class Links(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attributes if name in {"src", "href"} and value]


def test_the_page_loads_everything_from_us(local: httpx.Client) -> None:
    page = local.get("/docs")
    links = Links()
    links.feed(page.text)

    assert page.status_code == 200
    assert len(links.found) >= 3
    assert not re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page.text)
    for address in links.found:
        assert local.get(f"/{address}").status_code == 200, address


def test_nothing_but_its_files_is_served_beside_the_page(local: httpx.Client) -> None:
    for name in ("", "..%2f__init__.py", "%2e%2e/__init__.py", "nothing.js"):
        assert local.get(f"/docs/assets/{name}").status_code == 404


# --- CORS ---


@pytest.mark.parametrize("origin", [SHOP, "https://other.example"])
def test_an_allowed_page_may_read_the_answer(local: httpx.Client, origin: str) -> None:
    answer = local.post("/query", json={}, headers={"Origin": origin})

    assert answer.headers["access-control-allow-origin"] == origin
    assert "origin" in answer.headers["vary"].lower()
    assert "x-request-id" in answer.headers["access-control-expose-headers"].lower()


def test_an_allowed_page_may_read_an_error_too(local: httpx.Client) -> None:
    answers = [
        local.post("/query", json={"x": 1}, headers={"Origin": SHOP}),
        local.post("/query", content=b" " * 70_000, headers={"Origin": SHOP, "Content-Type": "application/json"}),
        local.get("/nowhere", headers={"Origin": SHOP}),
    ]

    assert [answer.status_code for answer in answers] == [422, 413, 404]
    assert {answer.headers.get("access-control-allow-origin") for answer in answers} == {SHOP}


@pytest.mark.parametrize("origin", ["https://evil.example", "http://shop.example", f"{SHOP}.evil.example", "null"])
def test_another_page_may_not(local: httpx.Client, origin: str) -> None:
    answer = local.post("/query", json={}, headers={"Origin": origin})

    assert "access-control-allow-origin" not in answer.headers


def test_a_browser_may_ask_first(local: httpx.Client) -> None:
    asks = {"Origin": SHOP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}

    allowed = local.options("/query", headers=asks)
    refused = local.options("/query", headers=asks | {"Origin": "https://evil.example"})

    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == SHOP
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert "content-type" in allowed.headers["access-control-allow-headers"].lower()
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


def test_no_page_of_another_origin_may_call_unless_that_is_set(tmp_path: Path, serve: Serve) -> None:
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/x.db"})

    answer = service.client.post("/query", json={}, headers={"Origin": SHOP})

    assert "access-control-allow-origin" not in answer.headers


def test_a_star_allows_every_page(tmp_path: Path, serve: Serve) -> None:
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/x.db"}, AVATARS_CORS_ORIGINS="*")

    answer = service.client.post("/query", json={}, headers={"Origin": "https://any.example"})

    assert answer.headers["access-control-allow-origin"] == "*"


# --- request ids ---


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/avatar", "/docs", "/images/x"])
def test_every_answer_has_a_request_id_of_its_own(local: httpx.Client, path: str) -> None:
    ids = [local.get(path).headers["x-request-id"] for _ in range(3)]

    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[\w.-]{8,64}", each) for each in ids)


def test_a_client_s_own_request_id_is_given_back(local: httpx.Client) -> None:
    for given in ("abc-123", "A.b_c", "x" * 64):
        assert local.post("/query", json={}, headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", [b"", b"a b", b"x" * 65, b"a/b", b"<script>", b"\xe4", b'"', b"a;b"], ids=range(8))
def test_a_request_id_that_is_none_is_replaced(local: httpx.Client, given: bytes) -> None:
    answer = local.get("/healthz", headers=[(b"X-Request-ID", given)])

    assert answer.headers["x-request-id"].encode() != given
    assert re.fullmatch(r"[\w.-]{8,64}", answer.headers["x-request-id"])


def _operations(document: Json) -> list[Json]:
    return [operation for path in document["paths"].values() for operation in path.values()]
