"""Outlines: path data in the picture's own coordinates.

x runs from the centre line of the face to the right (``-256`` to ``256``), y from the top of the picture downwards
(``0`` to ``512``). Every point is written ``x,y``; the commands are ``M``, ``L``, ``C`` and ``Z``, always absolute.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

_POINT: Final = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
_STEP: Final = re.compile(r"([MLC])([^MLCZ]*)")
_KAPPA: Final = 0.5523  # how far the handles of a quarter circle reach, in radii


def number(value: float) -> str:
    """Write the value as SVG text, rounded to tenths: ``3``, ``-0.5``, ``12.2``."""
    tenths = round(value * 10)
    if tenths % 10 == 0:
        return str(tenths // 10)
    whole, rest = divmod(abs(tenths), 10)
    return f"{'-' if tenths < 0 else ''}{whole}.{rest}"


def redrawn(outline: str, place: Callable[[float, float], tuple[float, float]]) -> str:
    """Move each point of the outline to the position that ``place`` returns."""

    def point(found: re.Match[str]) -> str:
        x, y = place(float(found[1]), float(found[2]))
        return f"{number(x)},{number(y)}"

    return _POINT.sub(point, outline)


def moved(outline: str, x: float, y: float) -> str:
    """Move the outline ``x`` to the right and ``y`` down."""
    return redrawn(outline, lambda left, top: (left + x, top + y))


def flipped(outline: str) -> str:
    """Mirror the outline to the other side of the face."""
    return redrawn(outline, lambda x, y: (-x, y))


def both(outline: str) -> str:
    """Return the outline and its mirror image."""
    return f"{outline} {flipped(outline)}"


def mirrored(half: str) -> str:
    """Close a symmetric outline from its right half, which is drawn from the top to the bottom."""
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
    """Return a full circle."""
    return oval(x, y, radius, radius)


def oval(x: float, y: float, wide: float, high: float) -> str:
    """Return an upright ellipse with these half axes."""
    left, west, middle, east, right = map(number, (x - wide, x - wide * _KAPPA, x, x + wide * _KAPPA, x + wide))
    top, north, level, south, bottom = map(number, (y - high, y - high * _KAPPA, y, y + high * _KAPPA, y + high))
    return (
        f"M{middle},{top} C{east},{top} {right},{north} {right},{level}"
        f" C{right},{south} {east},{bottom} {middle},{bottom}"
        f" C{west},{bottom} {left},{south} {left},{level}"
        f" C{left},{north} {west},{top} {middle},{top}Z"
    )


def curls(*corners: tuple[float, float], depth: float = 0.55) -> str:
    """Return a line of curls: one bulge from each corner to the next, to the left of the way.

    ``depth`` is how far a bulge's handles reach, in distances between its corners.
    """
    bulges = []
    for (x, y), (next_x, next_y) in pairwise(corners):
        away_x, away_y = (next_y - y) * depth, (x - next_x) * depth
        handles = (x + away_x, y + away_y), (next_x + away_x, next_y + away_y)
        bulges.append("C" + " ".join(f"{number(a)},{number(b)}" for a, b in (*handles, (next_x, next_y))))
    return " ".join(bulges)


def box(x: float, y: float, wide: float, high: float) -> str:
    """Return a rectangle; ``x`` and ``y`` are its upper left corner."""
    return f"M{x},{y} L{x + wide},{y} L{x + wide},{y + high} L{x},{y + high}Z"
