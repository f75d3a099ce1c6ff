"""How a rendition is made: whatever its original is, it is upright, in sRGB, without metadata, and not too large."""

import subprocess
import sys
from io import BytesIO
from typing import Any, Final

import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw

from avatars_as_a_service.domain.features import Features
from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.imaging.render_job import JOB_JSON, RESULT_JSON, RenderJob, RenderRequest
from avatars_as_a_service.imaging.render_pool import CannotRender, RenderPool
from avatars_as_a_service.imaging.rendering import render
from avatars_as_a_service.imaging.vector import resized
from avatars_as_a_service.providers.local import local_picture

FORMATS: Final = [PictureFormat.WEBP, PictureFormat.PNG, PictureFormat.JPEG, PictureFormat.AVIF]
RED: Final = (200, 30, 30)
WHITE: Final = (255, 255, 255)


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own options
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def rendered(
    data: bytes, source: PictureFormat, kind: PictureFormat = PictureFormat.PNG, size: int | None = None
) -> Image.Image:
    """The rendition of these bytes, decoded."""
    with Image.open(BytesIO(data)) as image:
        width, height = image.size
    picture = render(data, RenderRequest(source, width, height, kind, size))
    made = Image.open(BytesIO(picture.data))
    made.load()
    assert made.size == (picture.width, picture.height)
    assert made.format == picture.format.upper() == kind.upper()
    return made


def is_like(seen: Any, wanted: tuple[int, ...], tolerance: int = 12) -> bool:  # noqa: ANN401 - a pixel of any mode
    return all(abs(one - other) <= tolerance for one, other in zip(seen, wanted, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_transparent_stays_so_and_is_white_where_a_format_cannot(kind: PictureFormat) -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 31, 63), fill=(*RED, 255))

    made = rendered(encoded(image, "PNG"), PictureFormat.PNG, kind, 48)

    assert is_like(made.convert("RGB").getpixel((8, 24)), RED)
    if kind is PictureFormat.JPEG:
        assert made.mode == "RGB"
        assert is_like(made.getpixel((40, 24)), WHITE)
    else:
        assert made.getchannel("A").getpixel((40, 24)) == 0
        assert made.getchannel("A").getpixel((8, 24)) == 255


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_known_beside_the_pixels_is_left_out(kind: PictureFormat) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "what it shows", "who made it"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    beside = {"exif": exif, "icc_profile": profile, "comment": b"secret", "dpi": (300, 300)}
    data = encoded(Image.new("RGB", (64, 64), RED), "JPEG", **beside)

    for size in (None, 32):
        made = rendered(data, PictureFormat.JPEG, kind, size)

        assert not {"exif", "icc_profile", "comment", "xmp", "dpi"} & {name for name, said in made.info.items() if said}
        assert not made.getexif()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_says_how_it_is_held_is_put_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (64, 32), WHITE)
    ImageDraw.Draw(image).rectangle((0, 0, 15, 15), fill=RED)
    corners = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}

    made = rendered(encoded(image, "PNG", exif=exif), PictureFormat.PNG, size=32)

    assert made.size == ((32, 16) if orientation < 5 else (16, 32))
    x, y = (place * (side - 1) for place, side in zip(corners[orientation], made.size, strict=True))
    assert is_like(made.getpixel((x, y)), RED)


def test_colours_of_another_space_become_srgb() -> None:
    """A profile whose red and green are exchanged: who left it out would show green for red."""
    srgb = ImageCms.createProfile("sRGB")
    profile = ImageCms.ImageCmsProfile(srgb).tobytes()
    swapped = profile.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
    assert swapped != profile

    for kind in (PictureFormat.PNG, PictureFormat.JPEG, PictureFormat.WEBP):
        data = encoded(Image.new("RGB", (32, 32), (30, 200, 30)), kind.upper(), icc_profile=swapped)

        red, green, _ = rendered(data, kind).getpixel((16, 16))  # type: ignore[misc]  # an RGB pixel

        assert red > green + 100


@pytest.mark.parametrize("profile", [b"no profile", b"", bytes(200)])
def test_a_broken_profile_says_nothing(profile: bytes) -> None:
    data = encoded(Image.new("RGB", (32, 32), RED), "PNG", icc_profile=profile or None)

    assert is_like(rendered(data, PictureFormat.PNG).getpixel((16, 16)), RED)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_can_be_made_into_everything(mode: str, kind: PictureFormat) -> None:
    white = Image.new(mode, (40, 30), 0xFFFF) if mode == "I;16" else Image.new("RGB", (40, 30), WHITE).convert(mode)

    made = rendered(encoded(white, "PNG"), PictureFormat.PNG, kind)

    assert is_like(made.convert("RGB").getpixel((20, 15)), WHITE)


