"""The loopback provider tells the truth, so that tests may lean on its counts."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from openai import OpenAI
from PIL import Image

from tests.support import patient
from tests.support.fake_provider import FAILURES, Billing, LoopbackProvider, Mode, billing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE_S = 0.5


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    with LoopbackProvider() as running:
        yield running


@pytest.fixture
def client(provider: LoopbackProvider) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=provider.base_url, timeout=120) as opened:
        yield opened


def draw(client: httpx.Client, **changes: object) -> httpx.Response:
    body: dict[str, object] = {"model": "gpt-image-2.5-flare", "prompt": "A face with a smile.", "quality": "low"}
    return client.post("/images/generations", json=body | changes)


def picture_of(answer: httpx.Response) -> bytes:
    assert answer.status_code == HTTPStatus.OK, answer.text
    return base64.b64decode(answer.json()["data"][0]["b64_json"], validate=True)


def loaded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("size", ["1024x1024", "1536x1024", "816x816"])
def test_pictures_have_the_size_and_format_asked_for_and_are_distinct(
    client: httpx.Client, file_format: str, size: str
) -> None:
    pictures = [picture_of(draw(client, output_format=file_format, size=size)) for _ in range(20)]

    images = [loaded(picture) for picture in pictures]
    assert {image.format for image in images} == {file_format.upper()}
    assert {f"{image.width}x{image.height}" for image in images} == {size}
    assert len(set(pictures)) == len(pictures)
    assert len({image.convert("RGB").tobytes() for image in images}) == len(pictures)


def test_png_and_webp_of_one_number_show_the_same_picture() -> None:
    drawn = []
    for file_format in ("png", "webp"):
        with LoopbackProvider() as fresh, patient.Client(base_url=fresh.base_url) as other:
            drawn.append(loaded(picture_of(draw(other, output_format=file_format))).convert("RGB"))

    assert drawn[0].tobytes() == drawn[1].tobytes()
    assert len(drawn[0].getcolors() or []) == len(("ground", "rectangle"))


def test_the_answer_has_the_usage_and_a_request_number(provider: LoopbackProvider, client: httpx.Client) -> None:
    answer = draw(client, prompt="x" * 400)
    provider.usage = False
    bare = draw(client)

    assert answer.json()["usage"] == {
        "input_tokens": 100,
        "input_tokens_details": {"text_tokens": 100, "image_tokens": 0},
        "output_tokens": 196,
        "total_tokens": 296,
    }
    assert answer.headers["x-request-id"].startswith("req_")
    assert "usage" not in bare.json()


def test_the_official_client_understands_the_answers(provider: LoopbackProvider) -> None:
    with OpenAI(base_url=provider.base_url, api_key="any", max_retries=0) as official:
        drawn = official.images.generate(model="gpt-image-2.5-flare", prompt="A face.", output_format="webp")
        judged = official.moderations.create(input="please flagme")
        model = official.models.retrieve("gpt-image-1-mini")

    assert drawn.data is not None
    assert drawn.data[0].b64_json
    assert judged.results[0].flagged
    assert judged.results[0].categories.violence
    assert model.shutdown_date == "2026-12-01"


def test_calls_are_counted_with_what_they_asked_and_forgotten_on_reset(
    provider: LoopbackProvider, client: httpx.Client
) -> None:
    provider.mode = Mode.SERVER_ERROR
    draw(client)
    provider.mode = Mode.OK
    draw(client, prompt="Another face.")
    client.post("/moderations", json={"input": "A face."})

    assert [call.body["prompt"] for call in provider.calls] == ["A face with a smile.", "Another face."]
    assert [call.billing for call in provider.calls] == [Billing.NO, Billing.YES]
    assert provider.calls[0].headers["content-type"] == "application/json"
    assert provider.paid == 1
    assert provider.moderations == [{"input": "A face."}]
    provider.reset()
    assert (provider.calls, provider.paid, provider.moderations) == ([], 0, [])


def test_the_script_is_played_in_order_before_the_standing_mode(
    provider: LoopbackProvider, client: httpx.Client
) -> None:
    provider.script.extend([Mode.RATE_LIMIT, Mode.REFUSED, Mode.OK])
    provider.mode = Mode.UNAVAILABLE

    answers = [draw(client) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [429, 400, 200, 503]
    assert answers[0].headers["retry-after"] == "0.2"
    assert answers[1].json()["error"]["code"] == "moderation_blocked"
    assert provider.paid == 1


@pytest.mark.parametrize("mode", FAILURES)
def test_a_failure_has_its_status_and_code_and_is_not_billed(
    provider: LoopbackProvider, client: httpx.Client, mode: Mode
) -> None:
    provider.mode = mode

    answer = draw(client)

    assert answer.status_code == FAILURES[mode].status
    assert answer.json()["error"]["code"] == FAILURES[mode].code
    assert provider.paid == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"response_format": "b64_json"}, "unknown_parameter"),
        ({"style": "vivid"}, "unknown_parameter"),
        ({"size": "256x256"}, "invalid_value"),
        ({"size": "1000x1000"}, "invalid_value"),
        ({"quality": "standard"}, "invalid_value"),
        ({"prompt": ""}, "missing_required_parameter"),
        ({"model": "dall-e-2", "quality": "low"}, "invalid_value"),
    ],
)
def test_what_the_api_does_not_take_is_refused_and_leaves_the_script_alone(
    provider: LoopbackProvider, client: httpx.Client, changes: dict[str, Any], code: str
) -> None:
    provider.script.append(Mode.OK)

    answer = draw(client, **changes)

    assert (answer.status_code, answer.json()["error"]["code"]) == (HTTPStatus.BAD_REQUEST, code)
    assert (len(provider.calls), provider.paid, list(provider.script)) == (1, 0, [Mode.OK])


def test_a_wrong_key_is_refused(provider: LoopbackProvider, client: httpx.Client) -> None:
    provider.key = "right"

    wrong = draw(client)
    client.headers["Authorization"] = "Bearer right"
    right = draw(client)

    assert (wrong.status_code, wrong.json()["error"]["code"]) == (HTTPStatus.UNAUTHORIZED, "invalid_api_key")
    assert right.status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        (Mode.CLOSES, httpx.RemoteProtocolError),
        (Mode.CLOSES_MIDWAY, httpx.RemoteProtocolError),
        (Mode.RESET, httpx.ReadError),
        (Mode.HANGS, httpx.ReadTimeout),
    ],
)
def test_a_connection_that_breaks_counts_as_paid(
    provider: LoopbackProvider, client: httpx.Client, mode: Mode, error: type[httpx.HTTPError]
) -> None:
    provider.mode = mode
    if mode is Mode.HANGS:
        client.timeout = httpx.Timeout(120, read=PATIENCE_S)

    with pytest.raises(error):
        draw(client)

    assert provider.paid == 1
    provider.mode = Mode.OK
    assert loaded(picture_of(draw(client)))


@pytest.mark.parametrize("mode", [Mode.HUGE_BODY, Mode.TRICKLE])
def test_an_answer_without_an_end_goes_on(provider: LoopbackProvider, client: httpx.Client, mode: Mode) -> None:
    provider.mode = mode
    provider.trickle_s = 0.01
    body = {"model": "gpt-image-2.5-flare", "prompt": "A face."}

    with client.stream("POST", "/images/generations", json=body) as answer:
        started = time.monotonic()
        parts = answer.iter_raw()
        while time.monotonic() - started < PATIENCE_S:
            assert next(parts)

    assert provider.paid == 1


@pytest.mark.parametrize("mode", [Mode.NOT_A_PICTURE, Mode.TRUNCATED, Mode.SVG, Mode.BOMB])
def test_what_is_no_avatar_does_not_load(provider: LoopbackProvider, client: httpx.Client, mode: Mode) -> None:
    provider.mode = mode

    data = picture_of(draw(client))

    with pytest.raises((OSError, Image.DecompressionBombError)):
        loaded(data)


def test_odd_pictures_are_what_they_claim(provider: LoopbackProvider, client: httpx.Client) -> None:
    provider.script.extend([Mode.OVERSIZE, Mode.ANIMATED, Mode.ANIMATED])

    oversize = picture_of(draw(client))
    frames = [getattr(loaded(picture_of(draw(client, output_format=name))), "n_frames", 1) for name in ("webp", "png")]

    assert len(oversize) > 9 * 2**20
    assert loaded(oversize).size == (1024, 1024)
    assert frames == [2, 2]


@pytest.mark.parametrize("mode", [Mode.URL, Mode.URL_RELATIVE, Mode.URL_REDIRECT])
def test_a_picture_can_be_downloaded_by_its_url(provider: LoopbackProvider, client: httpx.Client, mode: Mode) -> None:
    provider.mode = mode

    url = draw(client, output_format="webp").json()["data"][0]["url"]
    answer = patient.get(httpx.URL(provider.base_url).join(url), follow_redirects=True)

    assert loaded(answer.content).format == "WEBP"
    assert answer.headers["content-type"] == "image/webp"
    assert bool(answer.history) is (mode is Mode.URL_REDIRECT)
    assert provider.downloads == 1


def test_a_download_can_fail_once_and_then_succeed(provider: LoopbackProvider, client: httpx.Client) -> None:
    provider.mode = Mode.URL_BROKEN_ONCE

    url = draw(client).json()["data"][0]["url"]

    assert [patient.get(url).status_code for _ in range(3)] == [500, 200, 200]
    assert (provider.downloads, provider.paid) == (3, 1)


def test_a_request_to_the_private_port_is_noticed(provider: LoopbackProvider, client: httpx.Client) -> None:
    provider.mode = Mode.URL_PRIVATE

    url = draw(client).json()["data"][0]["url"]

    assert provider.intrusions == 0
    assert loaded(patient.get(url).content)
    assert (provider.intrusions, provider.downloads) == (1, 0)


def test_every_mode_is_billed_as_it_ends() -> None:
    assert {mode for mode in Mode if billing(mode) is Billing.NO} == set(FAILURES)
    assert {mode for mode in Mode if billing(mode) is Billing.MAYBE} >= {Mode.HANGS, Mode.CLOSES, Mode.RESET}
    assert billing(Mode.CLOSES_MIDWAY) is Billing.YES


def test_moderation_can_flag_and_fail(provider: LoopbackProvider, client: httpx.Client) -> None:
    def judge(text: str) -> httpx.Response:
        return client.post("/moderations", json={"model": "omni-moderation-latest", "input": text})

    calm, word = judge("A face."), judge("FlagMe")
    provider.moderation = "flagged"
    flagged = judge("A face.")
    provider.moderation = "down"
    down = judge("A face.")

    assert [answer.json()["results"][0]["flagged"] for answer in (calm, word, flagged)] == [False, True, True]
    assert down.status_code == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.slow
def test_it_answers_a_thousand_connections_at_once(provider: LoopbackProvider) -> None:
    calls = 1_000
    provider.delay = 1.0
    body = json.dumps({"model": "gpt-image-2.5-flare", "prompt": "A face.", "output_format": "png"})

    def call(_: int) -> bytes:
        with contextlib.closing(HTTPConnection(urlsplit(provider.base_url).netloc, timeout=120)) as connection:
            connection.request("POST", "/v1/images/generations", body)
            return connection.getresponse().read()

    with ThreadPoolExecutor(calls) as pool:
        answers = list(pool.map(call, range(calls)))

    assert len({json.loads(answer)["data"][0]["b64_json"] for answer in answers}) == calls
    assert provider.paid == calls


def test_it_runs_as_a_process_steered_over_http() -> None:
    command = [sys.executable, "-m", "tests.support.fake_provider", "--port", "0", "--delay", "0.05"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip()
            with patient.Client(base_url=base_url) as client:
                control = httpx.URL(base_url).join("/_control/")
                wrong = client.post(control.join("mode"), json={"mode": "no such mode"})
                client.post(control.join("mode"), json={"mode": "quota", "delay": 0.2, "script": ["ok"]})
                statuses = [draw(client).status_code for _ in range(2)]
                state = client.get(control.join("state")).json()
                after = client.post(control.join("reset")).json()
        finally:
            process.send_signal(signal.SIGTERM)

    assert process.returncode == 0
    assert wrong.status_code == HTTPStatus.BAD_REQUEST
    assert statuses == [200, 429]
    assert (state["calls"], state["paid"], state["prompts"]) == (2, 1, ["A face with a smile."] * 2)
    assert (after["calls"], after["mode"], after["delay"]) == (0, "ok", 0.05)
