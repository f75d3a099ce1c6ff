"""Pictures in other sizes and formats: what they are, that each is made once, and that the making is bounded."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Final

import httpx
import pytest
from PIL import Image

from avatars_as_a_service.domain.picture import SIZES, Picture
from avatars_as_a_service.imaging.render_job import MAX_RENDER_S, RenderRequest
from avatars_as_a_service.imaging.render_pool import RenderPool
from avatars_as_a_service.pictures.rendition_service import MAX_KEPT_BYTES
from tests.conftest import Serve
from tests.support import patient
from tests.support.addresses import digest, original
from tests.support.clock import stretched, wait_until
from tests.support.databases import on_every_database
from tests.support.fake_provider import LoopbackProvider
from tests.support.ledger_checks import pictures_kept, renditions_kept
from tests.support.service_runner import ThreadedService, new_service

FORMATS: Final = ("webp", "png", "jpeg", "avif")
CHROME: Final = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
FIREFOX: Final = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
OLD_FIREFOX: Final = "image/webp,*/*"
SAFARI: Final = (
    "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,"
    "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
)
OLD_SAFARI: Final = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"
CURL: Final = "*/*"
DETAILED: Final = {"hair_style": "locs", "glasses": True}
"""A face whose largest PNG is larger than what is kept in any size."""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedService]:
    """A service that draws by itself: its originals are SVG."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DB_STRING", f"sqlite:///{folder}/avatars.db")
        service = new_service().start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def paying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedService]:
    """A service that has the model draw: its originals are WebP of 1024 by 1024 pixels, so that no size is larger."""
    folder = tmp_path_factory.mktemp("paying")
    with LoopbackProvider() as provider, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DB_STRING", f"sqlite:///{folder}/avatars.db")
        patch.setenv("AVATARS_SPOOL", f"{folder}/spool")
        patch.setenv("OPENAI_API_KEY", "sk-planted-secret")
        patch.setenv("OPENAI_BASE_URL", provider.base_url)
        patch.setenv("AVATARS_SIZE", "1024x1024")
        service = new_service().start()
        patch.undo()  # the other services of this module do not pay
        yield service
        service.stop()


@pytest.fixture(params=["drawing", "pixels"])
def address(request: pytest.FixtureRequest) -> str:
    """The address of a kept picture without its format, of an SVG and of a WebP in turn."""
    service: ThreadedService = request.getfixturevalue("local" if request.param == "drawing" else "paying")
    return f"{service.url}/images/{digest(ask(service))}"


def ask(service: ThreadedService, **features: object) -> str:
    """The address that answers for these features point to."""
    answer = httpx.post(f"{service.url}/query", json={"properties": features}, timeout=120)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["image_url"])


def opened(answer: httpx.Response) -> Image.Image:
    """The picture, decoded to its end."""
    assert answer.status_code == 200, answer.text
    image = Image.open(BytesIO(answer.content))
    image.load()
    return image


def opened_bytes(answer: httpx.Response) -> bytes:
    opened(answer)
    return answer.content


# --- what they are ---


@pytest.mark.parametrize("file_format", FORMATS)
def test_each_size_of_each_format_opens_and_is_what_it_says(address: str, file_format: str) -> None:
    for size in SIZES:
        answer = patient.get(f"{address}.{file_format}?size={size}")

        image = opened(answer)
        assert (image.format, image.size) == (file_format.upper(), (size, size))
        assert answer.headers["content-type"] == f"image/{file_format}"
        assert int(answer.headers["content-length"]) == len(answer.content)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "vary" not in answer.headers


@pytest.mark.parametrize("file_format", FORMATS)
def test_another_format_without_a_size_is_as_large_as_the_original(
    local: ThreadedService, paying: ThreadedService, file_format: str
) -> None:
    drawing = patient.get(original(ask(local), file_format))
    pixels = patient.get(original(ask(paying), file_format))

    assert opened(drawing).size == (512, 512)
    assert opened(pixels).size == (1024, 1024)


def test_an_svg_says_the_size_that_was_asked_for_and_draws_the_same(local: ThreadedService) -> None:
    url = original(ask(local), "svg")

    plain, small = patient.get(url), patient.get(f"{url}?size=64")

    assert small.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in small.headers["content-security-policy"]
    assert 'width="64" height="64"' in small.text
    assert small.text.replace('width="64" height="64"', 'width="512" height="512"') == plain.text
    assert small.headers["etag"] != plain.headers["etag"]


