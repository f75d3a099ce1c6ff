"""Signed URLs: what is signed cannot be changed, and the snippets of docs/embedding.md sign as the service does."""

import hmac
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatars_as_a_service.domain.signing import UNSIGNED, Verdict, sign, signed_query, verdict
from avatars_as_a_service.settings import WrongSetting, load_settings
from tests.support.databases import REQUIRED
from tests.support.markdown import ROOT, blocks

KEY: Final = "0123456789abcdef"
NOW: Final = 1_800_000_000.0
LATER: Final = "1800000100"
SNIPPETS: Final = {block.language: block.text for block in blocks(ROOT / "docs/embedding.md")}
ODD: Final = {"seed": "Zoë & co / a+b ~*'()!\t\"%26\u2028🙂", "mood": "official", "size": "64", "format": "webp"}


def signed(*parameters: tuple[str, str], key: str = KEY) -> list[tuple[str, str]]:
    return [*parameters, ("sig", sign(parameters, key))]


def test_a_known_signature() -> None:
    """If this fails, every address that was ever signed is void."""
    parameters = [("seed", "Zoë & co"), ("mood", "official"), ("exp", LATER), ("size", "64")]

    assert sign(parameters, KEY) == "144ac3910578eede2432f5a8776ce2c25569c9674650ad21d44aa8a73c2e751a"


def test_what_is_signed_is_valid_in_any_order_until_it_expires() -> None:
    pairs = signed(("seed", "jane"), ("exp", LATER))

    assert verdict(pairs, KEY, now=NOW) is Verdict.VALID
    assert verdict(reversed(pairs), KEY, now=NOW) is Verdict.VALID
    assert verdict(pairs, KEY, now=float(LATER)) is Verdict.VALID
    assert verdict(pairs, KEY, now=float(LATER) + 1) is Verdict.EXPIRED


@pytest.mark.parametrize("more", [[("size", "64")], [("format", "png")], [("format", "svg"), ("size", "1024")]])
def test_size_and_format_may_be_changed(more: list[tuple[str, str]]) -> None:
    assert verdict([*more, *signed(("seed", "jane"), ("exp", LATER))], KEY, now=NOW) is Verdict.VALID


@pytest.mark.parametrize(
    "changed",
    [
        [("seed", "john"), ("exp", LATER)],
        [("seed", "Jane"), ("exp", LATER)],
        [("seed", "jane "), ("exp", LATER)],
        [("seed", "jane"), ("exp", "1900000000")],
        [("seed", "jane"), ("exp", f"0{LATER}")],
        [("seed", "jane"), ("exp", LATER), ("mood", "official")],
        [("seed", "jane"), ("exp", LATER), ("mood", "")],
        [("seed", "jane"), ("exp", LATER), ("variant", "1")],
        [("exp", LATER)],
        [("seed", "jane")],
        [("seed", "jane"), ("exp", "")],
        [("SEED", "jane"), ("exp", LATER)],
        [("seed", "jane"), ("exp", LATER), ("seed", "jane")],
        [("seed", "jane"), ("exp", LATER), ("size", "64"), ("size", "32")],
        [("seed", f"jane&exp={LATER}")],
        [("seed=jane&exp", LATER)],
    ],
)
def test_whatever_else_is_changed_makes_it_wrong(changed: list[tuple[str, str]]) -> None:
    signature = sign([("seed", "jane"), ("exp", LATER)], KEY)

    assert verdict([*changed, ("sig", signature)], KEY, now=NOW) is Verdict.WRONG


@pytest.mark.parametrize("sig", ["", "0" * 64, "é", "x" * 10_000, "\ud800".encode("utf-8", "replace").decode()])
def test_nonsense_is_no_signature(sig: str) -> None:
    assert verdict([("seed", "jane"), ("exp", LATER), ("sig", sig)], KEY, now=NOW) is Verdict.WRONG


@pytest.mark.parametrize("exp", ["-1", "1e9", "٣" * 10, "1800000100.0", " 1800000100", "9" * 13, "9" * 5_000, "now"])
def test_a_moment_that_is_none_is_wrong_although_it_is_signed(exp: str) -> None:
    assert verdict(signed(("seed", "jane"), ("exp", exp)), KEY, now=NOW) is Verdict.WRONG


@pytest.mark.parametrize("form", ["{}\n", "{}\r\n", '"{}"', "'{}'"])
def test_what_was_signed_stays_valid_when_the_line_end_or_the_quotes_of_the_key_are_removed(form: str) -> None:
    text = f"exp={LATER}&seed=jane"
    signature = hmac.new(form.format(KEY).encode(), text.encode(), "sha256").hexdigest()

    assert verdict([("seed", "jane"), ("exp", LATER), ("sig", signature)], KEY, now=NOW) is Verdict.VALID


