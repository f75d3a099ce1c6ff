"""The contact sheet: each face in its place, in the format that the file's name says."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageChops
from typer.testing import CliRunner

from avatars_as_a_service.cli import commands
from avatars_as_a_service.domain.features import EyeColor, Features, Mood, NoseType, SkinTone
from tests.unit.test_local_artist import raster


def ended(*arguments: str | Path) -> tuple[int, str]:
    """The exit code of ``avatars sheet``, and all that it said."""
    result = CliRunner().invoke(commands, ["sheet", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.mark.parametrize("suffix", ["png", "PNG", "webp", "avif", "jpeg"])
def test_the_plain_sheet_has_nine_variants_in_both_moods(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"faces.{suffix}"

    assert ended(file) == (0, "")
    with Image.open(file) as image:
        assert (image.format, image.size) == (suffix.upper(), (9 * 104, 2 * 104))


def test_each_face_stands_in_its_place(tmp_path: Path) -> None:
    file = tmp_path / "faces.png"
    arguments = ["--across=eye_color", "--down=nose_type", "--with=skin_tone=DARK", "--with=glasses=true", "--side=64"]

    assert ended(file, *arguments) == (0, "")

    with Image.open(file) as image:
        sheet = image.convert("RGB")
    for row, nose in enumerate(NoseType):
        for column, eyes in enumerate(EyeColor):
            face = Features(skin_tone=SkinTone.DARK, glasses=True, nose_type=nose, eye_color=eyes)
            place = sheet.crop((64 * column, 64 * row, 64 * column + 64, 64 * row + 64))
            assert _greatest_difference(place, raster(face, 64)) <= 32, (nose, eyes)


def test_an_svg_sheet_is_one_picture(tmp_path: Path) -> None:
    file = tmp_path / "faces.svg"

    assert ended(file, "--variants", "3", "--down", "mood", "--side", "100") == (0, "")

    root = ET.fromstring(file.read_text())  # noqa: S314 - our own drawing
    assert len(root) == 3 * len(Mood)
    assert (root.get("width"), root.get("height")) == ("300", "200")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["faces.gif"], "faces.gif"),
        (["faces.png", "--across", "hat"], "hat"),
        (["faces.png", "--with", "eye_color=pink"], "eye_color=pink"),
        (["faces.png", "--with", "glasses"], "glasses"),
        (["faces.png", "--variants", "101"], "--variants"),
        (["faces.png", "--variants", "100", "--down", "variant", "--side", "1024"], "pixels"),
    ],
)
def test_what_cannot_be_drawn_is_named_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], named: str
) -> None:
    monkeypatch.chdir(tmp_path)

    code, said = ended(*arguments)

    assert code == 2
    assert named in said
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "faces.svg"

    code, said = ended(file)

    assert code == 1
    assert len(said.splitlines()) == 1
    assert str(file) in said


def test_the_readme_s_sheet_is_small() -> None:
    assert (Path(__file__).parents[2] / "docs/faces.png").stat().st_size < 200_000


def _greatest_difference(one: Image.Image, other: Image.Image) -> int:
    """In any channel of any pixel."""
    bands = ImageChops.difference(one, other).split()
    return max(value for band in bands for value, count in enumerate(band.histogram()) if count)
