"""The pages as they are served: kept by browsers, compressed, under a strict policy, and all of them in the package."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from avatars_as_a_service.domain.features import EyeColor, HeadShape, Mood, NoseType, SkinTone, SmileType
from tests.support.service_runner import new_service

PAGES = ["/", "/gallery", "/dashboard"]
FOLDER = Path(__file__).parents[2] / "avatars_as_a_service" / "web" / "pages"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Of one service without a key."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DB_STRING", f"sqlite:///{folder}/avatars.db")
        service = new_service().start()
    yield service.client
    service.stop()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_that_stands_in_it_and_loads_nothing_from_elsewhere(
    client: httpx.Client, path: str
) -> None:
    page = client.get(path)

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.text)
    assert "{{" not in page.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_links_to_all_its_siblings(client: httpx.Client, path: str) -> None:
    links = set(re.findall(r'href="([^"]*)"', client.get(path).text))

    assert {"./", "gallery", "dashboard", "docs"} <= links
    assert client.get(path).text.count('aria-current="page"') == 1


def test_the_page_of_the_api_links_to_them(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()["info"]["description"]

    assert {"(./)", "(gallery)", "(dashboard)"} <= set(re.findall(r"\([./a-z]+\)", description))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_asked_for_anew_and_sent_only_where_it_has_changed(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    again = client.get(path, headers={"If-None-Match": page.headers["etag"]})

    assert page.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(path).headers["etag"] == page.headers["etag"]


def assets(client: httpx.Client) -> list[str]:
    fingerprint = re.search(r"assets/[0-9a-f]{12}/", client.get("/").text)
    assert fingerprint is not None
    names = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()]
    return [f"/{fingerprint[0]}{name}" for name in names if name.endswith((".css", ".js", ".svg", ".woff2"))]


def test_its_files_are_kept_for_ever_and_compressed(client: httpx.Client) -> None:
    for address in assets(client):
        file = client.get(address)
        assert file.status_code == 200, address
        assert "immutable" in file.headers["cache-control"]
        assert file.headers["x-content-type-options"] == "nosniff"
        assert (file.headers.get("content-encoding") == "gzip") is not address.endswith(".woff2")
        plain = client.get(address, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == file.content


def test_a_file_of_another_version_s_page_is_there_and_not_kept(client: httpx.Client) -> None:
    file = client.get("/assets/000000000000/base.css")

    assert (file.status_code, file.headers["cache-control"]) == (200, "no-store")


def test_nothing_else_is_served_from_there(client: httpx.Client) -> None:
    for name in ("", "studio.html", "vendor/README.md", "..%2fapp.py", "%2e%2e/app.py", "nothing.js"):
        assert client.get(f"/assets/000000000000/{name}").status_code == 404


def test_every_value_of_every_feature_can_be_chosen(client: httpx.Client) -> None:
    form, filters = client.get("/").text, client.get("/gallery").text

    for kind in (Mood, HeadShape, SkinTone, SmileType, NoseType, EyeColor):
        for value in kind:
            assert f'value="{value}"' in form
            assert f'value="{value}"' in filters


def test_each_of_them_has_its_colour_or_its_sketch(client: httpx.Client) -> None:
    form, style = client.get("/").text, (FOLDER / "studio.css").read_text()

    for address in re.findall(r'src="(sketch[^"]*)"', form):
        sketch = client.get(f"/{address.replace('&amp;', '&')}")
        assert (sketch.status_code, sketch.headers["content-type"]) == (200, "image/svg+xml")
    for swatch in re.findall(r'class="swatch ([\w-]+)"', form):
        assert f".{swatch} {{" in style


def test_what_others_wrote_has_its_licence_and_version() -> None:
    vendored = (FOLDER / "vendor" / "README.md").read_text()

    for folder in (path for path in (FOLDER / "vendor").iterdir() if path.is_dir()):
        assert (folder / "LICENSE").read_text().strip()
        assert f"{folder.name}/LICENSE" in vendored
    (version,) = re.findall(r"\(v([\d.]+)\)", (FOLDER / "vendor/uplot/uplot.iife.min.js").read_text()[:100])
    assert f"| {version} |" in vendored
