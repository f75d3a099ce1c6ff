"""Faces whose SVG stands in the page itself: they leave each other alone."""

import io
from base64 import b64encode
from itertools import islice, product
from typing import Final

import resvg_py
from PIL import Image, ImageChops
from playwright.sync_api import Page

from avatars_as_a_service.domain.features import Features, HeadShape, Mood, SkinTone
from avatars_as_a_service.providers.local_artist import draw

SIDE: Final = 96
COLUMNS: Final = 6
FACES: Final = [
    draw(Features(mood=mood, head_shape=head_shape, skin_tone=skin_tone, glasses=number % 3 == 0, variant=number * 7))
    for number, (mood, head_shape, skin_tone) in enumerate(islice(product(Mood, HeadShape, SkinTone), 30))
]


def test_thirty_faces_in_one_page_look_as_each_does_alone(page: Page) -> None:
    together = shown(page, FACES)
    alone = shown(
        page, [f'<img src="data:image/svg+xml;base64,{b64encode(face.encode()).decode()}">' for face in FACES]
    )

    assert len(set(FACES)) == 30
    assert together.size == (COLUMNS * SIDE, 5 * SIDE)
    assert ImageChops.difference(together, alone).getbbox() is None


def test_chromium_draws_what_resvg_draws(page: Page) -> None:
    drawn = shown(page, FACES)

    for number, face in enumerate(FACES):
        left, top = number % COLUMNS * SIDE, number // COLUMNS * SIDE
        png = bytes(resvg_py.svg_to_bytes(svg_string=face, width=SIDE, height=SIDE))
        expected = Image.open(io.BytesIO(png)).convert("RGB")
        bands = ImageChops.difference(drawn.crop((left, top, left + SIDE, top + SIDE)), expected).split()
        most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
        assert sum(most.histogram()[33:]) / SIDE**2 < 0.02, number


def shown(page: Page, faces: list[str]) -> Image.Image:
    """Return the page with these faces, in rows of six."""
    page.set_content(
        "<!doctype html><title>faces</title><style>body { margin: 0 }"
        f" main {{ display: grid; grid-template-columns: repeat({COLUMNS}, {SIDE}px); width: {COLUMNS * SIDE}px }}"
        f" main > * {{ width: {SIDE}px; height: {SIDE}px }}</style><main>{''.join(faces)}</main>",
        wait_until="load",
    )
    return Image.open(io.BytesIO(page.locator("main").screenshot())).convert("RGB")