def test_a_key_signs_without_its_line_end_and_what_was_signed_with_it_stays_valid() -> None:
    line = f" {KEY}\r\n"
    parameters = [("seed", "jane"), ("exp", LATER)]
    text = f"exp={LATER}&seed=jane"
    of_yesterday = [*parameters, ("sig", hmac.new(line.encode(), text.encode(), "sha256").hexdigest())]
    of_half = [*parameters, ("sig", hmac.new(f"{KEY}\r".encode(), text.encode(), "sha256").hexdigest())]

    assert sign(parameters, line) == sign(parameters, KEY)
    assert verdict(signed(*parameters), line, now=NOW) is Verdict.VALID
    assert verdict(of_yesterday, line, now=NOW) is Verdict.VALID
    assert verdict(of_yesterday, KEY, now=NOW) is Verdict.WRONG
    assert verdict(of_half, line, now=NOW) is Verdict.WRONG


def test_without_a_key_nothing_is_valid_and_without_a_signature_there_is_nothing_to_judge() -> None:
    pairs = signed(("seed", "jane"), ("exp", LATER))

    assert verdict(pairs, None, now=NOW) is Verdict.WRONG
    assert verdict(pairs, KEY[::-1], now=NOW) is Verdict.WRONG
    assert verdict([("seed", "jane"), ("exp", LATER)], KEY, now=NOW) is None


@given(
    st.dictionaries(st.text(), st.text()),
    st.dictionaries(st.text(), st.text()),
)
def test_no_two_sets_of_parameters_share_a_signature(one: dict[str, str], other: dict[str, str]) -> None:
    bound = [{name: said for name, said in each.items() if name not in UNSIGNED} for each in (one, other)]

    alike = sign(one.items(), KEY) == sign(other.items(), KEY)

    assert alike is (bound[0] == bound[1])


def test_a_signed_query_is_valid_as_a_browser_sends_it() -> None:
    query = signed_query(ODD.items(), KEY, expires=int(LATER))

    assert verdict(parse_qsl(query, keep_blank_values=True), KEY, now=NOW) is Verdict.VALID


@pytest.mark.parametrize("key", ["short", "x" * 15])
def test_a_key_that_could_be_guessed_stops_the_start(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATARS_SIGNING_KEY", key)

    with pytest.raises(WrongSetting, match=r"^AVATARS_SIGNING_KEY: has fewer than 16 characters") as wrong:
        load_settings()

    assert key not in str(wrong.value)


# --- the snippets of docs/embedding.md ---


def wants(command: str, package: str) -> pytest.MarkDecorator:
    is_missing = shutil.which(command) is None and not REQUIRED
    return pytest.mark.skipif(is_missing, reason=f"there is no {command}: apt-get install {package}")


def check_address(address: str) -> None:
    parts = urlsplit(address.strip())
    said = parse_qsl(parts.query, keep_blank_values=True)

    assert parts.path == "/avatar"
    assert dict(said) | ODD == dict(said)
    assert verdict(said, KEY, now=NOW) is Verdict.VALID
    assert verdict(said, KEY, now=NOW * 3) is Verdict.EXPIRED


def test_the_page_on_embedding_signs_in_python() -> None:
    names: dict[str, object] = {}
    exec(SNIPPETS["python"], names)  # noqa: S102 - our own page

    check_address(names["signed_avatar"](ODD, KEY, 20_000))  # type: ignore[operator]  # the function of that name


@wants("node", "nodejs")
def test_the_page_on_embedding_signs_in_javascript(tmp_path: Path) -> None:
    call = f"console.log(signedAvatar({ODD!r}, {KEY!r}, 20000));".replace("\u2028", "\\u2028")
    (tmp_path / "sign.mjs").write_text(f"{SNIPPETS['javascript']}\n{call}")

    check_address(subprocess.run(["node", "sign.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout)


@wants("php", "php-cli")
def test_the_page_on_embedding_signs_in_php(tmp_path: Path) -> None:
    pairs = ", ".join(f"{name!r} => base64_decode('{b64encode(said.encode()).decode()}')" for name, said in ODD.items())
    (tmp_path / "sign.php").write_text(f"<?php\n{SNIPPETS['php']}\necho signed_avatar([{pairs}], {KEY!r}, 20000);")

    check_address(subprocess.run(["php", "sign.php"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
