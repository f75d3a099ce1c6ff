"""SVG elements: the few that a picture needs."""

from typing import Final

from avatars_as_a_service.providers.local_artist.outlines import number

SIDE: Final = 512


def document(*content: str) -> str:
    """A complete picture, its x counted from the centre line."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">'
        f'<g transform="translate({SIDE // 2} 0)">{"".join(content)}</g></svg>'
    )


def shape(outline: str, colour: str, opacity: float = 1) -> str:
    """A filled outline."""
    return f'<path d="{outline}" fill="{colour}"{_seen_through("fill", opacity)}/>'


def line(outline: str, colour: str, width: float, opacity: float = 1) -> str:
    """A line with round ends."""
    return (
        f'<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{number(width)}"'
        f' stroke-linecap="round" stroke-linejoin="round"{_seen_through("stroke", opacity)}/>'
    )


def cut_out(name: str, outline: str, content: str) -> str:
    """What of the content lies within the outline; where the outline crosses itself there are holes."""
    return (
        f'<clipPath id="{name}"><path clip-rule="evenodd" d="{outline}"/></clipPath>'
        f'<g clip-path="url(#{name})">{content}</g>'
    )


def moved(content: str, x: float, y: float) -> str:
    """The content, ``x`` to the right and ``y`` down."""
    return f'<g transform="translate({number(x)} {number(y)})">{content}</g>'


def enlarged(content: str, factor: float) -> str:
    """The content, grown by this factor from the middle of the lower edge."""
    return f'<g transform="translate(0 {number(SIDE * (1 - factor))}) scale({number(factor)})">{content}</g>'


def _seen_through(paint: str, opacity: float) -> str:
    return "" if opacity == 1 else f' {paint}-opacity="{number(opacity)}"'
