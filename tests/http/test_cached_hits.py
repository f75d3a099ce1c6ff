"""Cached hits, stored hits and the framework give the same answers; a hit in memory waits for nothing."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import event
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from avatars_as_a_service.domain.features import EyeColor, Features, HeadShape, Mood, NoseType, SkinTone, SmileType
from avatars_as_a_service.domain.picture import PictureFormat
from avatars_as_a_service.domain.query import Query
from avatars_as_a_service.errors import DatabaseUnavailable
from avatars_as_a_service.faces.service import FaceService
from avatars_as_a_service.settings import load_settings
from avatars_as_a_service.web import app as web
from avatars_as_a_service.web.middleware.cached_hits import CachedHits
from avatars_as_a_service.web.requests.keyed_request import keyed_request
from avatars_as_a_service.web.urls import PictureUrls
from avatars_as_a_service.wiring import Process

JSON: Final = b"application/json"
PAGE: Final = b"https://page.example.com"
FACES: Final = [
    Features(),
    Features(mood=Mood.OFFICIAL, head_shape=HeadShape.OVAL, skin_tone=SkinTone.FAIR, glasses=True),
    Features(smile_type=SmileType.CLOSED_LIP, nose_type=NoseType.SNUB, eye_color=EyeColor.GREY, variant=7),
]

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a server hands it on: the body in pieces, and whether the client leaves before its end."""

    method: str
    target: str
    headers: Headers
    pieces: list[bytes] = field(default_factory=lambda: [b""])
    leaves: bool = False

    def scope(self) -> Scope:
        path, _, query = self.target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": self.headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }

    def messages(self) -> Iterator[Message]:
        last = len(self.pieces) - 1
        for number, piece in enumerate(self.pieces):
            yield {"type": "http.request", "body": piece, "more_body": number < last or self.leaves}
        while True:
            yield {"type": "http.disconnect"}


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, without the request's id; ``failed`` is what the application let through to the server."""

    status: int | None
    headers: Headers
    body: bytes
    failed: str


@dataclass(slots=True)
class Way:
    """An application in this process."""

    app: ASGIApp
    parts: web.Services
    hits_from_memory: int = 0
    hits_from_database: int = 0
    """Those that the framework did not see."""

    async def ask(self, asked: Asked) -> Answered:
        scope, messages = asked.scope(), asked.messages()
        sent: list[Message] = []
        failed = ""

        async def receive() -> Message:
            return next(messages)

        async def send(message: Message) -> None:
            sent.append(message)

        try:
            await self.app(scope, receive, send)
        except Exception as failure:  # noqa: BLE001 - whatever it is, it has to be the same both ways
            failed = repr(failure)
        is_hit = bool(sent) and sent[0]["status"] in {200, 304}
        if is_hit and "app" not in scope:  # FastAPI leaves itself there
            self.hits_from_memory += keyed_request(scope) is None
            self.hits_from_database += keyed_request(scope) is not None
        return _answered(sent, failed)


