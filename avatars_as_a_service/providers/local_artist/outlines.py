"""Outlines: path data in the picture's own coordinates.

x runs from the centre line of the face to the right (``-256`` to ``256``), y from the top of the picture downwards
(``0`` to ``512``). Every point is written ``x,y``; the commands are ``M``, ``L``, ``C`` and ``Z``, always absolute.
"""

import re
from collections.abc import Callable
from typing import Final

_POINT: Final = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
_STEP: Final = re.compile(r"([MLC])([^MLCZ]*)")
_KAPPA: Final = 0.5523  # how far the handles of a quarter circle reach, in radii


def number(value: float) -> str:
    """The value as SVG text, rounded to hundredths: ``3``, ``-0.5``, ``12.25``."""
    hundredths = round(value * 100)
    if hundredths % 100 == 0:
        return str(hundredths // 100)
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02}".rstrip("0")


def redrawn(outline: str, place: Callable[[float, float], tuple[float, float]]) -> str:
    """The outline with each of its points where ``place`` puts it."""

    def point(found: re.Match[str]) -> str:
        x, y = place(float(found[1]), float(found[2]))
        return f"{number(x)},{number(y)}"

    return _POINT.sub(point, outline)


def moved(outline: str, x: float, y: float) -> str:
    """The outline, ``x`` to the right and ``y`` down."""
    return redrawn(outline, lambda left, top: (left + x, top + y))


def flipped(outline: str) -> str:
    """The outline's mirror image on the other side of the face."""
    return redrawn(outline, lambda x, y: (-x, y))


def both(outline: str) -> str:
    """The outline and its mirror image."""
    return f"{outline} {flipped(outline)}"


def mirrored(half: str) -> str:
    """A closed, symmetric outline from its right half, which is drawn from the top to the bottom."""
    corners: list[str] = []
    back: list[str] = []
    for command, points in _STEP.findall(half):
        *handles, corner = points.split()
        if command != "M":
            back.append(f"{command}{' '.join([*reversed(handles), corners[-1]])}")
        corners.append(corner)
    other_half = flipped(" ".join([f"L{corners[-1]}", *reversed(back)]))
    return f"{half} {other_half}Z"


def disc(x: float, y: float, radius: float) -> str:
    """A full circle."""
    return oval(x, y, radius, radius)


def oval(x: float, y: float, wide: float, high: float) -> str:
    """An upright ellipse of these half axes."""
    left, west, middle, east, right = map(number, (x - wide, x - wide * _KAPPA, x, x + wide * _KAPPA, x + wide))
    top, north, level, south, bottom = map(number, (y - high, y - high * _KAPPA, y, y + high * _KAPPA, y + high))
    return (
        f"M{middle},{top} C{east},{top} {right},{north} {right},{level}"
        f" C{right},{south} {east},{bottom} {middle},{bottom}"
        f" C{west},{bottom} {left},{south} {left},{level}"
        f" C{left},{north} {west},{top} {middle},{top}Z"
    )


def box(x: float, y: float, wide: float, high: float) -> str:
    """A rectangle from its upper left corner."""
    return f"M{x},{y} L{x + wide},{y} L{x + wide},{y + high} L{x},{y + high}Z"
