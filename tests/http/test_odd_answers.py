"""Answers that no image API should give: each is a failure with a code, and none harms the ledger."""

import base64
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from tests.conftest import Serve
from tests.support.databases import on_every_database
from tests.support.ledger_checks import claims_held, faces_kept, ledger

PRICE: Final = 20_000


def picture() -> str:
    file = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def answer(body: object, *, status: str = "200 OK", headers: str = "") -> bytes:
    """An HTTP answer with that JSON, or with those bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n{headers}\r\n"
    return head.encode("latin-1") + data


def drawn(usage: object = None) -> dict[str, Any]:
    return {"created": 1, "data": [{"b64_json": picture()}], "usage": usage}


def named(address: str) -> bytes:
    return answer({"data": [{"url": address}]})


class OddProvider:
    """Says the same to whoever connects, whatever is asked; counts the requests."""

    def __init__(self, said: bytes) -> None:
        self.said = said
        self.requests = 0

    @contextmanager
    def listening(self) -> Iterator[str]:
        """The base URL while it listens."""
        odd = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                length = 0
                while (line := self.rfile.readline()).strip():
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.rfile.read(length)
                odd.requests += 1
                self.wfile.write(odd.said)

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/v1"
            finally:
                server.shutdown()
                thread.join()


def environment(base_url: str, folder: Path) -> dict[str, str]:
    return {
        "DB_STRING": f"sqlite:///{folder / 'avatars.db'}",
        "OPENAI_API_KEY": "sk-planted-secret",
        "OPENAI_BASE_URL": base_url,
        "AVATARS_STAND_IN": "off",
        "AVATARS_RETRY_WAIT_S": "0.02",
        "AVATARS_PROVIDER_TIMEOUT_S": "20",
    }


def error(code: object) -> dict[str, Any]:
    return {"error": {"message": "no", "code": code}}


UNUSABLE: Final = {
    "data is null": answer({"data": None}),
    "data is an object": answer({"data": {"b64_json": "AAAA"}}),
    "data holds null": answer({"data": [None]}),
    "the picture is a number": answer({"data": [{"b64_json": 5}]}),
    "the picture is no ASCII": answer({"data": [{"b64_json": "日本語"}]}),
    "the picture is one letter": answer({"data": [{"b64_json": "A"}]}),
    "a data URI that is not base64": named("data:image/png,abc"),
    "an error with a good status": answer(error("server_error")),
    "nothing": answer(b""),
    "no content": answer(b"", status="204 No Content"),
    "a list": answer([]),
    "no UTF-8": answer(b'{"data": "\xff\xfe"}'),
    "a very deep list": answer(b"[" * 100_000),
    "compressed": answer(b"\x1f\x8b\x08\x00", headers="Content-Encoding: gzip\r\n"),
    "an address of a file": named("file:///etc/passwd"),
    "an address of another scheme": named("ftp://127.0.0.1/picture.png"),
    "an address that is none": named("http://[::1"),
    "a port that is none": named("http://127.0.0.1:99999999/"),
    "a host with a null": named("http://a\x00b/"),
    "a host that is too long": named(f"http://{'a' * 300}.invalid/"),
    "a host of dots": named("http://.../"),
    "this machine by its name": named("http://localhost:1/"),
    "this machine in decimal": named("http://2130706433:1/"),
    "this machine in hexadecimal": named("http://0x7f.1:1/"),
    "this machine in IPv6": named("http://[::1]:1/"),
    "this machine, mapped": named("http://[::ffff:127.0.0.1]:1/"),
    "metadata, mapped": named("http://[::ffff:169.254.169.254]/"),
    "metadata, translated": named("http://[64:ff9b::a9fe:a9fe]/"),
    "a private network": named("http://10.0.0.1/"),
    "a network of a carrier": named("http://100.64.0.1/"),
    "the null address": named("http://0.0.0.0:1/"),
    "everybody": named("http://255.255.255.255/"),
    "a group": named("http://224.0.0.1/"),
    "a unique local address": named("http://[fd00::1]/"),
    "a user and a password": named("http://user:password@10.0.0.1/"),
}
UNAVAILABLE: Final = {
    "a code that is an object": answer(error({"a": 1}), status="429 Too Many Requests"),
    "a code that is a list": answer(error(["a"]), status="400 Bad Request"),
    "a code that is a number": answer(error(400), status="400 Bad Request"),
    "an error that is a text": answer({"error": "no"}, status="400 Bad Request"),
    "an error that is a list": answer([1, 2], status="503 Service Unavailable"),
    "a very long code": answer(error("x" * 5000), status="404 Not Found"),
    "a code beyond ASCII": answer(error("日本語" * 40), status="404 Not Found"),
    "a code with a null": answer(error("a\x00b"), status="404 Not Found"),
    "a page": answer(b"<html>", status="429 Too Many Requests"),
    "a redirect": answer(b"", status="302 Found", headers="Location: http://127.0.0.1:1/\r\n"),
    "a status of its own": answer(b"", status="599 Odd"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a length that is a lie": answer(drawn()).replace(b"Content-Length: ", b"Content-Length: 9"),
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
    "an endless head": b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50_000,
}


@pytest.mark.parametrize("said", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.slow
def test_what_holds_no_picture_is_a_bad_answer_and_the_face_rests(serve: Serve, tmp_path: Path, said: bytes) -> None:
    odd = OddProvider(said)
    with odd.listening() as base_url:
        paid = environment(base_url, tmp_path)
        service = serve(paid)

        answers = [service.client.post("/query", json={}) for _ in range(2)]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(502, "provider_bad_answer")}
    assert [entry.state for entry in ledger(paid["DB_STRING"])] == ["settled"]
    assert odd.requests == 1
    assert (claims_held(paid["DB_STRING"]), faces_kept(paid["DB_STRING"])) == (0, 0)


@pytest.mark.parametrize("said", UNAVAILABLE.values(), ids=UNAVAILABLE)
def test_an_odd_error_is_an_error_with_a_code(serve: Serve, tmp_path: Path, said: bytes) -> None:
    with OddProvider(said).listening() as base_url:
        paid = environment(base_url, tmp_path)

        answer = serve(paid).client.post("/query", json={})

    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert {entry.state for entry in ledger(paid["DB_STRING"])} <= {"released", "unknown"}
    assert claims_held(paid["DB_STRING"]) == 0


@pytest.mark.parametrize("broke_off", ["APIConnectionError", "APITimeoutError"])
def test_a_call_that_a_proxy_lost_is_not_sent_again(serve: Serve, tmp_path: Path, broke_off: str) -> None:
    message = f"litellm.{broke_off}: {broke_off}: OpenAIException - Connection error."
    odd = OddProvider(answer({"error": {"code": "500", "message": message}}, status="500 Internal Server Error"))
    with odd.listening() as base_url:
        paid = environment(base_url, tmp_path)

        got = serve(paid).client.post("/query", json={})

    assert (got.status_code, got.json()["code"]) == (503, "provider_unavailable")
    assert [entry.state for entry in ledger(paid["DB_STRING"])] == ["unknown"]
    assert odd.requests == 1


def test_a_code_that_repeats_the_status_is_kept_once(serve: Serve, tmp_path: Path) -> None:
    said = answer({"error": {"code": "400", "message": "no"}}, status="400 Bad Request")
    with OddProvider(said).listening() as base_url:
        paid = environment(base_url, tmp_path)

        serve(paid).client.post("/query", json={})

    assert [entry.outcome for entry in ledger(paid["DB_STRING"])] == ["400: no"]


@pytest.mark.parametrize(
    "usage",
    [
        "none",
        [1],
        {"input_tokens": -5, "output_tokens": -7},
        {"input_tokens": "10", "output_tokens": "20"},
        {"input_tokens": 1.5, "output_tokens": 2.5},
        {"input_tokens": 10, "output_tokens": 10**30},
        {"input_tokens": 10**30, "output_tokens": 200},
        {"input_tokens": 10},
        {"input_tokens": 10, "output_tokens": 0},
        {"input_tokens": 10, "input_tokens_details": None, "output_tokens": True},
    ],
)
def test_a_usage_that_cannot_be_true_is_charged_by_the_picture(serve: Serve, tmp_path: Path, usage: object) -> None:
    with OddProvider(answer(drawn(usage))).listening() as base_url:
        paid = environment(base_url, tmp_path)

        body = serve(paid).client.post("/query", json={}).json()

    assert 0 < body["cost_usd"] <= 0.0061
    (entry,) = ledger(paid["DB_STRING"])
    assert (entry.state, entry.cost) == ("settled", round(body["cost_usd"] * 1_000_000))
    assert faces_kept(paid["DB_STRING"]) == 1


@on_every_database
def test_a_very_long_name_of_a_call_is_kept_as_far_as_it_fits(database: str, serve: Serve, tmp_path: Path) -> None:
    said = answer(drawn(), headers=f"x-request-id: {'r' * 3000}\r\n")
    with OddProvider(said).listening() as base_url:
        body = serve(environment(base_url, tmp_path) | {"DB_STRING": database}).client.post("/query", json={}).json()

    assert not body["provisional"]
    (entry,) = ledger(database)
    assert entry.state == "settled"
    assert entry.request_id == "r" * 200
    assert faces_kept(database) == 1


@on_every_database
def test_a_very_long_name_of_a_failed_call_is_no_bare_error(database: str, serve: Serve, tmp_path: Path) -> None:
    said = answer(error("é" * 300), status="400 Bad Request", headers=f"x-request-id: {'é' * 3000}\r\n")
    with OddProvider(said).listening() as base_url:
        answered = serve(environment(base_url, tmp_path) | {"DB_STRING": database}).client.post("/query", json={})

    assert (answered.status_code, answered.json()["code"]) == (503, "provider_unavailable")
    assert [entry.state for entry in ledger(database)] == ["released"]