class NoCachedHits(CachedHits):
    """Answers nothing itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@asynccontextmanager
async def both_ways(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    public_url: str | None = None,
    images_url: str | None = None,
    signing_key: str | None = None,
) -> AsyncIterator[tuple[Way, Way]]:
    """The application, and the same one without its cached hits; each on a database of its own."""
    urls = PictureUrls(public_url=public_url, images_url=images_url, default_format=PictureFormat.PNG, default_size=64)
    site = web.Site(
        urls=urls,
        signing_key=signing_key,
        cors_origins=(PAGE.decode(),),
        log_every_nth_hit=1_000_000,
        admin_token=None,
    )
    fast = Way(web.create_app(parts := _parts(folder / "fast", monkeypatch), site), parts)
    with monkeypatch.context() as without:
        without.setattr(web, "CachedHits", NoCachedHits)
        slow = Way(web.create_app(parts := _parts(folder / "slow", monkeypatch), site), parts)
    async with fast.parts.running(), slow.parts.running():
        yield fast, slow


def _parts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> web.Services:
    monkeypatch.setenv("DB_STRING", f"sqlite:///{folder / 'avatars.db'}")
    monkeypatch.setenv("AVATARS_SPOOL", str(folder / "spool"))
    monkeypatch.setenv("AVATARS_PROVIDER", "local")
    return Process.services(load_settings())


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))])
@pytest.mark.parametrize("remembered", [len(FACES), 1])
def test_each_query_gets_the_same_answer_both_ways(
    seed: int, remembered: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setenv("AVATARS_FACES_IN_MEMORY", str(remembered))

    async def compare() -> tuple[Way, set[int | None]]:
        async with both_ways(
            tmp_path,
            monkeypatch,
            public_url=chance.choice([None, "https://a.example.com/x"]),
            images_url=chance.choice([None, "https://cdn.example.com"]),
        ) as ways:
            statuses = set()
            for _ in range(500):
                asked = some_query(chance)
                expected = await ways[1].ask(asked)
                assert await ways[0].ask(asked) == expected, asked
                statuses.add(expected.status)
            assert (ways[1].hits_from_memory, ways[1].hits_from_database) == (0, 0)
            return ways[0], statuses

    fast, statuses = asyncio.run(compare())

    assert fast.hits_from_memory > (100 if remembered > 1 else 0)
    assert fast.hits_from_database > (0 if remembered > 1 else 80)
    assert statuses >= {200, 413, 415, 422}


@pytest.mark.slow
def test_each_picture_comes_the_same_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)

    async def compare() -> tuple[int, set[int | None]]:
        async with both_ways(tmp_path, monkeypatch) as ways:
            targets = [await _picture_target(ways, face) for face in FACES]
            tags = [dict((await ways[1].ask(Asked("GET", target, []))).headers)[b"etag"].decode() for target in targets]
            statuses = set()
            for _ in range(1_000):
                asked = some_picture(chance, *chance.choice(list(zip(targets, tags, strict=True))))
                expected = await ways[1].ask(asked)
                assert await ways[0].ask(asked) == expected, asked
                statuses.add(expected.status)
            return ways[0].hits_from_memory, statuses

    hits, statuses = asyncio.run(compare())

    assert hits > 300
    assert statuses >= {200, 304, 404, 405, 422}


def test_a_hit_in_memory_waits_for_nothing_and_asks_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []

    async def ask() -> None:
        async with both_ways(tmp_path, monkeypatch) as (fast, _):
            made = Asked("GET", await _picture_target((fast,), FACES[1]), [])
            original = Asked("GET", made.target.replace(".png?size=64", ".svg"), [])
            for asked in (made, original):
                await fast.ask(asked)
            event.listen(fast.parts.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
            for asked in (_query_for(FACES[1]), _query_for(FACES[1], b" "), made, original):
                statements.clear()
                answering = fast.ask(asked)
                # Whatever is waited for, a thread too, suspends the coroutine: then this does not end it.
                with pytest.raises(StopIteration) as ended:
                    answering.send(None)
                assert ended.value.value.status == 200
                assert statements == []

    asyncio.run(ask())


def test_a_crowd_asks_the_database_once_for_a_face_that_is_not_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVATARS_FACES_IN_MEMORY", "1")
    statements: list[str] = []

    async def ask() -> list[Answered]:
        async with both_ways(tmp_path, monkeypatch) as (fast, _):
            for face in FACES[:2]:
                await fast.ask(_query_for(face))
            event.listen(fast.parts.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
            return await asyncio.gather(*(fast.ask(_query_for(FACES[0])) for _ in range(50)))

    answers = asyncio.run(ask())

    assert all(json.loads(answer.body)["cache_hit"] for answer in answers)
    assert len([statement for statement in statements if "FROM avatars" in statement]) == 1


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_miss_is_keyed_once_and_reads_its_face_twice_before_it_is_drawn(
    pieces: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body in two pieces is parsed and looked up by the endpoint, a body in one piece by the middlewares."""
    statements: list[str] = []
    keyed: list[Query] = []
    key_of = FaceService.key_of

    def key_of_noted(faces: FaceService, query: Query) -> str:
        keyed.append(query)
        return key_of(faces, query)

    monkeypatch.setattr(FaceService, "key_of", key_of_noted)
    query = _query_for(FACES[2])
    body = query.pieces[0]
    asked = query if pieces == 1 else replace(query, pieces=[body[:5], body[5:]])

    async def ask() -> Answered:
        async with both_ways(tmp_path, monkeypatch) as (fast, _):
            event.listen(fast.parts.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
            return await fast.ask(asked)

    answer = asyncio.run(ask())

    assert json.loads(answer.body)["cache_hit"] is False
    drawn = next(number for number, statement in enumerate(statements) if "INSERT INTO images" in statement)
    reads = [read for read in statements[:drawn] if "FROM avatars" in read and "image_hash =" in read]
    assert len(reads) == 2, "once before the claim, once under it"
    assert keyed == [Query(features=FACES[2])]


def test_hits_are_answered_when_the_database_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> tuple[Answered, Answered, Answered]:
        async with both_ways(tmp_path, monkeypatch) as (fast, _):
            target = await _picture_target((fast,), FACES[1])
            fast.parts.database.close()
            with (tmp_path / "fast" / "avatars.db").open("r+b") as file:
                file.write(b"no database" * 100)
            return (
                await fast.ask(_query_for(FACES[1])),
                await fast.ask(Asked("GET", target, [])),
                await fast.ask(_query_for(FACES[2])),
            )

    face, picture, new_face = asyncio.run(ask())

    assert json.loads(face.body)["cache_hit"]
    assert picture.status == 200
    assert new_face.status == 503


def test_a_look_up_that_fails_has_every_header_and_its_time_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(_key: str) -> None:
        await asyncio.sleep(0.2)
        raise DatabaseUnavailable("it was asked for 0.2 s")

    async def ask() -> Answered:
        async with both_ways(tmp_path, monkeypatch) as (fast, _):
            monkeypatch.setattr(fast.parts.faces, "get_stored", slow)
            return await fast.ask(replace(asked, headers=[*asked.headers, (b"origin", PAGE)]))

    asked = _query_for(FACES[0])
    with capture_logs() as entries:
        answer = asyncio.run(ask())

    headers = dict(answer.headers)
    assert answer.status == 503
    assert (headers[b"access-control-allow-origin"], headers[b"x-content-type-options"]) == (PAGE, b"nosniff")
    assert [entry["ms"] >= 200 for entry in entries if entry["event"] == "request"] == [True]


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leaving = Asked("POST", "/query", [(b"content-type", JSON)], [b'{"properties"'], leaves=True)

    async def ask() -> list[Answered]:
        async with both_ways(tmp_path, monkeypatch) as ways:
            return [await way.ask(leaving) for way in ways]

    answers = asyncio.run(ask())

    assert [answer.failed for answer in answers] == ["", ""]
    lines = [line for line in capsys.readouterr().out.splitlines() if "/query" in line]
    assert len(lines) == 2
    assert all("left" in line and "error" not in line for line in lines)


def some_query(chance: random.Random) -> Asked:
    """A request of ``POST /query``, valid or wrong in one of many ways."""
    body = some_body(chance)
    content_type = chance.choices(
        [JSON, b"application/json; charset=utf-8", b"Application/JSON", b"text/plain", b"application/jsonx", b"", None],
        [40, 4, 2, 1, 1, 1, 1],
    )[0]
    headers: Headers = [(b"host", chance.choice([b"site.example.com", b"site.example.com:8080", b"[::1]:8000"]))]
    odd: list[Headers] = [
        [(b"idempotency-key", chance.choice([b"one", b"", b"x" * 256, b"\xff"]))],
        [(b"host", b"other.example.com")],
        [(b"content-type", b"text/html")],
        [(b"x-request-id", b"mine")],
        [(b"origin", chance.choice([PAGE, b"https://elsewhere.example.com"]))],
        [(b"accept-encoding", b"gzip")],
    ]
    if chance.random() < 0.05:
        headers = chance.choice([[], [(b"host", b'"><script>')], [(b"host", b"\xe9.example.com")]])
    if content_type is not None:
        headers.append((b"content-type", content_type))
    if chance.random() < 0.3:
        headers += chance.choice(odd)
    if chance.random() < 0.7:
        headers.append((b"content-length", str(len(body)).encode()))
    chance.shuffle(headers)
    path = chance.choices(["/query", "/query/", "/Query"], [60, 1, 1])[0]
    method = chance.choices(["POST", "GET", "PUT", "OPTIONS"], [60, 1, 1, 1])[0]
    return Asked(method, path, headers, in_pieces(chance, body), leaves=chance.random() < 0.03)


def some_body(chance: random.Random) -> bytes:
    """Mostly a body that names one of ``FACES``; the rest is damaged, or means something else."""
    face = {name: value for name, value in asdict(chance.choice(FACES)).items() if value or chance.random() < 0.5}
    items = list(face.items())
    chance.shuffle(items)
    said: dict[str, Any] = {"properties": dict(items)}
    if chance.random() < 0.5:
        said["properties"] = {name: _said_otherwise(chance, value) for name, value in items}
    body = json.dumps(said, indent=chance.choice([None, None, 1]), ensure_ascii=chance.random() < 0.5).encode()
    return chance.choice(DAMAGES)(chance, said, body) if chance.random() < 0.5 else body


def _said_otherwise(chance: random.Random, value: object) -> object:
    return value.upper().replace("-", chance.choice("-_")) if isinstance(value, str) else value


Damage = Callable[[random.Random, dict[str, Any], bytes], bytes]


def _with(**more: object) -> Damage:
    return lambda _chance, said, _body: json.dumps({**said, **more}).encode()


def _with_property(name: str, *values: object) -> Damage:
    def damaged(chance: random.Random, said: dict[str, Any], _body: bytes) -> bytes:
        return json.dumps({"properties": {**said["properties"], name: chance.choice(values)}}).encode()

    return damaged


def _cut(chance: random.Random, _said: dict[str, Any], body: bytes) -> bytes:
    return body[: chance.randrange(len(body))]


def _one_byte_other(chance: random.Random, _said: dict[str, Any], body: bytes) -> bytes:
    place = chance.randrange(len(body))
    return body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :]


