"""Other renderers show a drawing as resvg does: librsvg, and Qt where PySide6 is installed."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageChops

from avatars_as_a_service.domain.features import Features, HairStyle, Mood, SkinTone
from avatars_as_a_service.providers.local_artist import draw
from tests.support.databases import REQUIRED
from tests.unit.test_local_artist import raster

SIDE: Final = 256
FACES: Final = [
    Features(
        mood=list(Mood)[number % 2],
        skin_tone=list(SkinTone)[number % 3],
        hair_style=hair_style,
        glasses=number % 4 == 0,
        variant=number,
    )
    for number, hair_style in enumerate(HairStyle)
]


def test_librsvg_draws_what_resvg_draws() -> None:
    program = shutil.which("rsvg-convert")
    if program is None:
        (pytest.fail if REQUIRED else pytest.skip)("no rsvg-convert is there: apt-get install librsvg2-bin")

    for face in FACES:
        command = [program, "--width", str(SIDE), "--height", str(SIDE)]
        png = subprocess.run(command, input=draw(face).encode(), capture_output=True, check=True).stdout

        assert percent_apart(face, png) < 2, face


def test_qt_draws_what_resvg_draws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    gui = pytest.importorskip("PySide6.QtGui", reason="Qt is not there: pip install PySide6_Essentials")
    svg = pytest.importorskip("PySide6.QtSvg")
    application = gui.QGuiApplication.instance() or gui.QGuiApplication([])

    for face in FACES:
        image = gui.QImage(SIDE, SIDE, gui.QImage.Format.Format_RGB32)
        painter = gui.QPainter(image)
        painter.setRenderHint(gui.QPainter.RenderHint.Antialiasing)
        svg.QSvgRenderer(draw(face).encode()).render(painter)
        painter.end()
        image.save(str(tmp_path / "face.png"))

        assert percent_apart(face, (tmp_path / "face.png").read_bytes()) < 2, face
    application.quit()


def percent_apart(face: Features, png: bytes) -> float:
    """Return the percentage of pixels that differ by more than 16 of 255 in some channel from what resvg draws."""
    red, green, blue = ImageChops.difference(raster(face, SIDE), Image.open(io.BytesIO(png)).convert("RGB")).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return 100 * sum(most.histogram()[17:]) / SIDE**2