def test_deep_grey_keeps_its_brightness() -> None:
    image = Image.new("I;16", (40, 30), 0x8080)

    assert is_like(rendered(encoded(image, "PNG"), PictureFormat.PNG).getpixel((20, 15)), (128, 128, 128))


def test_cmyk_becomes_rgb() -> None:
    data = encoded(Image.new("CMYK", (40, 30), (0, 255, 255, 0)), "JPEG")

    made = rendered(data, PictureFormat.JPEG, PictureFormat.WEBP)

    assert made.mode == "RGB"
    red, green, _ = made.getpixel((20, 15))  # type: ignore[misc]  # an RGB pixel
    assert red > green + 100


def test_one_transparent_colour_is_transparent_afterwards() -> None:
    image = Image.new("P", (40, 30), 0)
    image.putpalette([*RED, *WHITE])
    data = encoded(image, "PNG", transparency=0)

    assert rendered(data, PictureFormat.PNG).getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(
    ("width", "height", "size", "box"),
    [
        (1024, 1024, 256, (256, 256)),
        (1536, 1024, 256, (256, 171)),
        (1024, 1536, 96, (64, 96)),
        (100, 100, 256, (100, 100)),
        (100, 50, None, (100, 50)),
        (4000, 1, 32, (32, 1)),
        (1, 4000, 1024, (1, 1024)),
    ],
)
def test_a_picture_keeps_its_shape_and_is_never_enlarged(
    width: int, height: int, size: int | None, box: tuple[int, int]
) -> None:
    data = encoded(Image.new("RGB", (width, height), RED), "PNG")

    assert rendered(data, PictureFormat.PNG, size=size).size == box


def test_a_drawing_is_sharp_at_every_size() -> None:
    """Drawn at 1,024 pixels it has what 512 pixels, enlarged, cannot have: detail."""
    drawn = local_picture(Features(variant=3))
    orders = [RenderRequest(drawn.format, 512, 512, PictureFormat.PNG, size) for size in (1024, 512)]
    large, usual = (Image.open(BytesIO(render(drawn.data, job).data)).convert("L") for job in orders)

    enlarged = usual.resize((1024, 1024), Image.Resampling.LANCZOS)

    assert sum(ImageChops.difference(large, enlarged).histogram()[24:]) > 500


def test_an_svg_without_sides_is_refused() -> None:
    picture = Picture.of(b"<svg/>", format=PictureFormat.SVG, width=1, height=1)

    with pytest.raises(ValueError, match="no width and height"):
        resized(picture, (64, 64))


@pytest.mark.anyio
@pytest.mark.parametrize("data", [b"", b"no picture", encoded(Image.new("RGB", (64, 64)), "GIF")])
async def test_what_cannot_be_rendered_is_told_and_the_render_worker_goes_on(data: bytes) -> None:
    pool = RenderPool(workers=1)
    broken = Picture.of(data, format=PictureFormat.PNG, width=64, height=64)
    good = local_picture(Features())

    with pytest.raises(CannotRender):
        await pool.render(broken, RenderRequest(broken.format, 64, 64, PictureFormat.WEBP, 32))
    made = await pool.render(good, RenderRequest(good.format, 512, 512, PictureFormat.WEBP, 32))
    pool.close()

    assert (made.width, made.height) == (32, 32)


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the service has."""
    return "asyncio"


def test_a_render_worker_ends_with_its_standard_input_and_not_by_ctrl_c() -> None:
    command = [sys.executable, "-m", "avatars_as_a_service.imaging.render_worker"]
    good = local_picture(Features())
    job = RenderJob(RenderRequest(good.format, 512, 512, PictureFormat.PNG, 48), len(good.data))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        for _ in range(2):
            worker.stdin.write(JOB_JSON.dump_json(job) + b"\n" + good.data)
            worker.stdin.flush()
            made = RESULT_JSON.validate_json(worker.stdout.readline())
            assert len(worker.stdout.read(made.length)) == made.length > 0
            worker.send_signal(2)
        worker.stdin.close()
        assert worker.wait(120) == 0


@pytest.mark.parametrize("gone", ["with half its job sent", "before the answer"])
def test_a_render_worker_whose_service_is_gone_ends_in_silence(gone: str) -> None:
    command = [sys.executable, "-m", "avatars_as_a_service.imaging.render_worker"]
    good = local_picture(Features())
    job = RenderJob(RenderRequest(good.format, 512, 512, PictureFormat.PNG, 48), len(good.data))
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stderr is not None
        sent = JOB_JSON.dump_json(job) + b"\n" + good.data
        worker.stdout.close()
        worker.stdin.write(sent if gone == "before the answer" else sent[:-1])
        worker.stdin.close()

        assert worker.stderr.read() == b""
        assert worker.wait(120) == 0
