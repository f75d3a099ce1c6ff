"""Signed ``/avatar`` addresses, by query and by path: what is edited never pays."""

import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlencode

import pytest

from avatars_as_a_service.domain.signing import end_of_day, sign
from tests.conftest import Serve
from tests.support.clock import wait_until
from tests.support.fake_provider import LoopbackProvider

KEY: Final = "a-key-that-nobody-guesses"
LATER: Final = str(int(time.time()) + 3_600)
HASH: Final = "0bc83cb571cd1c50ba6f3e8a78ef1346"


def signed_query(key: str, **parameters: str) -> str:
    said = {"exp": LATER, **parameters}
    return "/avatar?" + urlencode({**said, "sig": sign(said.items(), key)})


def signed_path(key: str, name: str, *, seed: str | None = None, **parameters: str) -> str:
    """The address of that text with its extension, signed with its seed."""
    said = {"exp": LATER, **parameters}
    seed = name.partition(".")[0] if seed is None else seed
    return f"/avatar/{quote(name)}?" + urlencode({**said, "sig": sign([("seed", seed), *said.items()], key)})


BY_QUERY: Final = signed_query(KEY, seed="jane", eye_color="blue")
BY_PATH: Final = signed_path(KEY, "jane.png", eye_color="blue")
BY_HASH: Final = signed_path(KEY, f"{HASH}.jpg")


def edited() -> Iterator[str]:
    """The addresses with one thing changed that is signed."""
    for address in (BY_QUERY, BY_PATH):
        yield address + "&mood=official"
        yield address + "&mood="
        yield address + "&variant=1"
        yield address + "&glasses=true"
        yield address + "&eye_color=blue"
        yield address + "&eye_color=green"
        yield address + "&exp=" + LATER
        yield address + "&sig="
        yield address + "&sig=" + "0" * 64
        yield address.replace("eye_color=blue", "eye_color=green")
        yield address.replace("eye_color=blue", "eye_color=Blue")
        yield address.replace("eye_color=blue", "")
        yield address.replace("eye_color", "%65ye_colo")
        yield address.replace(f"exp={LATER}", "exp=9999999999")
        yield address.replace(f"exp={LATER}", f"exp=0{LATER}")
        yield address.replace("sig=", "sig=0")
        yield address.replace("sig=", "SIG=")
        yield address.replace("jane", "john")
        yield address.replace("jane", "Jane")
    yield BY_QUERY + "&seed=jane"
    yield BY_QUERY.replace("seed=jane&", "")
    yield BY_QUERY.replace("seed=", "seed=%20")
    yield BY_QUERY.replace("/avatar?", f"/avatar/{HASH}?")
    yield BY_QUERY.replace("/avatar?", "/avatar/john?")
    yield BY_PATH.replace("/avatar/jane.png?", "/avatar?")
    yield BY_PATH.replace("/avatar/jane.png?", "/avatar/jane.tiff?")
    yield BY_PATH.replace("jane.png", "jane.png.png")
    yield BY_HASH.replace(HASH, HASH[::-1])
    yield BY_HASH.replace(HASH, f"{HASH}0")
    yield BY_HASH + "&mood=official"
    yield signed_query(f"{KEY}x", seed="jane")


def test_forty_edited_addresses_pay_nothing_and_show_a_picture(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, AVATARS_SIGNING_KEY=KEY)
    addresses = list(edited())
    assert len(addresses) >= 40

    for address in addresses * 2:
        answer = service.client.get(address + "&format=svg")
        assert answer.status_code == 200, address
        assert answer.headers.get("x-avatar-signature") in ({None} if "SIG=" in address else {"wrong"}), address
        assert answer.headers["x-avatar-status"] == "provisional"
    service.stop()
    service.stop = lambda: None  # type: ignore[method-assign]  # it is stopped already
    assert not provider.calls


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        (BY_QUERY, BY_QUERY + "&size=64&format=webp&v=2&_=1&utm_source=x&amp;size=9&s=5&d=404"),
        (BY_PATH, BY_PATH.replace(".png", ".webp") + "&size=64&seed=john&v=2&v=3"),
        (BY_PATH, BY_PATH.replace(".png", "")),
        (BY_PATH, BY_PATH.replace("/avatar/jane.png?", "/avatar?seed=jane&")),
        (BY_HASH, BY_HASH.replace(HASH, HASH.upper()) + "&s=200&d=404&default=x&f=n&forcedefault=n&r=g&rating=pg"),
    ],
)
def test_what_is_not_signed_may_be_changed(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve, address: str, asked: str
) -> None:
    service = serve(paid, AVATARS_SIGNING_KEY=KEY)

    first = service.client.get(asked)
    wait_until(lambda: service.client.get(address).headers["x-avatar-status"] == "kept")
    kept = [service.client.get(asked) for _ in range(3)]
    head = service.client.head(asked)

    assert first.headers.get("x-avatar-signature", "valid") == "valid"
    assert {answer.headers["x-avatar-signature"] for answer in [*kept, head]} == {"valid"}
    assert {answer.headers["x-avatar-status"] for answer in [*kept, head]} == {"kept"}
    assert provider.paid == 1


def test_a_signature_ends_though_its_answer_is_remembered(
    paid: dict[str, str], provider: LoopbackProvider, serve: Serve
) -> None:
    service = serve(paid, AVATARS_SIGNING_KEY=KEY)
    ends = int(time.time()) + 4
    address = signed_query(KEY, seed="jane", exp=str(ends))
    service.client.get(address)
    wait_until(lambda: service.client.get(address).headers["x-avatar-status"] == "kept")

    wait_until(lambda: time.time() > ends + 1)
    answer = service.client.get(address)

    assert (answer.headers["x-avatar-signature"], answer.headers["x-avatar-status"]) == ("expired", "kept")
    assert provider.paid == 1


def test_what_is_signed_within_a_day_has_one_address() -> None:
    assert end_of_day(0) == 0
    assert end_of_day(1) == end_of_day(86_399.5) == end_of_day(86_400) == 86_400
    assert end_of_day(86_400.25) == 172_800