def _named_twice(_chance: random.Random, _said: dict[str, Any], body: bytes) -> bytes:
    return body.rstrip().removesuffix(b"}") + b', "properties": {"mood": "official"}}'


def _feature_named_twice(_chance: random.Random, _said: dict[str, Any], body: bytes) -> bytes:
    return body.replace(b'"properties": {', b'"properties": {"mood": "nonsense", "mood": "official", ')


def _around(before: bytes, after: bytes) -> Damage:
    return lambda _chance, _said, body: before + body + after


DAMAGES: Final[list[Damage]] = [
    _cut,
    _one_byte_other,
    _one_byte_other,
    _named_twice,
    _feature_named_twice,
    _around(b" \n", b"\t "),
    _around(b"\xef\xbb\xbf", b""),
    _around(b"", b"x"),
    _around(b"[", b"]"),
    *(_around(b"", b" " * size) for size in (400, 4_000, 5_000, 60_000, 70_000)),
    lambda chance, _said, _body: chance.choice([b"", b"null", b"{}", b"[]", b'"a"', b"1", b"\xff\xfe{\x00}\x00"]),
    lambda chance, _said, _body: chance.randbytes(chance.randrange(1, 100)),
    lambda _chance, _said, body: body.decode().encode("utf-16"),
    lambda _chance, _said, body: body.replace(b"mood", b"m\xc3"),
    lambda _chance, _said, body: body.replace(b"a", b"\\u0061"),
    lambda _chance, _said, _body: b'{"properties": ' + b"[" * 3_000,
    _with(disable_cache=True),
    _with(disable_cache=None),
    _with(disable_cache="yes"),
    _with(disable_cache=1),
    _with(unknown=1),
    _with(properties=None),
    _with(properties=[]),
    _with(properties={}),
    _with_property("mood", None, "", "grim", 1, ["fun"], " fun", "FUN\u0000"),
    _with_property("glasses", None, 0, 1, "true", "yes", 1.0),
    _with_property("variant", None, -1, 100, 99, 1.0, 1.5, "1", [], 10**30),
    _with_property("eye_color", None, "purple", "GREY", "gr_ey", "\ud800", {}, "x" * 300),
    _with_property("description", None, "", " \n", "a knight", "\u0000", "x" * 1_000, "x" * 1_001, 5),
    _with_property("eyes", "blue", None),
]