def test_pixels_are_no_svg(paying: ThreadedService) -> None:
    for size in ("", "?size=64"):
        answer = patient.get(original(ask(paying), "svg") + size)

        assert (answer.status_code, answer.json()["code"]) == (404, "picture_not_found")


def test_nothing_is_made_larger_than_it_was_paid_for(paid: dict[str, str], database: str, serve: Serve) -> None:
    service = serve(paid, AVATARS_SIZE="1536x816", AVATARS_OUTPUT_FORMAT="png")
    url = ask(service)
    kept = pictures_kept(database)

    wide = patient.get(original(url, "png") + "?size=1024")
    assert opened(wide).size == (1024, 544)
    smaller = serve(paid, AVATARS_SIZE="816x816", AVATARS_OUTPUT_FORMAT="webp")
    small = ask(smaller, variant=1)
    largest = patient.get(original(small, "webp") + "?size=1024")
    other = patient.get(original(small, "jpeg") + "?size=1024")

    assert largest.content == patient.get(original(small, "webp")).content
    assert opened(other).size == (816, 816)
    assert pictures_kept(database) == kept + 3  # the wide one's rendition, the second original, and its JPEG


@pytest.mark.parametrize("size", ["33", "0", "-64", "2048", "64.0", "064", "abc", "٦٤", "6 4", "9" * 400, "null"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_another_size_is_bad_input_that_lists_what_there_is(address: str, size: str, method: str) -> None:
    answer = patient.request(method, f"{address}.webp", params={"size": size})

    assert answer.status_code == 422
    assert answer.headers["cache-control"] == "no-store"
    if method == "GET":
        (problem,) = answer.json()["detail"]
        assert problem["loc"] == ["query", "size"]
        assert all(str(allowed) in problem["msg"] for allowed in SIZES)


def test_what_else_stands_in_the_address_changes_nothing(address: str) -> None:
    plain = patient.get(f"{address}.png?size=48")

    for query in ("size=48&v=2", "utm_source=x&size=48", "size=32&size=48"):
        assert patient.get(f"{address}.png?{query}").content == plain.content
    assert patient.get(f"{address}.png?size=").content == patient.get(f"{address}.png").content


# --- by Accept ---


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (CHROME, "image/webp"),
        (FIREFOX, "image/webp"),
        (OLD_FIREFOX, "image/webp"),
        (SAFARI, "image/webp"),
        (OLD_SAFARI, "image/png"),
        (CURL, "image/png"),
        (None, "image/png"),
        ("", "image/png"),
        ("image/*", "image/png"),
        ("image/avif", "image/avif"),
        ("IMAGE/JPEG", "image/jpeg"),
        ("image/avif;q=1, image/webp;q=0.9", "image/avif"),
        ("image/webp;q=0.1, image/*", "image/png"),
        ("image/webp;q=0, image/png;q=0, */*", "image/avif"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "image/webp"),
        ("text/html", "image/png"),
        ("image/webp;q=x, image/jpeg", "image/jpeg"),
        (",;,q=,;;", "image/png"),
        ("image/webp," * 2_000, "image/png"),
    ],
)
def test_without_a_format_a_picture_comes_in_what_the_client_likes(
    address: str, accept: str | None, media_type: str
) -> None:
    headers = {"Accept": accept} if accept is not None else {}
    with patient.Client() as client:
        if accept is None:
            del client.headers["accept"]
        answer = client.get(f"{address}?size=64", headers=headers)

    assert answer.headers["content-type"] == media_type
    assert answer.headers["vary"] == "Accept"
    same = patient.get(httpx.URL(address).join(answer.headers["content-location"]))
    assert same.content == answer.content
    assert "vary" not in same.headers


@pytest.mark.parametrize("target", ["", ".webp", ".webp?size=64", "?size=64", ".jpeg"])
def test_head_and_not_modified_say_what_get_says(address: str, target: str) -> None:
    got, head = patient.get(address + target), patient.head(address + target)
    etag = got.headers["etag"]
    unchanged = patient.get(address + target, headers={"If-None-Match": f'W/{etag}, "x"'})
    changed = patient.get(address + target, headers={"If-None-Match": '"x"'})

    assert head.content == b""
    assert without_request(head) == without_request(got)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for name in ("etag", "cache-control", "vary", "content-location"):
        assert unchanged.headers.get(name) == got.headers.get(name)
    assert changed.content == got.content


def test_each_rendition_has_its_own_tag(address: str) -> None:
    tags = [patient.get(f"{address}.{kind}?size={size}").headers["etag"] for kind in FORMATS for size in SIZES]

    assert len(set(tags)) == len(tags)


