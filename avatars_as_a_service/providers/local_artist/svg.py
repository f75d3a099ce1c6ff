"""SVG elements: those that a picture needs. None has an id, so that pictures do not disturb each other in a page."""

from typing import Final

from avatars_as_a_service.providers.local_artist.outlines import number

SIDE: Final = 512
_OPENING: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}" role="img">'
    f'<title>Avatar</title><g transform="translate({SIDE // 2} 0)" stroke="none" stroke-linecap="round"'
    ' stroke-linejoin="round">'
)
_CLOSING: Final = "</g></svg>"


def document(*content: str) -> str:
    """Write a complete picture; x counts from the centre line."""
    return "".join((_OPENING, *content, _CLOSING))


def shape(outline: str, colour: str) -> str:
    """Write a filled outline."""
    return f'<path d="{outline}" fill="{colour}"/>'


def line(outline: str, colour: str, width: float) -> str:
    """Write a line with round ends."""
    return f'<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{number(width)}"/>'