def in_pieces(chance: random.Random, body: bytes) -> list[bytes]:
    """The body whole, or cut at random; some pieces are empty."""
    if chance.random() < 0.7:
        return [body]
    cuts = sorted(chance.choices(range(len(body) + 1), k=chance.randrange(1, 6)))
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


def some_picture(chance: random.Random, target: str, etag: str) -> Asked:
    """A request for that picture of that tag, or for one whose name is a little wrong."""
    path = target.partition("?")[0]
    digest = path.removeprefix("/images/").partition(".")[0]
    others = [
        path,
        f"{path}?",
        f"{path}?size=64",
        f"{path}?size=48",
        f"{path}?size=50",
        f"{path}?size=",
        f"{path}?size=064",
        f"{path}?size=64&size=48",
        f"{path}?v=2&size=64",
        f"{path}?Size=64",
        f"/images/{digest}.svg",
        f"/images/{digest}.svg?size=64",
        path.upper(),
        f"{path}x",
        f"{path}/",
        f"{path}\n",
        f"/images/{digest}",
        f"/images/{digest}.webp",
        f"/images/{digest}.svgx",
        f"/images/{digest[:-1]}.svg",
        f"/images/{digest[:-1]}\uff10.svg",
        f"/images/{'0' * 64}.svg",
        f"/images//{digest}.svg",
        f"/images/../images/{digest}.svg",
        "/images/",
        "/images",
    ]
    tags = [
        etag,
        f"W/{etag}",
        f'"a", W/{etag} ,"b"',
        f'"a",{etag}',
        "*",
        " * ",
        "*, *",
        digest,
        "",
        '"a"',
        f"w/{etag}",
        etag.upper(),
        "\xe9",
    ]
    headers = [(b"if-none-match", chance.choice(tags).encode("latin-1")) for _ in range(chance.choice([0, 1, 1, 2]))]
    if chance.random() < 0.1:
        headers.append((b"origin", PAGE))
    if chance.random() < 0.1:
        headers.append((b"range", b"bytes=0-9"))
    method = chance.choices(["GET", "HEAD", "POST", "OPTIONS"], [20, 10, 1, 1])[0]
    return Asked(method, chance.choice([target, target, *others][: chance.choice([2, 99])]), headers)


def _query_for(face: Features, more: bytes = b"") -> Asked:
    body = json.dumps({"properties": asdict(face)}).encode() + more
    return Asked("POST", "/query", [(b"host", b"site.example.com"), (b"content-type", JSON)], [body])


async def _picture_target(ways: tuple[Way, ...], face: Features) -> str:
    """Where the face's picture is, after every way has drawn it."""
    answers = [json.loads((await way.ask(_query_for(face))).body) for way in ways]
    url: str = answers[0]["data"]["image_url"]
    return "/" + url.split("/", 3)[3]


def _answered(sent: list[Message], failed: str) -> Answered:
    if not sent:
        return Answered(None, [], b"", failed)
    headers = [(name, value) for name, value in sent[0]["headers"] if name != b"x-request-id"]
    return Answered(
        int(sent[0]["status"]), sorted(headers), b"".join(message.get("body", b"") for message in sent[1:]), failed
    )
