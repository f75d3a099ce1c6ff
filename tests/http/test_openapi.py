"""The OpenAPI document: what generators of clients and `/docs` need to know."""

from typing import Any, Final

import httpx
import pytest

from tests.conftest import Serve

Json = dict[str, Any]
KEY: Final[list[Json]] = [{}, {"ApiKey": []}, {"ApiKeyHeader": []}]
ADMIN: Final[list[Json]] = [{"AdminToken": []}]
SECURITY: Final[Json] = {
    "query": KEY,
    "list_faces": KEY,
    "face_state": KEY,
    "image": KEY,
    "avatar": KEY,
    "features": [],
    "healthz": [],
    "readyz": [],
    "stats": ADMIN,
    "metrics_page": ADMIN,
    "dashboard_data": ADMIN,
    "purge_face": ADMIN,
    "purge_picture": ADMIN,
    "purge_descriptions": ADMIN,
    "redraw_face": ADMIN,
}


@pytest.fixture
def document(local: httpx.Client) -> Json:
    found: Json = local.get("/openapi.json").json()
    return found


@pytest.fixture
def operations(document: Json) -> dict[str, Json]:
    """The operations, by id."""
    listed = [operation for path in document["paths"].values() for operation in path.values()]
    found = {operation["operationId"]: operation for operation in listed}
    assert len(found) == len(listed)
    return found


def test_each_operation_says_who_may_ask(document: Json, operations: dict[str, Json]) -> None:
    told = {name: operation["security"] for name, operation in operations.items()}

    assert told | SECURITY == told
    assert document["components"]["securitySchemes"].keys() == {"ApiKey", "ApiKeyHeader", "AdminToken"}


def test_parameters_are_never_null_and_headers_are_plain(operations: dict[str, Json]) -> None:
    parameters = [each for operation in operations.values() for each in operation.get("parameters", ())]

    assert "null" not in str([each["schema"] for each in parameters])
    assert not [each["name"] for each in parameters if "default" in each["schema"]]
    headers = {each["name"]: each for each in operations["query"]["parameters"]}
    assert {name: (each["schema"]["type"], each["required"]) for name, each in headers.items()} == {
        "prefer": ("string", False),
        "idempotency-key": ("string", False),
    }
    assert all(each["allowEmptyValue"] for each in operations["list_faces"]["parameters"])


def test_no_field_of_a_request_is_required_or_has_a_default(document: Json, operations: dict[str, Json]) -> None:
    body = operations["query"]["requestBody"]["content"]["application/json"]
    assert set(body["examples"]) == {"features", "variant", "seed", "description"}
    for name in (body["schema"]["$ref"].rpartition("/")[2], "PropertiesRequest"):
        schema = document["components"]["schemas"][name]
        assert "required" not in schema
        assert not [field for field, told in schema["properties"].items() if "default" in told]


def test_pictures_are_binary_and_answers_have_their_headers(operations: dict[str, Json]) -> None:
    for name in ("image", "avatar"):
        picture = operations[name]["responses"]["200"]
        assert {str(each["schema"]["format"]) for each in picture["content"].values()} == {"binary"}
        assert {"ETag", "Cache-Control", "X-Avatar-Hash"} <= set(picture["headers"])
    assert {"Retry-After", "Preference-Applied"} <= set(operations["query"]["responses"]["202"]["headers"])
    for operation in operations.values():
        assert all("X-Request-ID" in response["headers"] for response in operation["responses"].values())
        limited = operation["responses"].get("429")
        assert limited is None or {"Retry-After", "RateLimit-Reset"} <= set(limited["headers"])


def test_the_service_s_own_url_is_among_the_servers(local: httpx.Client, document: Json, serve: Serve) -> None:
    elsewhere = serve({}, AVATARS_PUBLIC_URL="https://faces.example/api").client.get("/openapi.json").json()

    assert [server["url"] for server in document["servers"]] == ["./"]
    assert [server["url"] for server in elsewhere["servers"]] == ["https://faces.example/api", "./"]
    for example in document["paths"]["/query"]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ].values():
        answer = local.post("/query", json=example["value"])
        assert answer.status_code == (503 if "description" in example["value"]["properties"] else 200)