# --- made once, kept, and bounded ---


@pytest.mark.in_process("counts what it renders")
def test_two_hundred_who_ask_for_one_new_rendition_at_once_have_it_made_once(
    paid: dict[str, str], database: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, made = serve(paid), counted(monkeypatch)
    url = original(ask(service), "png") + "?size=128"
    kept = pictures_kept(database)

    with ThreadPoolExecutor(200) as clients:
        answers = list(clients.map(lambda _: httpx.get(url, timeout=120), range(200)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert made == Counter({("png", 128): 1})
    assert pictures_kept(database) == kept + 1


@on_every_database
@pytest.mark.in_process("counts what it renders")
def test_a_rendition_is_not_made_again_by_another_process_and_its_bytes_stay(
    paid: dict[str, str], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ask(serve(paid))
    path = httpx.URL(url).raw_path.decode()
    before = patient.get(url)
    made = counted(monkeypatch)

    after = serve(paid).client.get(path)

    assert after.content == before.content
    assert after.headers["etag"] == before.headers["etag"]
    assert not made


@pytest.mark.slow
def test_strangers_who_ask_for_everything_grow_the_store_by_no_more_than_is_written_down(
    tmp_path: Path, serve: Serve
) -> None:
    """Of each original at most so many renditions, and none above 64 KiB but in the size that answers point to."""
    environment = {"DB_STRING": f"sqlite:///{tmp_path}/one.db", "AVATARS_DEFAULT_SIZE": "512"}
    service, other = serve(environment), serve(environment)
    url = original(ask(service, **DETAILED), "")
    every = [f"{url}{kind}{size}" for kind in FORMATS for size in ("", *(f"?size={size}" for size in SIZES))]

    shown = {each: opened_bytes(patient.get(each)) for each in every}
    kept = renditions_kept(environment["DB_STRING"])
    too_large = {each for each, data in shown.items() if len(data) > MAX_KEPT_BYTES}

    for each in too_large:
        assert opened_bytes(patient.get(each.replace(service.url, other.url))) == shown[each]
    assert renditions_kept(environment["DB_STRING"]) == kept
    assert all(length <= MAX_KEPT_BYTES for (_, size), length in kept.items() if size != 512)
    assert f"{url}png?size=1024" in too_large
    assert len(kept) == len(every) - len(too_large)
    assert len(every) == len(FORMATS) * (len(SIZES) + 1) == 44
    security = (Path(__file__).parents[2] / "SECURITY.md").read_text()
    assert (
        f"at most {len(every)} renditions of an original are kept, none larger than {MAX_KEPT_BYTES // 1024} KiB"
        in security
    )


def test_a_large_rendition_is_kept_in_the_usual_size_alone(tmp_path: Path, serve: Serve) -> None:
    environment = {"DB_STRING": f"sqlite:///{tmp_path}/one.db"}
    url = original(ask(serve(environment), **DETAILED), "png") + "?size=1024"
    usual = original(ask(serve(environment, AVATARS_DEFAULT_SIZE="1024"), **DETAILED), "png") + "?size=1024"

    large = opened_bytes(patient.get(url))
    assert len(large) > MAX_KEPT_BYTES
    assert ("png", 1024) not in renditions_kept(environment["DB_STRING"])

    assert opened_bytes(patient.get(usual)) == large
    assert renditions_kept(environment["DB_STRING"])["png", 1024] == len(large)


@on_every_database
def test_what_was_made_from_a_picture_goes_with_it_when_it_is_taken_away(
    paid: dict[str, str], database: str, serve: Serve
) -> None:
    token = "token-of-the-operator"
    service, other = serve(paid, AVATARS_ADMIN_TOKEN=token), serve(paid)
    answer = service.client.post("/query", json={}).json()["data"]
    paths = [httpx.URL(answer["image_url"]).raw_path.decode(), httpx.URL(original(answer["image_url"], "png")).path]
    assert {each.client.get(path).status_code for each in (service, other) for path in paths} == {200}

    purged = service.client.delete(f"/admin/faces/{answer['image_hash']}", headers={"Authorization": f"Bearer {token}"})

    assert purged.json() == {"faces": 1, "pictures": 1}
    assert {service.client.get(path).status_code for path in paths} == {410}
    assert pictures_kept(database) == 0
    wait_until(lambda: {other.client.get(path).status_code for path in paths} == {410})


@on_every_database
@pytest.mark.in_process("renders differently")
def test_two_processes_that_make_the_same_rendition_at_once_but_not_alike_show_the_first_one(
    paid: dict[str, str], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade of a library, while old and new processes run side by side."""
    services = [serve(paid), serve(paid)]
    path = httpx.URL(ask(services[0])).raw_path.decode()
    render, numbers, both = RenderPool.render, count(1), Barrier(2)

    async def unlike(self: RenderPool, original: Picture, wanted: RenderRequest) -> Picture:
        made = await render(self, original, wanted)
        both.wait(120)
        return Picture.of(made.data + bytes(next(numbers)), format=made.format, width=made.width, height=made.height)

    with monkeypatch.context() as patch, ThreadPoolExecutor() as clients:
        patch.setattr(RenderPool, "render", unlike)
        shown = list(clients.map(lambda service: service.client.get(path).content, services))

    assert shown[0] == shown[1] == serve(paid).client.get(path).content
    assert next(numbers) == 3


def test_when_too_many_wait_others_are_told_to_come_back_and_those_who_come_back_are_served(
    tmp_path: Path, serve: Serve
) -> None:
    service = serve(
        {"DB_STRING": f"sqlite:///{tmp_path}/one.db"}, AVATARS_RENDITION_CONCURRENCY="1", AVATARS_RENDITION_QUEUE="2"
    )
    url = original(ask(service), "avif")
    urls = [f"{url}?size={size}" for size in SIZES]

    with ThreadPoolExecutor(len(urls)) as clients:
        answers = list(clients.map(lambda each: httpx.get(each, timeout=120), urls))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert 0 < len(refused) < len(answers)
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(503, "busy")}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert {httpx.get(str(answer.url), timeout=120).status_code for answer in refused} == {200}


@pytest.mark.in_process("kills a process of it")
def test_a_picture_is_shown_although_its_render_worker_was_killed(tmp_path: Path, serve: Serve) -> None:
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/one.db"}, AVATARS_RENDITION_CONCURRENCY="1")
    url = original(ask(service), "png")
    others = render_workers()
    assert patient.get(f"{url}?size=32").status_code == 200
    (worker,) = render_workers() - others

    os.kill(worker, signal.SIGKILL)

    assert opened(patient.get(f"{url}?size=48")).size == (48, 48)
    assert worker not in render_workers()


@pytest.mark.slow
@pytest.mark.in_process("kills processes of it")
def test_idle_render_workers_that_were_all_killed_cost_the_next_requests_nothing(tmp_path: Path, serve: Serve) -> None:
    """As by the kernel, where memory is short: it takes processes that do nothing first."""
    service = serve({"DB_STRING": f"sqlite:///{tmp_path}/one.db"}, AVATARS_RENDITION_CONCURRENCY="3")
    url, others = original(ask(service), "avif"), render_workers()
    with ThreadPoolExecutor(3) as clients:
        list(clients.map(lambda size: opened(patient.get(f"{url}?size={size}")), (1024, 512, 384)))
        workers = render_workers() - others
        assert len(workers) > 1

        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        began = time.monotonic()
        first = patient.get(f"{url}?size=32")
        took_s = time.monotonic() - began
        more = list(clients.map(lambda size: patient.get(f"{url}?size={size}"), (48, 64, 96)))

    assert [answer.status_code for answer in (first, *more)] == [200] * 4
    assert took_s < stretched(MAX_RENDER_S / 2)
    assert not workers & render_workers()


@pytest.mark.slow
@pytest.mark.in_process("looks for processes of it")
def test_no_render_worker_outlives_its_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = render_workers()
    monkeypatch.setenv("DB_STRING", f"sqlite:///{tmp_path}/one.db")
    service = new_service().start()
    patient.get(ask(service))
    assert render_workers() != before

    service.stop()

    assert render_workers() == before


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int | None]]:
    """How often each format and size is made, from now on."""
    made: Counter[tuple[str, int | None]] = Counter()
    render = RenderPool.render

    async def counting(self: RenderPool, original: Picture, wanted: RenderRequest) -> Picture:
        made[wanted.format, wanted.size] += 1
        return await render(self, original, wanted)

    monkeypatch.setattr(RenderPool, "render", counting)
    return made


def render_workers() -> set[int]:
    """The processes of this process's services that make renditions."""
    children: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # it has just ended
            children |= {int(child) for child in (thread / "children").read_text().split()}
    return {child for child in children if b"render_worker" in Path(f"/proc/{child}/cmdline").read_bytes()}


def without_request(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}
