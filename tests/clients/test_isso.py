"""Isso, a comment server, unchanged: its setting for another Gravatar shows faces of this service beside comments."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.clients.installed import tool
from tests.conftest import Serve
from tests.support import patient
from tests.support.program import answers, running
from tests.support.service_runner import ThreadedService, free_port


@pytest.fixture
def service(paid: dict[str, str], serve: Serve) -> ThreadedService:
    return serve(paid, AVATARS_PROVIDER="local")


@pytest.fixture
def isso(service: ThreadedService, tmp_path: Path) -> Iterator[str]:
    """The URL of an Isso that asks the service for its Gravatars."""
    url = f"http://127.0.0.1:{free_port()}/"
    (tmp_path / "isso.cfg").write_text(
        f"[general]\ndbpath = {tmp_path}/comments.db\nhost = http://localhost/\ngravatar = true\n"
        f"gravatar-url = {service.url}/avatar/{{}}?d=identicon&s=55\n[server]\nlisten = {url}\n"
    )
    command: list[str | Path] = [tool("isso", "isso"), "-c", tmp_path / "isso.cfg", "run"]
    with running(command, tmp_path / "isso.txt", is_up=lambda: answers(f"{url}config")):
        yield url


def test_a_comment_shows_the_face_of_its_author(isso: str) -> None:
    comment = {"text": "Hello from Jane", "author": "Jane", "email": " Jane@Example.com", "title": "A post"}
    patient.post(f"{isso}new", params={"uri": "/post/"}, json=comment, headers={"Origin": "http://localhost"})

    (shown,) = patient.get(isso, params={"uri": "/post/"}).json()["replies"]
    answer = patient.get(shown["gravatar_image"], headers={"Accept": "image/svg+xml,image/*,*/*;q=0.8"})

    assert answer.headers["x-avatar-status"] == "kept"
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size) == ("PNG", (64, 64))
